"""What was told already, kept over restarts, so that a threshold is told once a month."""

import json
import os
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

NAME = "told.json"


class Told:
    """One small file in a folder; only the newest month is kept."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def new(self, thresholds: Iterable[str], day: date) -> list[str]:
        """Return those that were not told in the month of this day."""
        known = self._of(day)
        return [one for one in thresholds if one not in known]

    def add(self, thresholds: Iterable[str], day: date) -> None:
        """Keep that these were told. The file is whole at any moment.

        Raises:
            OSError: If the folder cannot be written to.
        """
        content = {"month": _month(day), "told": sorted({*self._of(day), *thresholds})}
        with tempfile.NamedTemporaryFile("w", dir=self._path.parent, delete=False) as aside:
            json.dump(content, aside)
            aside.flush()
            os.fsync(aside.fileno())
        Path(aside.name).replace(self._path)

    def _of(self, day: date) -> set[str]:
        try:
            content = json.loads(self._path.read_text())
        except FileNotFoundError:
            return set()
        return set(content["told"]) if content["month"] == _month(day) else set()


def _month(day: date) -> str:
    return f"{day:%Y-%m}"
