"""Pages of /admin/sources: repositories that are pulled, and the log of each pull."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from connectory.access.actors import Admin, Operator, SignedIn
from connectory.access.edge import Opener, Opening, OpenWork, ReadWork
from connectory.access.rules import Actor, Reviewer, Role
from connectory.kernel.clock import parse_rfc3339
from connectory.kernel.errors import ConnectoryError
from connectory.sources import manage, read, views
from connectory.sources.manage import Rule
from connectory.sources.rules import COUNTED, MOST_SYNCS, Outcome, Source, Sync, Wanted
from connectory.sources.views import EntryView, FailureView, SignOffView, SyncView
from connectory.vetting import review_read
from connectory.web.answering import REFUSED, Entered, see_other, show, trouble_of
from connectory.web.pages.sources import (
    Count,
    FolderRow,
    ShownLog,
    SourcePage,
    SourceRow,
    SourcesPage,
    SyncRow,
)
from connectory.web.parts import Fact, Link, Trouble
from connectory.web.parts import Field as Control
from connectory.work import Origin, Work

router = APIRouter(include_in_schema=False)

PAGE = "/admin/sources"
ONE = PAGE + "/{source}"
FOLDERS = 50  # of a log, on one page
PULLS = 10  # of a source, on one page


class Asked(BaseModel):
    """Which part of a log is shown, and which of the pulls."""

    outcome: Outcome | None = None
    after: str = ""
    pulls: int = Field(default=0, ge=0, le=MOST_SYNCS)


@router.get(PAGE)
def list_sources(request: Request, work: ReadWork, by: SignedIn) -> HTMLResponse:
    """List the repositories that are pulled for one's teams."""
    found = views.source_views(work, manage.mine(work, by), request.app.state.settings.url)
    rows = tuple(
        SourceRow(one.name, one.url, one.branch, one.team, _row(one.last) if one.last else None)
        for one in found
    )
    return show(request, SourcesPage(rows))


@router.get(ONE)
def show_source(
    request: Request,
    source: str,
    work: ReadWork,
    by: SignedIn,
    asked: Annotated[Asked, Query()],
) -> HTMLResponse:
    """Show a source with its last log."""
    found = manage.visible(work, source, by)
    last = next(iter(read.syncs(work, found.name, 1)), None)
    return show(request, _page(request, work, found, by, (last, asked)))


@router.get(ONE + "/syncs/{sync}")
def show_log(
    request: Request,
    source: str,
    sync: str,
    work: ReadWork,
    by: SignedIn,
    asked: Annotated[Asked, Query()],
) -> HTMLResponse:
    """Show the log of one pull."""
    one = manage.visible_sync(work, source, sync, by)
    found = manage.visible(work, source, by)
    return show(request, _page(request, work, found, by, (one, asked)))


@router.post(ONE + "/syncs")
def start_sync(source: str, work: OpenWork, by: Operator, entered: Entered) -> Response:
    """Pull a source soon, and go on to the log."""
    asked = manage.ask_as(work, source, by, anew="anew" in entered)
    return see_other(f"{PAGE}/{source}/syncs/{asked.id}")


@router.post(ONE + "/sign-offs")
def count_merges(
    request: Request, source: str, opener: Opening, by: Admin, entered: Entered
) -> Response:
    """Set as whose sign-off a merge counts; the webhook's new secret is shown this once."""
    roles = tuple(role for role in COUNTED if role in entered)
    if not roles:
        manage.stop_counting(opener, source, by)
        return see_other(f"{PAGE}/{source}")
    secrets = request.app.state.backends.secrets
    rule = Rule(roles, _people(entered.get("people", "")))
    try:
        key = manage.count_merges(opener, secrets, source, rule, by).reveal()
    except ConnectoryError as refused:
        page = _first(request, opener, source, by)
        fields = _rule(rule.roles, rule.people)
        troubled = replace(page, rule=fields, troubles=(trouble_of(refused),))
        return show(request, troubled, REFUSED)
    return show(request, replace(_first(request, opener, source, by), hook_secret=key))


def _first(request: Request, opener: Opener, source: str, by: Actor) -> SourcePage:
    with opener.read() as work:
        found = manage.visible(work, source, by)
        last = next(iter(read.syncs(work, found.name, 1)), None)
        return _page(request, work, found, by, (last, Asked()))


