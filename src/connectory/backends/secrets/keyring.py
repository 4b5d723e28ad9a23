"""The key file: the keys that seal secret values, newest last, readable by its owner only.

One line per key, `<key id> <256 bits in base64>`. New values are sealed with the last key; the
older ones stay until everything is sealed anew, because they open what they sealed.
"""

import fcntl
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connectory.gates import disk
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.ids import new_id

KEY_BITS = 256
OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO


class KeyFileOpenError(ConnectoryError):
    """The key file of the secrets can be read by others than its owner."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "key-file-open"

    def __init__(self, path: Path, mode: int) -> None:
        super().__init__(
            f"the key file {path} has mode {mode:04o}, so that others can use it",
            hint=f"run `chmod 600 {path}`, and rotate the key if somebody may have read it",
        )


class KeyFileDamagedError(ConnectoryError):
    """The key file of the secrets does not have the form that it was written in."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "key-file-damaged"

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(
            f"line {line} of the key file {path} is not a key id and a 256-bit key",
            hint="restore the file from a backup; without it stored secrets cannot be opened",
        )


class KeyRing:
    """The keys in one file, made with one key at first use; processes may share it.

    The file is read at each use, so that a rotation by another process is seen.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def current(self) -> tuple[str, bytes]:
        """Return the id and the key that seal new values.

        Raises:
            KeyFileOpenError: If group or others may read or write the file.
            KeyFileDamagedError: If it cannot be understood.
        """
        return list(self._keys().items())[-1]

    def find(self, key_id: str) -> bytes | None:
        """Return the key of this id, None if the file has none; raises as `current` does."""
        return self._keys().get(key_id)

    def rotate(self) -> str:
        """Add a key that seals from now on and return its id; raises as `current` does."""
        self._keys()  # makes the file if there is none
        with self._locked():
            keys = self._read()
            key_id = _add_key(keys)
            self._write(keys)
        return key_id

    def _keys(self) -> dict[str, bytes]:
        if not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                self._create()
        return self._read()

    def _create(self) -> None:
        if not self._path.exists():  # another process may have been faster
            keys: dict[str, bytes] = {}
            _add_key(keys)
            self._write(keys)

    def _read(self) -> dict[str, bytes]:
        with self._path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & OTHERS_MAY:
                raise KeyFileOpenError(self._path, mode)
            lines = file.readlines()
        if not lines:
            raise KeyFileDamagedError(self._path, 1)
        return dict(self._key(number, line) for number, line in enumerate(lines, start=1))

    def _key(self, number: int, line: bytes) -> tuple[str, bytes]:
        try:
            key_id, encoded = line.decode("ascii").split()
            key = b64decode(encoded, validate=True)
        except ValueError:
            raise KeyFileDamagedError(self._path, number) from None
        if len(key) * 8 != KEY_BITS:
            raise KeyFileDamagedError(self._path, number)
        return key_id, key

    def _write(self, keys: dict[str, bytes]) -> None:
        """Replace the file as a whole; a crash leaves the old one or the new one."""
        lines = [f"{key_id} {b64encode(key).decode()}\n" for key_id, key in keys.items()]
        with disk.aside(self._path.parent, [line.encode() for line in lines]) as file:
            disk.replace(file, self._path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other threads and processes from changing the file; the folder is the lock."""
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def _add_key(keys: dict[str, bytes]) -> str:
    key_id = new_id("key")
    keys[key_id] = AESGCM.generate_key(KEY_BITS)
    return key_id
