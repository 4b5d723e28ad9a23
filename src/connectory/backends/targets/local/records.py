"""Small JSON files that are replaced as a whole."""

import dataclasses
import json
import os
import tempfile
from pathlib import Path
from typing import TypeVar

from connectory.backends.targets.local.shim.contract import Config, State, Used
from connectory.gates import disk

Record = TypeVar("Record", Config, State, Used)


def parse(content: bytes, kind: type[Record]) -> Record | None:
    """Read a record, also one of a newer release with more in it; None if it is not whole."""
    known = kind.__annotations__
    try:
        values = json.loads(content)
        return kind(**{name: value for name, value in values.items() if name in known})
    except (ValueError, TypeError, AttributeError):
        return None


def read(path: Path, kind: type[Record]) -> Record | None:
    """Read the record in a file; None if there is none that is whole."""
    try:
        return parse(path.read_bytes(), kind)
    except FileNotFoundError:
        return None


def write(path: Path, record: Config | State) -> None:
    """Keep a record durably in a file, instead of what was there."""
    write_whole(path, json.dumps(dataclasses.asdict(record)).encode())


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in place so that nobody sees a part of it, whatever happens.

    Raises:
        StorageFullError: If the disk is full; the file is as it was.
    """
    with (
        disk.writing(path),
        tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as aside,
    ):
        try:
            aside.write(content)
            aside.flush()
            os.fsync(aside.fileno())
            Path(aside.name).replace(path)
        except BaseException:
            Path(aside.name).unlink()
            raise
    disk.sync_folder(path.parent)
