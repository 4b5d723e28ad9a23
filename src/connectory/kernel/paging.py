"""Pages of a list, and cursors that a client can carry but not forge."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from connectory.kernel.errors import ConnectoryError, Kind

MAX_LIMIT = 100
DEFAULT_LIMIT = 50
MAC_BYTES = 12

Item = TypeVar("Item")
Position = tuple[datetime, str]
"""Where a page of a list by time ends: the time, and the id that tells equal times apart."""


class BadCursorError(ConnectoryError):
    """A cursor was not made by this server, or belongs to another list."""

    kind: ClassVar[Kind] = Kind.MALFORMED
    code: ClassVar[str] = "bad-cursor"

    def __init__(self) -> None:
        super().__init__(
            "the cursor is not one that this list gave out",
            hint="start again without `cursor` and follow the `next` link of each answer",
            field="cursor",
        )


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items of a list, in order, and the cursor of the next ones (None at the end)."""

    items: tuple[Item, ...]
    next: str | None


def write_cursor(key: bytes, scope: str, after: list[str | int]) -> str:
    """Pack the position `after` of the list `scope` into an opaque text signed with `key`."""
    body = json.dumps(after, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mac(key, scope, body) + body).decode().rstrip("=")


def read_cursor(key: bytes, scope: str, cursor: str) -> list[str | int]:
    """Return the position inside a cursor.

    Raises:
        BadCursorError: If the cursor is broken, forged, or of another list.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise BadCursorError from None
    mac, body = raw[:MAC_BYTES], raw[MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, scope, body)):
        raise BadCursorError
    after: list[str | int] = json.loads(body)
    return after


def write_position(key: bytes, scope: str, position: Position) -> str:
    """Pack where a page of a list by time ends into a cursor."""
    at, last = position
    return write_cursor(key, scope, [at.isoformat(), last])


def read_position(key: bytes, scope: str, cursor: str) -> Position | None:
    """Return what `write_position` packed; None for no cursor, the first page.

    Raises:
        BadCursorError: If the cursor is broken, forged, or of another list.
    """
    if not cursor:
        return None
    at, last = read_cursor(key, scope, cursor)
    return datetime.fromisoformat(str(at)), str(last)


def _mac(key: bytes, scope: str, body: bytes) -> bytes:
    message = scope.encode() + b"\0" + body
    return hmac.new(key, message, hashlib.sha256).digest()[:MAC_BYTES]
