"""GET /c/…/diff/… and /compare: versions and connectors beside each other."""

import json
from collections.abc import Iterable, Iterator
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from connectory.access.actors import Visitor
from connectory.access.edge import ReadWork
from connectory.access.rules import Actor
from connectory.catalog import read as catalog
from connectory.catalog.compare import Difference, compare
from connectory.catalog.read import Version
from connectory.catalog.rules import Name, is_owner_claimed
from connectory.catalog.written import page_of
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest.diff import Change
from connectory.manifest.surface import Surface, surface
from connectory.packages.compare import FileChange
from connectory.web.answering import show
from connectory.web.marks import VETTING
from connectory.web.pages.comparing import (
    Column,
    ComparedRow,
    ComparePage,
    DiffLine,
    DiffPage,
    FileRow,
    ValueRow,
)
from connectory.web.parts import Fact, Option
from connectory.web.render import size
from connectory.web.routes.costs import expected_cost
from connectory.work import Work

router = APIRouter(include_in_schema=False)

MOST = 3  # connectors that are compared at once
MOST_VALUE = 200  # characters of a value that is shown
BETWEEN = "..."
SURFACE = {
    "secrets": "Secret",
    "oauth_scopes": "OAuth scope",
    "cloud_actions": "Cloud action",
    "hosts": "Network",
    "regions": "Region",
    "data_classes": "Data",
    "triggers": "Trigger",
}


class TooManyComparedError(ConnectoryError):
    """More connectors were named than fit beside each other."""

    kind = Kind.USAGE
    code = "too-many-compared"

    def __init__(self) -> None:
        super().__init__(
            f"more than {MOST} connectors cannot be compared at once",
            hint=f"name at most {MOST}: /compare?c=a@1.0.0,b@2.0.0",
            field="c",
        )


class TwoVersionsNeededError(ConnectoryError):
    """The address of a comparison does not name two versions."""

    kind = Kind.NOT_FOUND
    code = "two-versions-needed"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"`{text[:60]}` does not name two versions",
            hint="write the older and the newer one: 1.1.0...1.2.0",
        )


@router.get("/c/{wanted}/diff/{versions}")
def find_diff(wanted: str, versions: str, work: ReadWork, by: Visitor) -> RedirectResponse:
    """Go on to the page that has the namespace in its address."""
    return RedirectResponse(f"/c/{catalog.resolve(work, wanted, by).key}/diff/{versions}")


@router.get("/c/{namespace}/{wanted}/diff")
def choose_diff(
    namespace: str,
    wanted: str,
    by: Visitor,
    old: Annotated[str, Query(alias="from")],
    new: Annotated[str, Query(alias="to")],
) -> RedirectResponse:
    """Go on to the comparison that the form asks for."""
    return RedirectResponse(f"/c/{namespace}/{wanted}/diff/{old}{BETWEEN}{new}")


@router.get("/c/{namespace}/{wanted}/diff/{versions}")
def show_diff(
    request: Request, namespace: str, wanted: str, versions: str, work: ReadWork, by: Visitor
) -> HTMLResponse:
    """Show what differs between two versions of a connector."""
    old, between, new = versions.partition(BETWEEN)
    if not (old and between and new):
        raise TwoVersionsNeededError(versions)
    name = Name(namespace, wanted)
    found = compare(
        work,
        request.app.state.comparisons,
        old=catalog.version(work, name, old, by),
        new=catalog.version(work, name, new, by),
    )
    known = [release.version for release in catalog.releases(work, name, by)]
    return show(request, _diff_page(found, known))


