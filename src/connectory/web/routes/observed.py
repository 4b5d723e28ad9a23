"""GET …/tighten: what was used beside what is declared, and the narrower manifest."""

import difflib
from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from connectory.access.actors import TeamViewer, Visitor
from connectory.access.edge import Opening, ReadWork
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.observed import read
from connectory.observed.read import Narrower, Observation
from connectory.web.answering import show
from connectory.web.pages.comparing import DiffLine
from connectory.web.pages.observed import ObservedPart, ObservedRow, TightenPage
from connectory.web.parts import Fact
from connectory.web.render import elapsed, size

router = APIRouter(include_in_schema=False)


@router.get("/c/{namespace}/{wanted}/tighten")
def tighten_version(
    request: Request,
    namespace: str,
    wanted: str,
    work: ReadWork,
    by: Visitor,
    *,
    early: bool = False,
) -> HTMLResponse:
    """Show what a version, `id@version`, declares and uses, and a narrower manifest."""
    slug, _, version = wanted.partition("@")
    name = Name(namespace, slug)
    found = (
        catalog.version(work, name, version, by) if version else catalog.shown(work, name, by)
    )
    release = found.release
    page = f"/c/{release.name.key}@{release.version}"
    api = f"/api/v1/connectors/{release.name.key}/versions/{release.version}/observed/manifest"
    seen = read.of_version(work, found, by, early=early)
    return show(request, _page(seen, page, api, early=early))


@router.get("/t/{team}/i/{name}/tighten")
def tighten_instance(
    request: Request,
    team: str,
    name: str,
    opener: Opening,
    by: TeamViewer,
    *,
    early: bool = False,
) -> HTMLResponse:
    """Show what an instance declares and uses, and a manifest that it would do with."""
    seen = read.of_instance(opener, request.app.state.crew, team, name, early=early)
    api = f"/api/v1/teams/{team}/instances/{name}/observed/manifest"
    return show(request, _page(seen, f"/t/{team}/i/{name}", api, early=early))


def part(found: Observation, tighten_url: str) -> ObservedPart:
    """Describe what was observed, for the pages of connectors and instances."""
    seen = found.seen
    return ObservedPart(
        instances=seen.instances,
        since=seen.since,
        is_enough=seen.is_enough,
        rows=tuple(
            ObservedRow(one.what, one.name, one.verdict, one.detail) for one in found.items
        ),
        facts=tuple(_facts(found)) if seen.instances else (),
        tighten_url=tighten_url,
    )


def _facts(found: Observation) -> Iterator[Fact]:
    seen, declared = found.seen, found.version.manifest.runtime.resources
    limit = f" of {size(declared.memory_bytes)}" if declared.memory_bytes else ""
    yield Fact("Memory at most", f"{size(seen.memory_peak)}{limit}")
    share = seen.cpu_s / seen.running_s if seen.running_s else 0.0
    cpu = f"{elapsed(seen.cpu_s)}, {share:.1%} of a core"
    yield Fact("CPU time", f"{cpu} of {declared.cpu} vCPU" if declared.cpu else cpu)
    if seen.cold_start_ms:
        yield Fact("Longest start", f"{seen.cold_start_ms:,} ms")
    yield Fact("Ran for", elapsed(seen.running_s))


def _page(found: Observation, back: str, api: str, *, early: bool) -> TightenPage:
    narrower = found.narrower
    return TightenPage(
        label=found.label,
        back_url=back,
        old=found.version.release.version,
        observed=part(found, ""),
        questions=found.questions,
        new=narrower.version if narrower else "",
        lines=tuple(_lines(narrower)) if narrower else (),
        download_url=f"{api}?early=true" if early else api,
        why_not=found.why_not,
        early=early,
    )


def _lines(narrower: Narrower) -> Iterator[DiffLine]:
    before, after = narrower.before.splitlines(), narrower.text.splitlines()
    for line in [*difflib.unified_diff(before, after, lineterm="", n=2)][2:]:
        yield DiffLine(line[:1] if line[:1] in {"+", "-", "@"} else "", line)
