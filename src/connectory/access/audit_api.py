"""HTTP: the event log as an audit trail."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from connectory.access.actors import Admin, TeamViewer
from connectory.access.edge import ReadWork
from connectory.kernel.clock import rfc3339
from connectory.kernel.paging import MAX_LIMIT
from connectory.work import Work, log, seal

router = APIRouter(prefix="/api/v1", tags=["audit"])


class Filters(BaseModel):
    """Which entries to list: those behind a position."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(default=0, ge=0, lt=2**63)
    limit: int = Field(default=MAX_LIMIT, ge=1, le=MAX_LIMIT)


class EntryView(BaseModel):
    """One entry: who did what, when, by which way, and what came of it."""

    id: str
    position: int
    kind: str
    subject: str
    team: str
    actor: str
    via: str
    request: str
    at: str
    facts: dict[str, object]


class EntryList(BaseModel):
    """Entries in order; `next` is the `after` that continues, null at the end."""

    items: list[EntryView]
    next: int | None


class BrokenView(BaseModel):
    """The first place where the log does not hold together."""

    position: int
    event: str
    reason: str


class VerifiedView(BaseModel):
    """What recomputing the whole chain found."""

    state: str
    entries: int
    head: int
    chain: str
    broken: BrokenView | None


@router.get("/audit")
def list_entries(work: ReadWork, by: Admin, asked: Annotated[Filters, Query()]) -> EntryList:
    """List audit entries of everything."""
    return _page(work, asked, "")


@router.get("/teams/{team}/audit")
def list_team_entries(
    team: str, work: ReadWork, by: TeamViewer, asked: Annotated[Filters, Query()]
) -> EntryList:
    """List audit entries of a team."""
    return _page(work, asked, team)


@router.get("/audit/verify")
def verify(request: Request, work: ReadWork, by: Admin) -> VerifiedView:
    """Recompute the chain of the whole log and name the first entry that does not fit."""
    found = seal.verify(work.db, request.app.state.audit_key.public_key())
    broken = found.broken
    return VerifiedView(
        state="broken" if broken else "intact",
        entries=found.entries,
        head=found.head.position,
        chain=found.head.chain,
        broken=(
            BrokenView(position=broken.position, event=broken.event, reason=broken.reason)
            if broken
            else None
        ),
    )


def _page(work: Work, asked: Filters, team: str) -> EntryList:
    found = log.sealed_after(work.db, asked.after, asked.limit, team=team)
    more = found[-1].position if len(found) == asked.limit else None
    return EntryList(items=[_entry(row) for row in found], next=more)


def _entry(row: log.Row) -> EntryView:
    return EntryView(
        id=row.id,
        position=row.position or 0,
        kind=row.kind,
        subject=row.subject,
        team=row.team,
        actor=row.actor,
        via=row.via,
        request=row.request,
        at=rfc3339(row.at),
        facts=row.facts,
    )
