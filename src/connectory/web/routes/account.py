"""Signing in and out, the reader's own page, and the theme."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from connectory.access import read, signing_in
from connectory.access.actors import Anybody, Operator, SignedIn
from connectory.access.edge import Opener, Opening
from connectory.access.gate import COOKIE, session_key
from connectory.access.rules import Actor, BadCredentialError, ScopeError
from connectory.access.signing_in import SignInLinkError, TokenRequest
from connectory.kernel.errors import ConnectoryError
from connectory.kernel.secret import Secret
from connectory.settings import Settings
from connectory.web.answering import (
    REFUSED,
    THEME_COOKIE,
    Entered,
    own_path,
    see_other,
    sentence,
    show,
    trouble_of,
)
from connectory.web.pages.account import AccountPage, SignInPage, TokenRow
from connectory.web.pages.team import MemberRow
from connectory.web.parts import Field, Trouble
from connectory.web.render import THEMES
from connectory.work import Work

router = APIRouter(include_in_schema=False)

NOT_SIGNED_IN = 401
HOUR_S, YEAR_S = 3600, 31_536_000
USUAL_DAYS = "30"


class Link(BaseModel):
    """What a sign-in address carries: the one-time key, and where to go on."""

    key: str = ""
    back: str = "/"


@router.get("/sign-in")
def ask_to_sign_in(
    request: Request, by: Anybody, link: Annotated[Link, Query()]
) -> HTMLResponse:
    """Show the button that uses the link; the link itself changes nothing."""
    return show(request, SignInPage(ticket=link.key, back=own_path(link.back)))


@router.post("/sign-in")
def sign_in(request: Request, by: Anybody, entered: Entered, opener: Opening) -> Response:
    """Trade the link or a token for a session, and go on."""
    settings: Settings = request.app.state.settings
    back = own_path(entered.get("back", "/"))
    try:
        with opener.write() as work:
            key = _session(work, entered, settings.session_hours)
    except (SignInLinkError, BadCredentialError, ScopeError) as refused:
        request.app.state.limits.note_wrong(request.scope)
        trouble = Trouble(sentence(refused.message), sentence(refused.hint))
        return show(request, SignInPage("", back, trouble), NOT_SIGNED_IN)
    answer = see_other(back)
    answer.set_cookie(
        COOKIE,
        key.reveal(),
        max_age=settings.session_hours * HOUR_S,
        secure=_is_secure(settings),
        httponly=True,
        samesite="lax",
    )
    return answer


def _session(work: Work, entered: Mapping[str, str], hours: int) -> Secret:
    if ticket := entered.get("ticket", ""):
        return signing_in.sign_in(work, ticket, hours=hours)
    return signing_in.sign_in_with_token(work, entered.get("token", "").strip(), hours=hours)


@router.post("/sign-out")
def sign_out(request: Request, by: SignedIn, opener: Opening) -> Response:
    """End the session of this browser."""
    with opener.write() as work:
        signing_in.end_session(work, session_key(request.headers))
    answer = see_other("/")
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return answer


@router.get("/me")
def show_account(request: Request, by: SignedIn, opener: Opening) -> HTMLResponse:
    """Show who is signed in, their teams and tokens."""
    return show(request, _page(opener, by))


@router.post("/me/tokens")
def create_token(request: Request, by: Operator, entered: Entered, opener: Opening) -> Response:
    """Make a token and show it this once; nothing keeps the answer."""
    name, days = entered.get("name", "").strip(), entered.get("days", "").strip()
    if not name or not days.isdecimal():
        wrong = Trouble("The token needs a name and a number of days", "", "f-name")
        return _refused(request, opener, by, wrong, entered=(name, days))
    try:
        with opener.write() as work:
            ends = read.credential_ends(work, by)
            wanted = TokenRequest(by.name, name, int(days), by.scopes, until=ends)
            most = request.app.state.settings.token_days
            made = signing_in.create_token(work, wanted, most_days=most)
    except ConnectoryError as refused:
        return _refused(request, opener, by, trouble_of(refused), entered=(name, days))
    answer = show(request, replace(_page(opener, by), new_token=made.value.reveal()))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post("/me/tokens/revoke")
def revoke_token(
    request: Request, by: Operator, token: Annotated[str, Form(alias="id")], opener: Opening
) -> Response:
    """End a token at once."""
    with opener.write() as work:
        signing_in.revoke_token(work, token, by=by)
    return see_other("/me")


@router.post("/theme")
def choose_theme(request: Request, by: Anybody, entered: Entered) -> Response:
    """Keep the theme that was chosen; script does the same without a request."""
    theme = entered.get("theme", "")
    answer = see_other(own_path(entered.get("back", "/")))
    if theme in THEMES:
        secure = _is_secure(request.app.state.settings)
        answer.set_cookie(THEME_COOKIE, theme, max_age=YEAR_S, secure=secure, samesite="lax")
    return answer


def _is_secure(settings: Settings) -> bool:
    return settings.url.startswith("https://")


def _refused(
    request: Request, opener: Opener, by: Actor, trouble: Trouble, *, entered: tuple[str, str]
) -> Response:
    page = replace(_page(opener, by), troubles=(trouble,), token_form=_token_form(*entered))
    return show(request, page, REFUSED)


def _page(opener: Opener, by: Actor) -> AccountPage:
    with opener.read() as work:
        tokens = read.tokens(work, by.name)
    return AccountPage(
        account=by.name,
        admin=by.is_admin,
        via="a one-time link" if by.via == "session" else f"token {by.via}",
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
        token_form=_token_form("", USUAL_DAYS),
    )


def _token_form(name: str, days: str) -> tuple[Field, ...]:
    return (
        Field("name", "Name", value=name, required=True, hint="Where it will be used."),
        Field("days", "Days until it expires", "number", days, required=True),
    )
