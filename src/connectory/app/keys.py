"""Key files of this server, made at the first start: 0600, raw bytes."""

import os
import secrets
from pathlib import Path
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectory.kernel.errors import ConnectoryError, Kind

KEY_BYTES = 32
OTHERS = 0o077


class KeyFileError(ConnectoryError):
    """A key file can be read by others, or is not what it should be."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "key-file"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"the key file {path} {reason}", hint="restore it from a backup, with mode 0600"
        )


def key_bytes(path: Path) -> bytes:
    """Return the 32 bytes of a key file, creating it with random ones when it is missing.

    Raises:
        KeyFileError: If others can read the file, or it has another length.
    """
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _existing(path)
    with os.fdopen(made, "wb") as file:
        key = secrets.token_bytes(KEY_BYTES)
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def audit_key(path: Path) -> Ed25519PrivateKey:
    """Return the key that signs checkpoints of the event log."""
    return Ed25519PrivateKey.from_private_bytes(key_bytes(path))


def _existing(path: Path) -> bytes:
    if path.stat().st_mode & OTHERS:
        raise KeyFileError(path, "can be read by others")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise KeyFileError(path, f"has {len(key)} bytes instead of {KEY_BYTES}")
    return key
