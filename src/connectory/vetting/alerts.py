"""Alerts: newer advisories concern versions that were clean before; told once for each."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from connectory.catalog import read as catalog
from connectory.catalog.rules import of_label
from connectory.checks import dependencies
from connectory.checks.rules import Finding, Result, State
from connectory.vetting import alert_store
from connectory.vetting.alert_store import Alert
from connectory.vetting.store import CheckReport
from connectory.work import Event, Work

CHECK = "dependencies"
RunsIn = Callable[[Work, str], list[str]]
"""Says which teams have instances with the bytes of a digest."""


@dataclass(frozen=True, slots=True)
class AdvisoryFound(Event):
    """A newer advisory concerns what an already checked version brings along.

    `owner` is the team of the version, `runs_in` are the teams that have instances of it.
    """

    digest: str
    about: str
    finding: str
    way_out: str
    owner: str
    runs_in: list[str]


def follow(work: Work, before: CheckReport, results: Iterable[Result], runs_in: RunsIn) -> None:
    """Keep which advisories concern these bytes, and tell what is new since the last look.

    What could not be looked up leaves everything as it was.
    """
    done = next((one for one in results if one.check == CHECK), None)
    if done is None or done.state is State.NOT_RUN:
        return
    found = {one.about: one for one in done.findings if is_alert(one)}
    alert_store.keep_only(work, before.digest, found)
    owner = _owner(work, before)
    for about, one in found.items():
        told = one.problem.message, one.problem.hint
        alert = Alert(before.digest, about, before.label, owner, *told, work.now)
        if alert_store.add(work, alert) and before.results:
            teams = runs_in(work, before.digest)
            facts = before.digest, about, *told, owner, teams
            work.emit(AdvisoryFound(before.label, owner, *facts))


def is_alert(finding: Finding) -> bool:
    """Whether a finding says that an advisory concerns a package."""
    return finding.problem.code == dependencies.VULNERABLE


def of_version(work: Work, digest: str) -> list[Alert]:
    """Return the alerts about the bytes of a version."""
    return alert_store.alerts(work, [digest])


def concerning(work: Work, digests: Collection[str], teams: Collection[str]) -> list[Alert]:
    """Return the alerts about bytes that somebody runs, or versions that their teams own."""
    return alert_store.alerts(work, digests, teams)


def _owner(work: Work, report: CheckReport) -> str:
    """Return the team that owns the version, as long as it still has these bytes."""
    found = catalog.by_digest(work, *of_label(report.label), report.digest)
    return found.team if found else ""
