"""Answering a browser: what is around a page, where to go next, what a form held."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.requests import HTTPConnection
from starlette.types import Scope

from connectory import __version__
from connectory.access.preferences import THEMES, zone_of
from connectory.access.rules import ANONYMOUS, Actor
from connectory.kernel import clock
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.web.parts import Trouble
from connectory.web.render import Frame, Page, render

THEME_COOKIE = "connectory_theme"
MENDABLE = {Kind.USAGE, Kind.CONFLICT, Kind.OUTDATED, Kind.NOT_FOUND, Kind.BLOCKED}
OK, REFUSED = 200, 422
SEE_OTHER = 303
YEAR_S = 31_536_000


def frame_of(scope: Scope) -> Frame:
    """Return what is around every page for whoever sent this request."""
    state = scope.get("state", {})
    actor: Actor = state.get("actor", ANONYMOUS)
    chosen = actor.preferences
    theme = HTTPConnection(scope).cookies.get(THEME_COOKIE, "") or chosen.theme
    query = scope.get("query_string", b"").decode("latin-1")
    return Frame(
        now=clock.now().astimezone(zone_of(chosen)),
        path=str(scope["path"]) + (f"?{query}" if query else ""),
        account="" if actor.is_anonymous else actor.name,
        teams=tuple(sorted(actor.teams)),
        theme=theme if theme in THEMES else THEMES[0],
        density=chosen.density,
        zone=chosen.zone,
        version=__version__,
        request_id=state.get("request_id", ""),
        is_reviewer=bool(actor.reviews),
        to_review=state.get("to_review", ""),
    )


def show(request: Request, page: Page, status: int = OK) -> HTMLResponse:
    """Answer with a page. Pages depend on who looks, so nobody else may keep them.

    What is shown again unchanged has the same bytes, so only a refusal names its request.
    """
    frame = frame_of(request.scope)
    html = render(page, replace(frame, request_id="") if status == OK else frame)
    return HTMLResponse(html, status, headers={"Cache-Control": "private, no-cache"})


def see_other(url: str) -> RedirectResponse:
    """Answer a form that was carried out: go on there with a GET."""
    return RedirectResponse(url, SEE_OTHER)


def own_path(url: str) -> str:
    """Return `url` if it is a path of this site, else the home page."""
    is_own = url.startswith("/") and not url.startswith(("//", "/\\")) and url.isprintable()
    return url if is_own else "/"


def trouble_of(refused: ConnectoryError) -> Trouble:
    """Say on the form why it was refused.

    Raises:
        ConnectoryError: The same, if nothing that is entered in the form can mend it.
    """
    if refused.kind not in MENDABLE:
        raise refused
    return Trouble(sentence(refused.message), sentence(refused.hint))


def sentence(text: str) -> str:
    """Begin a message, which starts small for the command line, with a capital letter."""
    return text[:1].upper() + text[1:]


def is_secure(request: Request) -> bool:
    """Whether the site is reached over TLS, so that cookies travel over nothing else."""
    url: str = request.app.state.settings.url
    return url.startswith("https://")


def keep_theme(request: Request, answer: Response, theme: str) -> None:
    """Let this browser keep a theme; none leaves it to the account."""
    if not theme:
        answer.delete_cookie(THEME_COOKIE, samesite="lax")
        return
    secure = is_secure(request)
    answer.set_cookie(THEME_COOKIE, theme, max_age=YEAR_S, secure=secure, samesite="lax")


async def _entered(request: Request) -> Mapping[str, str]:
    async with request.form() as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


Entered = Annotated[Mapping[str, str], Depends(_entered)]
"""The text fields of the form that was sent; of a repeated one the last, of files none."""
