"""The keys of servers, each kept when it was seen first, so that another one is noticed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from connectory.attestations import bundle
from connectory.cli import private_file
from connectory.kernel.errors import ConnectoryError, Kind

FILE = "server-keys.json"


class ServerKeyChangedError(ConnectoryError):
    """A server shows another key than the one that was kept of it."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "server-key-changed"

    def __init__(self, url: str, path: Path) -> None:
        super().__init__(
            f"{url} shows another key than the one kept in {path}",
            hint="ask its admin whether the key was replaced; if so, remove it from that file",
            path=str(path),
        )


class PinnedKeysUnreadableError(ConnectoryError):
    """The file with the kept keys of servers is damaged or cannot be read."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "server-keys-unreadable"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} cannot be read", hint="move it away, or name a key: --key FILE"
        )


@dataclass(frozen=True, slots=True)
class PinnedKeys:
    """The kept keys of a configuration directory, in PEM by the address of their server."""

    config: Path

    @property
    def path(self) -> Path:
        """The file itself; it need not exist."""
        return self.config / FILE

    def keep(self, url: str, key: str) -> bool:
        """Keep the key of a server; say whether it is the first one seen of it.

        Raises:
            ServerKeyChangedError: If another one is kept.
            PinnedKeysUnreadableError: If the file is not what this module writes.
        """
        known = self._read()
        if url in known and known[url] != key:
            raise ServerKeyChangedError(url, self.path)
        if url in known:
            return False
        private_file.write(self.path, json.dumps({**known, url: key}, indent=2) + "\n")
        return True

    def named(self, key_id: str) -> str | None:
        """Return the key with this id, if it is kept."""
        found = (key for key in self._read().values() if _id(key) == key_id)
        return next(found, None)

    def _read(self) -> dict[str, str]:
        try:
            return dict(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError):
            raise PinnedKeysUnreadableError(self.path) from None


def _id(key: str) -> str:
    return bundle.key_id(bundle.read_key(key))
