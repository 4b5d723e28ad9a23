"""GET /me: the reader's own page; its forms change tokens, sessions and preferences."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from connectory.access import browsers, preferences, read, sessions, signing_in
from connectory.access.actors import Operator, SignedIn
from connectory.access.edge import Opener, Opening
from connectory.access.preferences import DENSITIES, THEMES
from connectory.access.rules import USUAL, Actor, Preferences, Scope
from connectory.access.sessions import Session
from connectory.access.signing_in import TokenRequest
from connectory.kernel.errors import ConnectoryError
from connectory.web.answering import REFUSED, Entered, keep_theme, see_other, show, trouble_of
from connectory.web.pages.account import AccountPage, ScopeChoice, SessionRow, TokenRow
from connectory.web.pages.team import MemberRow
from connectory.web.parts import Field, Option, Trouble

router = APIRouter(include_in_schema=False)

PAGE = "/me"
USUAL_DAYS = "30"
MOST_DIGITS = 6  # of a number of days
DONE = {
    "session": "The session has ended",
    "sessions": "All other sessions have ended",
    "token": "The token has ended, and all that was made with it",
    "preferences": "Your preferences are saved",
}
"""What was just done, by the word that the address has for it."""
SCOPES = {
    Scope.READ: "see what you can see",
    Scope.PUBLISH: "publish connectors",
    Scope.OPERATE: "install and change instances, secrets and tokens",
    Scope.ADMIN: "administer the marketplace",
}
NOTHING: Mapping[str, str] = {}


@router.get(PAGE)
def show_account(
    request: Request, by: SignedIn, opener: Opening, done: Annotated[str, Query()] = ""
) -> HTMLResponse:
    """Show who is signed in and where, their teams and tokens, and what they prefer."""
    return show(request, replace(_page(opener, by), done=DONE.get(done, "")))


@router.post(PAGE + "/tokens")
def create_token(
    request: Request,
    by: Operator,
    entered: Entered,
    opener: Opening,
    scopes: Annotated[list[Scope] | None, Form(alias="scope")] = None,
) -> Response:
    """Make a token and show it this once; nothing keeps the answer."""
    name, days = entered.get("name", "").strip(), entered.get("days", "").strip()
    if not name or not days.isdecimal() or len(days) > MOST_DIGITS:
        wrong = Trouble("The token needs a name and a number of days", "", "f-name")
        return _refused(request, opener, by, wrong, entered)
    chosen = frozenset(scopes or ()) & by.scopes
    wanted = TokenRequest(
        by.name, name, int(days), chosen or by.scopes & USUAL, made_by=by.root
    )
    try:
        with opener.write() as work:
            most = request.app.state.settings.token_days
            made = signing_in.create_token(work, wanted, most_days=most)
    except ConnectoryError as refused:
        return _refused(request, opener, by, trouble_of(refused), entered)
    answer = show(request, replace(_page(opener, by), new_token=made.value.reveal()))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post(PAGE + "/tokens/revoke")
def revoke_token(
    by: Operator, token: Annotated[str, Form(alias="id")], opener: Opening
) -> Response:
    """End a token at once, and all that was made with it."""
    with opener.write() as work:
        signing_in.revoke_token(work, token, by=by)
    return _done("token", "tokens")


@router.post(PAGE + "/sessions/end")
def end_session(
    by: Operator, session: Annotated[str, Form(alias="id")], opener: Opening
) -> Response:
    """End a session; one's own leads to signing in again."""
    with opener.write() as work:
        sessions.end_one(work, session, by)
    return see_other("/") if session == by.session else _done("session", "sessions")


@router.post(PAGE + "/sessions/end-others")
def end_other_sessions(by: Operator, opener: Opening) -> Response:
    """End all sessions but this one."""
    with opener.write() as work:
        sessions.end_others(work, by)
    return _done("sessions", "sessions")


@router.post(PAGE + "/preferences")
def choose_preferences(
    request: Request, by: Operator, entered: Entered, opener: Opening
) -> Response:
    """Keep theme, density and time zone of the account; this browser takes the theme, too."""
    chosen = Preferences(
        *(entered.get(name, "").strip() for name in ("theme", "density", "zone"))
    )
    try:
        with opener.write() as work:
            preferences.choose(work, by, chosen)
    except ConnectoryError as refused:
        trouble = replace(trouble_of(refused), field="f-zone")
        page = replace(_page(opener, by), preferences=_preferences(chosen), troubles=(trouble,))
        return show(request, page, REFUSED)
    answer = _done("preferences", "preferences")
    keep_theme(request, answer, chosen.theme)
    return answer


def _done(what: str, tab: str) -> Response:
    return see_other(f"{PAGE}?{urlencode({'done': what})}#{tab}")


def _refused(
    request: Request, opener: Opener, by: Actor, trouble: Trouble, entered: Mapping[str, str]
) -> Response:
    page = replace(_page(opener, by), troubles=(trouble,), token_form=_token_form(entered))
    return show(request, page, REFUSED)


def _page(opener: Opener, by: Actor) -> AccountPage:
    with opener.read() as work:
        tokens = read.tokens(work, by.name)
        browsing = sessions.of(work, by)
    return AccountPage(
        account=by.name,
        admin=by.is_admin,
        via="this browser" if by.session else f"token {by.via}",
        teams=tuple(MemberRow(slug, role) for slug, role in by.teams.items()),
        tokens=tuple(
            TokenRow(
                id=one.id,
                name=one.name,
                scopes=", ".join(sorted(one.scopes)),
                expires_at=one.expires_at,
                last_used=one.last_used_at,
            )
            for one in tokens
        ),
        token_form=_token_form(NOTHING),
        scopes=tuple(
            ScopeChoice(scope, what, is_chosen=scope is not Scope.ADMIN)
            for scope, what in SCOPES.items()
            if scope in by.scopes and (scope is not Scope.ADMIN or by.is_admin)
        ),
        sessions=tuple(_session(one, by) for one in browsing),
        preferences=_preferences(by.preferences),
    )


def _session(one: Session, by: Actor) -> SessionRow:
    return SessionRow(
        id=one.id,
        browser=browsers.in_words(one.browser),
        address=one.address,
        begun_at=one.created_at,
        last_used=one.last_used_at,
        is_this=one.id == by.session,
    )


def _token_form(entered: Mapping[str, str]) -> tuple[Field, ...]:
    days = entered.get("days", USUAL_DAYS)
    return (
        Field(
            "name",
            "Name",
            value=entered.get("name", ""),
            required=True,
            hint="Where it will be used.",
        ),
        Field("days", "Days until it expires", "number", days, required=True),
    )


def _preferences(chosen: Preferences) -> tuple[Field, ...]:
    themes = ("", "As this browser has it"), *((one, one.capitalize()) for one in THEMES)
    densities = (
        ("", "Comfortable"),
        *((one, one.capitalize()) for one in DENSITIES if one != DENSITIES[0]),
    )
    return (
        _choice("theme", "Theme", chosen.theme, themes),
        _choice("density", "Density", chosen.density, densities),
        Field(
            "zone",
            "Time zone",
            value=chosen.zone,
            hint="An IANA name such as `Europe/Berlin`; empty is that of the browser.",
        ),
    )


def _choice(name: str, label: str, value: str, choices: tuple[tuple[str, str], ...]) -> Field:
    options = tuple(Option(each, word) for each, word in choices)
    return Field(name, label, "select", value, required=True, options=options)
