"""Signing in with the identity provider of the organisation: there, and back again.

What belongs together is in one cookie of this browser, so an answer that another browser asked
for signs nobody in here.
"""

import base64
import hmac
import json
import secrets
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from connectory.access.actors import Anybody
from connectory.access.federation import Federation
from connectory.access.provider import ProviderSilentError, SignInFailedError
from connectory.access.rules import BadCredentialError
from connectory.kernel.errors import ConnectoryError
from connectory.web.answering import is_secure, own_path, see_other, sentence, show
from connectory.web.pages.account import SignInPage
from connectory.web.parts import Trouble
from connectory.web.routes.account import NOT_SIGNED_IN, begun, device_of, provider_of

router = APIRouter(include_in_schema=False)

FLOW = "connectory_sign_in"
PATH = "/sign-in/provider"
FLOW_S = 600  # to sign in at the provider
PARTS = {"state", "nonce", "verifier", "back"}
SEE_OTHER, UNAVAILABLE = 303, 503


class Back(BaseModel):
    """Where to go on after signing in."""

    back: str = "/"


class Answer(BaseModel):
    """What the provider sends a browser back with."""

    code: str = ""
    state: str = ""
    iss: str | None = None
    error: str = ""


@router.get(PATH)
def go_to_provider(request: Request, by: Anybody, wish: Annotated[Back, Query()]) -> Response:
    """Send the browser to the provider, and remember in it what it was sent with."""
    federation: Federation | None = request.app.state.federation
    if federation is None:
        return see_other("/sign-in")
    flow = {name: secrets.token_urlsafe(32) for name in PARTS} | {"back": own_path(wish.back)}
    try:
        address = federation.provider.address(_here(request), flow)
    except ProviderSilentError as silent:
        return _refused(request, silent)
    answer = RedirectResponse(address, SEE_OTHER)
    answer.set_cookie(
        FLOW,
        base64.urlsafe_b64encode(json.dumps(flow).encode()).decode(),
        max_age=FLOW_S,
        path=PATH,
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get(f"{PATH}/back")
def come_back(request: Request, by: Anybody, said: Annotated[Answer, Query()]) -> Response:
    """Begin a session for whom the provider vouches for, if this browser asked for it."""
    federation: Federation | None = request.app.state.federation
    if federation is None:
        return see_other("/sign-in")
    try:
        flow = _flow(request, federation, said)
        key = federation.sign_in(
            said.code,
            flow,
            _here(request),
            hours=request.app.state.settings.session_hours,
            device=device_of(request),
        )
        answer = begun(request, own_path(flow["back"]), key)
    except (SignInFailedError, ProviderSilentError, BadCredentialError) as refused:
        answer = _refused(request, refused)
    answer.delete_cookie(FLOW, path=PATH, httponly=True, samesite="lax")
    return answer


def _flow(request: Request, federation: Federation, said: Answer) -> dict[str, str]:
    """Return what this browser was sent with.

    Raises:
        SignInFailedError: If the answer is none to that.
    """
    flow = _kept(request.cookies.get(FLOW, ""))
    if not hmac.compare_digest(flow["state"].encode(), said.state.encode()):
        raise SignInFailedError("this browser did not begin it, or too long ago")
    if federation.provider.is_other(said.iss):
        raise SignInFailedError("the answer comes from another provider")
    if said.error or not said.code:
        raise SignInFailedError(f"it says `{said.error[:60] or 'nothing'}`")
    return flow


def _kept(cookie: str) -> dict[str, str]:
    try:
        flow = json.loads(base64.urlsafe_b64decode(cookie))
    except ValueError:
        flow = None
    if not isinstance(flow, dict) or flow.keys() != PARTS:
        raise SignInFailedError("this browser did not begin it, or too long ago")
    return {name: str(one) for name, one in flow.items()}


def _here(request: Request) -> str:
    return f"{request.app.state.settings.url}{PATH}/back"


def _refused(request: Request, refused: ConnectoryError) -> Response:
    is_silent = isinstance(refused, ProviderSilentError)
    if not is_silent:
        request.app.state.limits.note_wrong(request.scope)
    trouble = Trouble(sentence(refused.message), sentence(refused.hint))
    page = SignInPage("", "/", trouble, provider_of(request))
    return show(request, page, UNAVAILABLE if is_silent else NOT_SIGNED_IN)
