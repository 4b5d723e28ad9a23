"""HTTP: what an account has of its own: /api/v1/me/sessions and /me/preferences."""

from fastapi import APIRouter, status
from pydantic import BaseModel

from connectory.access import browsers, preferences, sessions
from connectory.access.actors import Operator, SignedIn
from connectory.access.bodies import Body
from connectory.access.edge import OpenWork, ReadWork
from connectory.access.rules import Preferences
from connectory.kernel.clock import rfc3339

router = APIRouter(prefix="/api/v1/me", tags=["access"])


class SessionView(BaseModel):
    """One browser in which the account is signed in."""

    id: str
    browser: str
    address: str
    created_at: str
    expires_at: str
    last_used_at: str | None
    current: bool


class SessionList(BaseModel):
    """The sessions of an account, newest first."""

    items: list[SessionView]


class Ended(BaseModel):
    """How many sessions were ended."""

    ended: int


class PreferencesBody(Body):
    """How an account wants its pages; an empty value leaves it to the browser."""

    theme: str = ""
    density: str = ""
    zone: str = ""


class PreferencesView(BaseModel):
    """How an account wants its pages; empty where it chose nothing."""

    theme: str
    density: str
    zone: str


@router.get("/sessions")
def list_sessions(work: ReadWork, by: SignedIn) -> SessionList:
    """List the browsers in which one is signed in."""
    return SessionList(
        items=[
            SessionView(
                id=one.id,
                browser=browsers.in_words(one.browser),
                address=one.address,
                created_at=rfc3339(one.created_at),
                expires_at=rfc3339(one.expires_at),
                last_used_at=rfc3339(one.last_used_at) if one.last_used_at else None,
                current=one.id == by.session,
            )
            for one in sessions.of(work, by)
        ]
    )


@router.delete("/sessions/{session}", status_code=status.HTTP_204_NO_CONTENT)
def end_session(session: str, work: OpenWork, by: Operator) -> None:
    """End one of one's own sessions at once."""
    sessions.end_one(work, session, by)


@router.post("/sessions:end-others")
def end_other_sessions(work: OpenWork, by: Operator) -> Ended:
    """End all of one's own sessions but the one that asks."""
    return Ended(ended=sessions.end_others(work, by))


@router.get("/preferences")
def show_preferences(by: SignedIn) -> PreferencesView:
    """Show how the account wants its pages."""
    return preferences_view(by.preferences)


@router.put("/preferences")
def choose_preferences(body: PreferencesBody, work: OpenWork, by: Operator) -> PreferencesView:
    """Choose theme, density and time zone of the account's pages."""
    chosen = Preferences(body.theme, body.density, body.zone)
    preferences.choose(work, by, chosen)
    return preferences_view(chosen)


def preferences_view(chosen: Preferences) -> PreferencesView:
    """Describe what an account chose."""
    return PreferencesView(theme=chosen.theme, density=chosen.density, zone=chosen.zone)
