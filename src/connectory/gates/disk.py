"""Writing to this machine's disk: what is kept must be on it, and a full disk has a name."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from connectory.kernel.errors import ConnectoryError, Kind

FULL = {errno.ENOSPC, errno.EDQUOT}


class StorageFullError(ConnectoryError):
    """The disk or the quota of the data directory has no space left."""

    kind: ClassVar[Kind] = Kind.STORAGE_FULL
    code: ClassVar[str] = "storage-full"

    def __init__(self, where: Path | str) -> None:
        super().__init__(
            f"there is no space left under {where}",
            hint="free space on that disk, then send the request again; nothing was stored",
        )


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """Turn the operating system's word for a full disk into `StorageFullError`."""
    try:
        yield
    except OSError as failure:
        if failure.errno in FULL:
            raise StorageFullError(where) from failure
        raise


@contextmanager
def aside(folder: Path, chunks: Iterable[bytes]) -> Iterator[Path]:
    """Write the chunks to a new file in `folder`; rename it within the block to keep it.

    The bytes are on the disk when the block begins. What is still there when it ends, or when
    the chunks break off, is removed.

    Raises:
        StorageFullError: If there is no space, for the file or within the block.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            path = Path(file.name)
            try:
                file.writelines(chunks)
                file.flush()
                os.fsync(file.fileno())
                yield path
            finally:
                path.unlink(missing_ok=True)


def replace(path: Path, target: Path) -> None:
    """Rename a file into a folder of its file system; a power loss leaves old or new.

    Raises:
        StorageFullError: If there is no space for the name.
    """
    with writing(target.parent):
        target.parent.mkdir(exist_ok=True)
        path.replace(target)
        sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in `folder` survive a power loss."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def free_bytes(folder: Path) -> int:
    """Return the bytes that are free on the disk of a folder."""
    return shutil.disk_usage(folder).free