def _page(
    request: Request, work: Work, found: Source, by: Actor, shown: tuple[Sync | None, Asked]
) -> SourcePage:
    sync, asked = shown
    [told] = views.source_views(work, [found], request.app.state.settings.url)
    pulls = read.syncs(work, found.name, asked.pulls + PULLS + 1)[asked.pulls :]
    here = f"{PAGE}/{found.name}"
    return SourcePage(
        name=found.name,
        about=tuple(_about(found)),
        syncs=tuple(_row(one) for one in views.sync_views(work, pulls[:PULLS])),
        log=_log(work, sync, by, asked) if sync else None,
        may_sync=by.has_role(Role.MEMBER, found.team),
        newer_url=here if asked.pulls else "",
        older_url=f"{here}?pulls={asked.pulls + PULLS}" if len(pulls) > PULLS else "",
        rule=_rule(found.sign_offs, found.people) if by.is_admin else (),
        counts_merges=bool(found.sign_offs),
        hook_url=told.hook_url,
    )


def _about(found: Source) -> Iterable[Fact]:
    yield Fact("Repository", found.url, code=True)
    yield Fact("Branch", found.branch, code=True)
    yield Fact("Folder", found.folder or "all of it", code=bool(found.folder))
    yield Fact("Publishes into", found.namespace)
    yield Fact("Team", found.team, url=f"/t/{found.team}")
    yield Fact("A merge signs for", ", ".join(found.sign_offs) or "nobody")


def _row(one: SyncView) -> SyncRow:
    return SyncRow(
        id=one.id,
        url=f"{PAGE}/{one.source}/syncs/{one.id}",
        state=one.state,
        asked_by="its webhook" if one.asked_by == Origin.NOBODY else one.asked_by,
        asked_at=parse_rfc3339(one.asked_at),
        commit=one.commit,
        published=one.counts[Outcome.PUBLISHED],
        refused=one.counts[Outcome.REFUSED],
        is_anew=one.anew,
    )


def _log(work: Work, sync: Sync, by: Actor, asked: Asked) -> ShownLog:
    [told] = views.sync_views(work, [sync])
    row = _row(told)
    wanted = Wanted(asked.outcome, asked.after, FOLDERS + 1)
    found = views.entry_views(work, sync.id, wanted)
    more = {"after": found[FOLDERS - 1].folder} if len(found) > FOLDERS else {}
    labels = {one.version for one in found[:FOLDERS] if one.version}
    reviews = review_read.of_labels(work, labels, by)
    return ShownLog(
        sync=row,
        rows=tuple(_folder(one, reviews) for one in found[:FOLDERS]),
        counts=tuple(_counts(row.url, told.counts, asked.outcome)),
        failure=_trouble(told.error),
        first_url=_address(row.url, asked.outcome) if asked.after else "",
        next_url=_address(row.url, asked.outcome, **more) if more else "",
    )


def _counts(url: str, counts: Mapping[str, int], shown: Outcome | None) -> Iterable[Count]:
    yield Count("", sum(counts.values()), url, is_shown=shown is None)
    for outcome in Outcome:
        if counts[outcome]:
            address = _address(url, outcome)
            yield Count(outcome, counts[outcome], address, is_shown=shown is outcome)


def _address(url: str, outcome: Outcome | None, **more: str) -> str:
    said = urlencode({**({"outcome": outcome} if outcome else {}), **more})
    return f"{url}?{said}" if said else url


def _folder(one: EntryView, reviews: Mapping[str, str]) -> FolderRow:
    review = reviews.get(one.version)
    return FolderRow(
        folder=one.folder,
        outcome=one.outcome,
        version=Link(one.version, f"/c/{one.version}") if one.version else None,
        review=Link("Review", f"/reviews/{review}") if review else None,
        trouble=_trouble(one.error),
        problems=tuple(one.problems),
        authors=tuple(one.authors),
        sign_off=_sign_off(one.sign_off) if one.sign_off else "",
    )


def _trouble(error: FailureView | None) -> Trouble | None:
    """Say why as the command line does: it may begin with a name or an address."""
    return Trouble(error.message, error.hint) if error else None


def _sign_off(said: SignOffView) -> str:
    if not said.roles:
        return f"Its merge signs for nobody: {said.reason}"
    signs = f"Merged by {said.by}, who signs for {', '.join(said.roles)}"
    return f"{signs}; {said.reason}" if said.reason else signs


def _rule(roles: Iterable[Reviewer], people: Mapping[str, str]) -> tuple[Control, ...]:
    chosen = set(roles)
    return (
        *(
            Control(role, role.capitalize(), "checkbox", "true" if role in chosen else "")
            for role in COUNTED
        ),
        Control(
            "people",
            "Who is called otherwise at the host",
            "textarea",
            "\n".join(f"{name}={account}" for name, account in sorted(people.items())),
            hint="One a line: the name there, `=`, the account here.",
            example="ana-smith=ana",
        ),
    )


def _people(text: str) -> dict[str, str]:
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line)
    return {name.strip().lower(): account.strip() for name, _, account in pairs}
