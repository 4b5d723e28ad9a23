"""When the mirror was imported, asked often and read once for each file that is put there."""

import os
from datetime import datetime
from pathlib import Path

from connectory.advisories.mirror import Mirror, MirrorUnusableError

Identity = tuple[int, int, int, int]


class MirrorWatch:
    """Looks at one place. A mirror is replaced as a whole: its file says whether it is new."""

    def __init__(self, path: Path) -> None:
        """Note the place; there may be nothing yet."""
        self._path = path
        self._read: tuple[Identity, datetime] | None = None

    def imported(self) -> datetime | None:
        """Return when the mirror that is there now was imported, None without a usable one."""
        try:
            now = _identity(self._path.stat())  # before it is read: what comes later is new
            if self._read is None or self._read[0] != now:
                with Mirror.open(self._path) as mirror:
                    self._read = now, mirror.about().imported
        except (OSError, MirrorUnusableError):
            return None
        return self._read[1]


def _identity(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