@router.get("/compare")
def show_comparison(
    request: Request,
    work: ReadWork,
    by: Visitor,
    c: Annotated[list[str] | None, Query()] = None,
) -> HTMLResponse:
    """Show up to three connectors side by side."""
    wanted = [part.strip() for text in c or () for part in text.split(",") if part.strip()]
    wanted = list(dict.fromkeys(wanted))
    if len(wanted) > MOST:
        raise TooManyComparedError
    found = [_named(work, text, by) for text in wanted]
    labels = [f"{one.release.name.id} {one.release.version}" for one in found]
    rows = zip(*(_said(one, request) for one in found), strict=True)
    page = ComparePage(
        columns=tuple(
            Column(
                label, page_of(one.release), _address(other for other in wanted if other != own)
            )
            for label, one, own in zip(labels, found, wanted, strict=True)
        ),
        rows=tuple(
            ComparedRow(facts[0].name, tuple(fact.value for fact in facts)) for facts in rows
        ),
        chosen=",".join(wanted),
        may_add=len(wanted) < MOST,
    )
    return show(request, page)


def diff_url(connector: Name, old: str, new: str) -> str:
    """Return the page that compares two versions of one connector."""
    return f"/c/{connector.key}/diff/{old}{BETWEEN}{new}"


def _named(work: Work, text: str, by: Actor) -> Version:
    slug, _, version = text.partition("@")
    name = catalog.resolve(work, slug, by)
    return (
        catalog.version(work, name, version, by) if version else catalog.shown(work, name, by)
    )


def _address(wanted: Iterable[str]) -> str:
    return f"/compare?{urlencode({'c': ','.join(wanted)})}"


def _said(one: Version, request: Request) -> tuple[Fact, ...]:
    """Say the same things about every connector, in the same order."""
    release, manifest = one.release, one.manifest
    cost = expected_cost(manifest, request.app.state.around)
    claimed = " (claimed)" if is_owner_claimed(manifest.owner, one.team) else ""
    return (
        Fact("Name", manifest.name),
        Fact("What it does", manifest.description),
        Fact("Status", VETTING[release.status].word),
        Fact("Owner", manifest.owner + claimed),
        Fact("Namespace", release.name.namespace),
        Fact("Uses", ", ".join(manifest.uses())),
        Fact("Runtime", manifest.runtime.type),
        Fact("Tags", ", ".join(manifest.tags)),
        Fact(
            "Settings without default", ", ".join(i.name for i in manifest.inputs if i.required)
        ),
        Fact("Cost per month", f"{cost.low} to {cost.high}" if cost else ""),
        *(
            Fact(title, ", ".join(surface(manifest).as_json()[part]))
            for part, title in SURFACE.items()
        ),
    )


def _diff_page(found: Difference, known: Iterable[str]) -> DiffPage:
    name = found.new.release.name
    return DiffPage(
        namespace=name.namespace,
        id=name.id,
        name=found.new.manifest.name,
        old=found.old.release.version,
        new=found.new.release.version,
        versions=tuple(Option(version, version) for version in known),
        grown=tuple(exposed(found.grown)),
        shrunk=tuple(exposed(found.shrunk)),
        changes=tuple(value_row(change) for change in found.changes),
        files=tuple(file_row(change) for change in found.files),
    )


def exposed(delta: Surface) -> Iterator[Fact]:
    """Yield what is in a surface: the kind of thing, and its name."""
    for part, names in delta.as_json().items():
        for name in names:
            yield Fact(SURFACE[part], name)


def value_row(change: Change) -> ValueRow:
    """Describe one difference between two manifests."""
    return ValueRow(change.path, change.kind, _value(change.old), _value(change.new))


def _value(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_VALUE else f"{text[:MOST_VALUE]}…"


def file_row(change: FileChange) -> FileRow:
    """Describe one file that differs."""
    old, new = change.old_size, change.new_size
    return FileRow(
        path=change.path,
        kind=change.kind,
        old_size="" if old is None else size(old),
        new_size="" if new is None else size(new),
        lines=tuple(_line(text) for text in change.lines.split("\n")[2:]),
    )


def _line(text: str) -> DiffLine:
    return DiffLine(text[:1] if text[:1] in {"+", "-", "@"} else "", text)
