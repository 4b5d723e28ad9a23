"""The browsers in which an account is signed in."""

from typing import ClassVar

from connectory.access import session_store, signing_in
from connectory.access.rules import Actor
from connectory.access.session_store import Session
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.work import Work

__all__ = ["Session", "SessionMissingError", "end_one", "end_others", "of"]


class SessionMissingError(ConnectoryError):
    """There is no such browser session, or it is somebody else's."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "session-missing"

    def __init__(self, session_id: str) -> None:
        super().__init__(
            f"you have no session {session_id[:40]}",
            hint="list yours on the page `/me` or with `connectory api GET /me/sessions`",
        )


def of(work: Work, by: Actor) -> list[Session]:
    """Return the actor's sessions that have not ended, newest first."""
    return session_store.sessions_of(work, by.name)


def end_one(work: Work, session_id: str, by: Actor) -> None:
    """End a session of the actor's own.

    Raises:
        SessionMissingError: If there is none of this id, or it is somebody else's.
    """
    found = session_store.session(work, session_id)
    if found is None or found.account != by.name:
        raise SessionMissingError(session_id)
    signing_in.end_session(work, session_id)


def end_others(work: Work, by: Actor) -> int:
    """End all sessions of the actor's own but the one they come with; return how many."""
    others = [one.id for one in of(work, by) if one.id != by.session]
    for one in others:
        signing_in.end_session(work, one)
    return len(others)
