"""GET /patterns: the design system, and every page with sample content."""

from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from connectory.access.actors import Visitor
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.web.answering import show
from connectory.web.samples.pages import PAGES, patterns

router = APIRouter(include_in_schema=False)


class SampleMissingError(ConnectoryError):
    """There is no sample page of this name."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "sample-missing"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no sample page `{name[:60]}`", hint="see /patterns")


@router.get("/patterns")
def show_patterns(request: Request, by: Visitor) -> HTMLResponse:
    """Show every component in its states."""
    return show(request, patterns())


@router.get("/patterns/{name}")
def show_sample(request: Request, name: str, by: Visitor) -> HTMLResponse:
    """Show one page with sample content."""
    if name not in PAGES:
        raise SampleMissingError(name)
    return show(request, PAGES[name]())
