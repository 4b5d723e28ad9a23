"""Every failure that a person can act on.

A failure has a *kind* (what class of trouble), a *code* (a stable name to search for), a
*message* (what happened, with the values) and a *hint* (what to do next). The edges decide how
to show it: `connectory.app` turns the kind into an HTTP status, `connectory.cli` into an exit
code. Nothing below the edges knows about HTTP.

Anything else that goes wrong is a bug: it is not caught here and ends as a 500 with a trace.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

Fact = str | int | bool | list[str]


class Kind(StrEnum):
    """The classes of expected trouble, by who has to act."""

    MALFORMED = "malformed"
    """The request cannot be read at all (broken JSON, broken multipart, bad cursor)."""

    USAGE = "usage"
    """The caller sent something wrong; sending it again will fail again."""

    TOO_LARGE = "too-large"
    """The caller sent more than the documented limit."""

    NOT_SIGNED_IN = "not-signed-in"
    """Nobody is signed in, or the credential is unknown, expired or revoked."""

    NOT_ALLOWED = "not-allowed"
    """The caller is known but may not do this."""

    NOT_FOUND = "not-found"
    """There is no such thing, or the caller may not know that there is."""

    BLOCKED = "blocked"
    """Policy or vetting says no."""

    CONFLICT = "conflict"
    """The state of the thing does not allow it now."""

    OUTDATED = "outdated"
    """The thing has changed since the caller read it."""

    MISDIRECTED = "misdirected"
    """The request names a host that this server does not answer for."""

    RATE_LIMITED = "rate-limited"
    """Too many requests from this caller."""

    UNAVAILABLE = "unavailable"
    """A backend did not answer; trying again later can work."""

    TIMED_OUT = "timed-out"
    """A backend took too long; the work may still be going on."""

    STORAGE_FULL = "storage-full"
    """There is no space left to keep what was sent."""

    FAILED = "failed"
    """A run or a check said no."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a document, with the place and the way out.

    `line` and `column` count from 1; None where the document has no text position. `path` is a
    JSON path such as `runtime.resources.cpu` (`""` is the whole document).
    """

    code: str
    message: str
    hint: str
    path: str = ""
    line: int | None = None
    column: int | None = None
    severity: str = "error"  # or "warning"


class ConnectoryError(Exception):
    """Base of all expected failures.

    Args:
        message: One sentence with the values that matter, lower case start, no full stop.
        hint: What to do next, in the imperative.
        field: The part of the request that is wrong, where there is one.
        problems: All problems of the document that was refused, where there are several.
        **facts: The same values for machines; they go into the JSON body and the log line.
    """

    kind: ClassVar[Kind]
    code: ClassVar[str]

    def __init__(
        self,
        message: str,
        *,
        hint: str,
        field: str = "",
        problems: tuple[Problem, ...] = (),
        **facts: Fact,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.field = field
        self.problems = problems
        self.facts = facts
