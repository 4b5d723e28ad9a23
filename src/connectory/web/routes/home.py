"""GET /: where to start and what needs a look."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from connectory.access.actors import Visitor
from connectory.access.edge import ReadWork
from connectory.access.rules import Actor
from connectory.instances import read as instances
from connectory.instances.read import Instance
from connectory.instances.rules import InstanceState
from connectory.kernel.paging import MAX_LIMIT
from connectory.listing import read as listing
from connectory.listing import rules
from connectory.listing.find import find
from connectory.web.answering import show
from connectory.web.pages.home import HomePage, Notice, TeamSummary
from connectory.web.parts import Link
from connectory.web.routes.cards import card_of
from connectory.work import Work

router = APIRouter(include_in_schema=False)

RECENT = 3
SEARCHES = ("slack", "crm", "cost")
NOTICES = {
    InstanceState.FAILED: ("failing", "could not be installed or removed"),
    InstanceState.INSTALLING: ("starting", "is being installed"),
    InstanceState.REMOVING: ("starting", "is being removed"),
}


@router.get("/")
def home(request: Request, work: ReadWork, by: Visitor) -> HTMLResponse:
    """Show connectors to start with and what the reader's teams have running."""
    index = request.app.state.backends.search
    mine = _instances(work, by)
    page = HomePage(
        curated=tuple(card_of(p.listing, title=p.title) for p in listing.picked(work, by)),
        recent=tuple(
            card_of(one) for one in listing.recently_approved(work, index, by, RECENT)
        ),
        total=find(work, index, rules.ask("", limit=1), by).total,
        team=_summary(by, mine),
        notices=tuple(_notice(one) for one in mine if one.state in NOTICES),
        searches=tuple(Link(word, f"/connectors?q={word}") for word in SEARCHES),
    )
    return show(request, page)


def _instances(work: Work, by: Actor) -> list[Instance]:
    if not by.teams:
        return []
    wanted = instances.Wanted(teams=frozenset(by.teams), limit=MAX_LIMIT)
    return instances.instances(work, wanted)


def _summary(by: Actor, mine: list[Instance]) -> TeamSummary | None:
    if not by.teams:
        return None
    states = [one.state for one in mine]
    return TeamSummary(
        team=min(by.teams),
        running=states.count(InstanceState.RUNNING),
        failing=states.count(InstanceState.FAILED),
    )


def _notice(one: Instance) -> Notice:
    state, what = NOTICES[one.state]
    return Notice(state, f"{one.label} {what}", Link("Open", f"/t/{one.team}/i/{one.name}"))
