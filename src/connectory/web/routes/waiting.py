"""What waits for somebody: the notices of the home page, most urgent first."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import groupby

from connectory.access import read as access
from connectory.access.rules import Actor
from connectory.instances import outdated
from connectory.instances import read as instances
from connectory.instances.read import Instance
from connectory.instances.rules import InstanceState
from connectory.kernel.paging import MAX_LIMIT
from connectory.operations import read as operations
from connectory.operations.read import OperationRow, Wanted
from connectory.operations.rules import State
from connectory.publishing import drafts
from connectory.vetting import alerts
from connectory.web.pages.home import Notice
from connectory.web.parts import Link
from connectory.web.render import relative
from connectory.work import Work

SOON = timedelta(days=7)  # a token that ends within is told of
RECENT = timedelta(days=7)  # a failure that is older is told of no more
LOOKED_AT = 20  # operations of each outcome
WORKING = {
    InstanceState.INSTALLING: "is being installed",
    InstanceState.REMOVING: "is being removed",
}


def own_instances(work: Work, by: Actor) -> list[Instance]:
    """Return the live instances of the reader's own teams."""
    if not by.teams:
        return []
    wanted = instances.Wanted(teams=frozenset(by.teams), limit=MAX_LIMIT)
    return instances.instances(work, wanted)


def notices(work: Work, by: Actor, mine: Iterable[Instance]) -> tuple[Notice, ...]:
    """Say what waits for the reader; a few queries, however much there is."""
    if by.is_anonymous:
        return ()
    seen = list(mine)
    return (
        *_failures(work, by),
        *_alerts(work, by, seen),
        *_tokens(work, by),
        *_working(seen),
        *_outdated(work, seen),
        *_drafts(work, by),
    )


def _failures(work: Work, by: Actor) -> Iterator[Notice]:
    """Tell of operations that failed, unless a later one on the same instance is known."""
    if not by.teams:
        return
    found: list[OperationRow] = []
    for state in (State.FAILED, State.UNDONE):
        wanted = Wanted(teams=frozenset(by.teams), state=state, limit=LOOKED_AT)
        found += operations.operations(work, wanted)
    recent = [one for one in found if work.now - one.created_at < RECENT and one.error]
    last = operations.last_on(work, [one.resource for one in recent])
    for one in sorted(recent, key=lambda each: each.created_at, reverse=True):
        if last[one.resource].id == one.id:
            what = "failed" if one.state is State.FAILED else "failed and was undone"
            message = f"The {one.kind} of {one.label} {what}"
            yield Notice("failed", message, Link("Open", f"/operations/{one.id}"))


def _alerts(work: Work, by: Actor, mine: list[Instance]) -> Iterator[Notice]:
    """Tell of advisories that concern what the reader's teams run, or have published."""
    told = alerts.concerning(work, {one.digest for one in mine}, by.teams)
    running = {one.digest: one for one in reversed(mine)}
    for label, group in groupby(sorted(told, key=lambda one: one.label), lambda one: one.label):
        found = list(group)
        names = ", ".join(dict.fromkeys(one.about.partition(" ")[0] for one in found[:3]))
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""  # noqa: PLR2004
        instance = running.get(found[0].digest)
        what = f"{instance.label} runs {label}, which" if instance else label
        message = f"{what} is concerned by {names}{more}"
        yield Notice("vulnerable", message, Link("See", f"/c/{label}#security"))


def _tokens(work: Work, by: Actor) -> Iterator[Notice]:
    for token in access.tokens(work, by.name):
        if work.now < token.expires_at < work.now + SOON:
            when = relative(token.expires_at, work.now)
            message = f"Your token {token.name} expires {when}"
            yield Notice("expires", message, Link("Replace", "/me#tokens"))


def _working(mine: Iterable[Instance]) -> Iterator[Notice]:
    for one in mine:
        if one.state in WORKING:
            link = Link("Watch", f"/t/{one.team}/i/{one.name}")
            yield Notice("working", f"{one.label} {WORKING[one.state]}", link)


def _outdated(work: Work, mine: list[Instance]) -> Iterator[Notice]:
    newer = outdated.newer(work, mine)
    for one in mine:
        if one.id in newer:
            message = f"{one.label} runs {one.version}; {newer[one.id]} is approved"
            link = Link("Upgrade", f"/t/{one.team}/i/{one.name}/upgrade")
            yield Notice("outdated", message, link)


def _drafts(work: Work, by: Actor) -> Iterator[Notice]:
    for draft in drafts.mine(work, by):
        message = f"You began to describe a connector {relative(draft.changed_at, work.now)}"
        yield Notice("draft", message, Link("Resume", f"/new/{draft.id}"))
