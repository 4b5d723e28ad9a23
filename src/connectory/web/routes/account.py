"""Signing in and out, and the theme of a browser."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from connectory.access import browsers, signing_in
from connectory.access.actors import Anybody, SignedIn
from connectory.access.edge import Opening
from connectory.access.federation import Federation
from connectory.access.gate import COOKIE
from connectory.access.preferences import THEMES
from connectory.access.rules import BadCredentialError, ScopeError
from connectory.access.signing_in import Device, SignInLinkError
from connectory.kernel.secret import Secret
from connectory.settings import Settings
from connectory.web.answering import (
    Entered,
    is_secure,
    keep_theme,
    own_path,
    see_other,
    sentence,
    show,
)
from connectory.web.pages.account import SignInPage
from connectory.web.parts import Trouble
from connectory.work import Work

router = APIRouter(include_in_schema=False)

NOT_SIGNED_IN = 401
HOUR_S = 3600


class Link(BaseModel):
    """What a sign-in address carries: the one-time key, and where to go on."""

    key: str = ""
    back: str = "/"


@router.get("/sign-in")
def ask_to_sign_in(
    request: Request, by: Anybody, link: Annotated[Link, Query()]
) -> HTMLResponse:
    """Show the button that uses the link; the link itself changes nothing."""
    provider = provider_of(request)
    return show(request, SignInPage(link.key, own_path(link.back), provider=provider))


@router.post("/sign-in")
def sign_in(request: Request, by: Anybody, entered: Entered, opener: Opening) -> Response:
    """Trade the link or a token for a session, and go on."""
    settings: Settings = request.app.state.settings
    back = own_path(entered.get("back", "/"))
    try:
        with opener.write() as work:
            key = _session(work, entered, settings.session_hours, device_of(request))
    except (SignInLinkError, BadCredentialError, ScopeError) as refused:
        request.app.state.limits.note_wrong(request.scope)
        trouble = Trouble(sentence(refused.message), sentence(refused.hint))
        page = SignInPage("", back, trouble, provider_of(request))
        return show(request, page, NOT_SIGNED_IN)
    return begun(request, back, key)


def begun(request: Request, back: str, key: Secret) -> Response:
    """Go on in the session that began."""
    hours: int = request.app.state.settings.session_hours
    answer = see_other(back)
    answer.set_cookie(
        COOKIE,
        key.reveal(),
        max_age=hours * HOUR_S,
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )
    return answer


def provider_of(request: Request) -> str:
    """Return what people call the identity provider; empty where there is none."""
    federation: Federation | None = request.app.state.federation
    return federation.title if federation else ""


def _session(work: Work, entered: Mapping[str, str], hours: int, device: Device) -> Secret:
    if ticket := entered.get("ticket", ""):
        return signing_in.sign_in(work, ticket, hours=hours, device=device)
    token = entered.get("token", "").strip()
    return signing_in.sign_in_with_token(work, token, hours=hours, device=device)


def device_of(request: Request) -> Device:
    """Return where somebody signs in."""
    address = request.client.host if request.client else ""
    return Device(browsers.kept(request.headers.get("user-agent", "")), address)


@router.post("/sign-out")
def sign_out(request: Request, by: SignedIn, opener: Opening) -> Response:
    """End the session of this browser."""
    with opener.write() as work:
        signing_in.end_session(work, by.session)
    answer = see_other("/")
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return answer


@router.post("/theme")
def choose_theme(request: Request, by: Anybody, entered: Entered) -> Response:
    """Keep the theme that was chosen; script does the same without a request."""
    theme = entered.get("theme", "")
    answer = see_other(own_path(entered.get("back", "/")))
    if theme in THEMES:
        keep_theme(request, answer, theme)
    return answer
