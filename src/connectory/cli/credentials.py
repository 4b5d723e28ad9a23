"""The tokens that this account keeps, in one file that nobody else may read."""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from connectory.cli import private_file
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret

FILE = "credentials.json"
SCHEMA_VERSION = 1


class CredentialsExposedError(ConnectoryError):
    """Other accounts of this machine can read the stored tokens, so none of them is used."""

    kind: ClassVar[Kind] = Kind.NOT_SIGNED_IN
    code: ClassVar[str] = "credentials-exposed"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} can be read by other accounts of this machine",
            hint=f"run `chmod 600 {path}`, and make new tokens if somebody else was there",
            path=str(path),
        )


class CredentialsUnreadableError(ConnectoryError):
    """The file with the stored tokens is damaged or cannot be read."""

    kind: ClassVar[Kind] = Kind.NOT_SIGNED_IN
    code: ClassVar[str] = "credentials-unreadable"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} cannot be read: {reason}",
            hint=f"move it away with `mv {path} {path}.old`, then run `connectory login`",
            path=str(path),
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """One server that this account is signed in to."""

    token: Secret
    account: str


@dataclass(frozen=True, slots=True)
class Book:
    """All stored credentials: server URL -> token, and the server signed in to last."""

    servers: Mapping[str, Stored] = field(default_factory=dict)
    current: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials file of a configuration directory; it need not exist yet."""

    config: Path

    @property
    def path(self) -> Path:
        """The file itself."""
        return self.config / FILE

    def read(self) -> Book:
        """Return what is stored; nothing when there is no file.

        Raises:
            CredentialsExposedError: If other accounts may read the file.
            CredentialsUnreadableError: If it is not what this module writes.
        """
        try:
            with self.path.open(encoding="utf-8") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                    raise CredentialsExposedError(self.path)
                return _book(json.load(file))
        except FileNotFoundError:
            return Book()
        except OSError as failure:
            raise CredentialsUnreadableError(self.path, str(failure.strerror)) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise CredentialsUnreadableError(self.path, "it is damaged") from None

    def store(self, url: str, token: Secret, account: str) -> None:
        """Keep a token for a server and make that server the current one."""
        book = self.read()
        self._write(Book({**book.servers, url: Stored(token, account)}, current=url))

    def forget(self, url: str) -> bool:
        """Drop the token for a server; say whether there was one."""
        book = self.read()
        left = {known: stored for known, stored in book.servers.items() if known != url}
        if len(left) == len(book.servers):
            return False
        self._write(Book(left, current="" if book.current == url else book.current))
        return True

    def _write(self, book: Book) -> None:
        private_file.write(self.path, json.dumps(_document(book), indent=2) + "\n")


def _book(document: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Book:
    servers = {
        url: Stored(Secret(kept["token"]), kept["account"])
        for url, kept in document["servers"].items()
    }
    return Book(servers, str(document["current"]))


def _document(book: Book) -> dict[str, object]:
    servers = {
        url: {"token": stored.token.reveal(), "account": stored.account}
        for url, stored in book.servers.items()
    }
    return {"schema_version": SCHEMA_VERSION, "current": book.current, "servers": servers}
