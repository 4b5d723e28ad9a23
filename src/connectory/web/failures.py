"""Failures as pages, for people who came with a browser."""

from collections.abc import Mapping
from urllib.parse import quote

from starlette.types import Scope

from connectory.web.answering import frame_of, sentence
from connectory.web.pages.errors import ErrorPage
from connectory.web.parts import Link, Trouble
from connectory.web.render import render

NOT_SIGNED_IN, NOT_FOUND = 401, 404
SIGN_IN_HINT = "Sign in and this page opens."
TITLES = {
    401: "Sign in to go on",
    403: "You may not do this",
    404: "There is nothing here",
    409: "This is not possible now",
    422: "This cannot be taken as it is",
    500: "Something broke on our side",
}


def error_page(
    problem: Mapping[str, object], troubles: tuple[Trouble, ...], scope: Scope
) -> str:
    """Return the page that tells a reader what a problem document tells a program."""
    status, frame = int(str(problem["status"])), frame_of(scope)
    sign_in = Link("Sign in", f"/sign-in?back={quote(frame.path, safe='/')}")
    path = str(scope["path"]).rstrip("/")
    page = ErrorPage(
        status=status,
        title=TITLES.get(status, str(problem["title"])),
        code=str(problem["code"]),
        message=sentence(str(problem["detail"])),
        hint=SIGN_IN_HINT if status == NOT_SIGNED_IN else sentence(str(problem["hint"])),
        problems=troubles,
        search=path.rpartition("/")[2].partition("@")[0] if status == NOT_FOUND else "",
        next=(sign_in,) if status == NOT_SIGNED_IN else (),
    )
    return render(page, frame)
