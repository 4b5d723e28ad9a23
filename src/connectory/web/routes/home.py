"""GET /: where to start and what needs a look."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from fastapi import APIRouter, Cookie, Query, Request
from fastapi.responses import HTMLResponse, Response

from connectory.access.actors import SignedIn, Visitor
from connectory.access.edge import ReadWork
from connectory.access.rules import Actor
from connectory.catalog import read as catalog
from connectory.catalog.rules import Status
from connectory.instances import defaults
from connectory.instances import read as instances
from connectory.instances.read import Instance
from connectory.instances.rules import InstanceState
from connectory.listing import read as listing
from connectory.listing import rules, sets
from connectory.listing.find import find
from connectory.web.answering import YEAR_S, is_secure, see_other, show
from connectory.web.pages.home import FirstStep, HomePage, ReuseRow, SetCards, TeamSummary
from connectory.web.parts import Link
from connectory.web.routes.cards import card_of
from connectory.web.routes.searches import saved_rows
from connectory.web.routes.waiting import notices, own_instances
from connectory.work import Work

router = APIRouter(include_in_schema=False)

RECENT = REUSED = 3
LOOKED_AT = 20  # of the most reused: some may not be approved any more
NOTICES = 8
SEARCHES = ("slack", "crm", "cost")
STEPS_COOKIE, HIDDEN, SHOW = "connectory_steps", "hidden", "show"


@router.get("/")
def home(
    request: Request,
    work: ReadWork,
    by: Visitor,
    asked: Annotated[str, Query(alias="steps")] = "",
    kept: Annotated[str, Cookie(alias=STEPS_COOKIE)] = "",
) -> HTMLResponse:
    """Show connectors to start with, what waits for the reader, and what their teams run."""
    index = request.app.state.backends.search
    mine = own_instances(work, by)
    waiting = notices(work, by, mine)
    total = find(work, index, rules.ask("", limit=1), by).total
    steps = _steps(work, by, mine, total) if asked == SHOW or kept != HIDDEN else ()
    if asked != SHOW and all(step.is_done for step in steps):
        steps = ()
    page = HomePage(
        sets=tuple(_sets(work, by)),
        recent=tuple(
            card_of(one) for one in listing.recently_approved(work, index, by, RECENT)
        ),
        total=total,
        team=_summary(by, mine),
        notices=waiting[:NOTICES],
        more_notices=max(0, len(waiting) - NOTICES),
        searches=tuple(Link(word, f"/connectors?q={word}") for word in SEARCHES),
        saved=saved_rows(work, by),
        reused=tuple(_reused(work)),
        steps=steps,
        may_curate=by.is_admin,
    )
    return show(request, page)


@router.post("/first-steps/hide")
def hide_steps(request: Request, by: SignedIn) -> Response:
    """Hide the first steps in this browser; the account menu shows them again."""
    answer = see_other("/")
    secure = is_secure(request)
    answer.set_cookie(STEPS_COOKIE, HIDDEN, max_age=YEAR_S, secure=secure, samesite="lax")
    return answer


def _sets(work: Work, by: Actor) -> Iterator[SetCards]:
    """Return the sets that have something to show here: approved connectors, to everybody."""
    for found in sets.seen(work, by):
        cards = tuple(
            card_of(each.listing, title=each.member.title)
            for each in found.members
            if each.listing and each.listing.status is Status.APPROVED
        )
        if cards:
            yield SetCards(found.set.title, found.set.why, f"/sets/{found.set.id}", cards)


def _reused(work: Work) -> Iterator[ReuseRow]:
    counts = {name.key: teams for name, teams in instances.most_reused(work, LOOKED_AT)}
    found = catalog.listings(work, counts)
    approved = [key for key in counts if found[key].status is Status.APPROVED]
    for key in approved[:REUSED]:
        yield ReuseRow(Link(found[key].name, f"/c/{key}"), counts[key])


def _summary(by: Actor, mine: list[Instance]) -> TeamSummary | None:
    if not by.teams:
        return None
    states = [one.state for one in mine]
    return TeamSummary(
        team=min(by.teams),
        running=states.count(InstanceState.RUNNING),
        failing=states.count(InstanceState.FAILED),
    )


def _steps(
    work: Work, by: Actor, mine: Iterable[Instance], total: int
) -> tuple[FirstStep, ...]:
    """Say how far the reader is on the way to a first instance."""
    if by.is_anonymous:
        return ()
    team = min(by.teams, default="")
    page = f"/t/{team}" if team else ""
    has_defaults = bool(defaults.environments_of(work, by.teams))
    return (
        FirstStep("Sign in", f"You are {by.name}.", is_done=True),
        FirstStep(
            "Be in a team",
            "An admin makes one: `connectory team create`.",
            is_done=bool(team),
            link=Link("Open your team", page) if team else None,
        ),
        FirstStep(
            "Have a connector in the catalog",
            "Describe one on a page, or begin with `connectory new`.",
            is_done=total > 0,
            link=Link("Bring your own", "/new"),
        ),
        FirstStep(
            "Set your team's defaults",
            "What every install of your team begins with: a channel, an address.",
            is_done=has_defaults,
            link=Link("Set defaults", f"{page}#defaults") if team else None,
        ),
        FirstStep(
            "Install a connector",
            "The preview says what it will do and cost before anything happens.",
            is_done=any(True for _ in mine),
            link=Link("Choose one", "/connectors?status=approved"),
        ),
    )
