"""The JSON shapes of vetting."""

from collections.abc import Collection, Iterable

from pydantic import BaseModel

from connectory.catalog.read import Version
from connectory.checks.rules import Finding, Result, State
from connectory.checks.scanners.table import SCANNERS
from connectory.checks.table import CHECKS, MANIFEST
from connectory.kernel import clock
from connectory.vetting import sbom_store, store, waiver_store
from connectory.vetting.store import CheckReport
from connectory.vetting.waiver_store import Waiver
from connectory.work import Work

TITLES = {check.id: check for check in (MANIFEST, *CHECKS, *SCANNERS)}


class FindingView(BaseModel):
    """One thing that a check found."""

    file: str
    code: str
    message: str
    hint: str
    path: str
    line: int | None
    column: int | None
    severity: str


class WaivedView(BaseModel):
    """Why a check need not pass now; for all connectors if `connector` is `*`."""

    id: str
    connector: str
    reason: str
    made_by: str
    expires_at: str


class CheckView(BaseModel):
    """One check and what it says. `reason` is why it did not run or does not apply.

    `waiver` is the one in force that ends last.
    """

    check: str
    title: str
    why: str
    state: State
    reason: str
    findings: list[FindingView]
    waiver: WaivedView | None


class SbomView(BaseModel):
    """The bill of materials of a version: its address, and what it says it lacks."""

    digest: str
    components: int
    gaps: list[str]
    url: str


class CheckReportView(BaseModel):
    """What all checks say of a version. Without `ended_at` they wait to run.

    `sbom` is made with the first checks and stays as it is.
    """

    version: str
    digest: str
    engine: str | None
    ended_at: str | None
    passed: int
    total: int
    results: list[CheckView]
    sbom: SbomView | None


def report_of(work: Work, found: Version) -> CheckReportView:
    """Describe what is known of a version; a check that did not run yet is no good news."""
    release = found.release
    report = store.reports(work, [release.digest]).get(release.digest)
    is_done = report is not None and report.ended_at is not None
    results = _results(report)
    passed, total = _count(results)
    waivers = sorted(
        waiver_store.in_force(work, release.name.key), key=lambda one: one.expires_at
    )
    waived = {one.check_id: one for one in waivers}
    return CheckReportView(
        version=release.label,
        digest=release.digest,
        engine=report.engine if report is not None and is_done else None,
        ended_at=clock.rfc3339(report.ended_at) if report and report.ended_at else None,
        passed=passed,
        total=total,
        results=[_check(one, waived.get(one.check)) for one in results],
        sbom=_sbom(work, found),
    )


def _sbom(work: Work, found: Version) -> SbomView | None:
    release = found.release
    known = sbom_store.facts(work, release.digest)
    if known is None:
        return None
    url = f"/api/v1/connectors/{release.name.key}/versions/{release.version}/sbom"
    return SbomView(
        digest=known.digest, components=known.components, gaps=list(known.gaps), url=url
    )


def counts(work: Work, digests: Collection[str]) -> dict[str, tuple[int | None, int]]:
    """Return for each digest how many of how many checks passed; one query.

    Before the checks ran nobody knows how many pass: None.
    """
    known = store.reports(work, digests)
    return {each: _counted(known.get(each)) for each in digests}


def _counted(report: CheckReport | None) -> tuple[int | None, int]:
    passed, total = _count(_results(report))
    return (passed if report is not None and report.ended_at else None), total


def _results(report: CheckReport | None) -> tuple[Result, ...]:
    return report.results if report is not None and report.ended_at is not None else _not_yet()


def _count(results: Iterable[Result]) -> tuple[int, int]:
    counted = [one.state for one in results if one.state is not State.NOT_APPLICABLE]
    return counted.count(State.PASSED), len(counted)


def _not_yet() -> tuple[Result, ...]:
    waiting = (one.id for one in (MANIFEST, *CHECKS))
    return tuple(Result(check, State.NOT_RUN, (), "it waits to run") for check in waiting)


def _check(result: Result, waived: Waiver | None) -> CheckView:
    known = TITLES.get(result.check)
    return CheckView(
        check=result.check,
        title=known.title if known else result.check,
        why=known.why if known else "",
        state=result.state,
        reason=result.reason,
        findings=[_finding(one) for one in result.findings],
        waiver=_waived(waived) if waived else None,
    )


def _waived(one: Waiver) -> WaivedView:
    return WaivedView(
        id=one.id,
        connector=one.connector,
        reason=one.reason,
        made_by=one.made_by,
        expires_at=clock.rfc3339(one.expires_at),
    )


def _finding(found: Finding) -> FindingView:
    problem = found.problem
    return FindingView(
        file=found.file,
        code=problem.code,
        message=problem.message,
        hint=problem.hint,
        path=problem.path,
        line=problem.line,
        column=problem.column,
        severity=problem.severity,
    )
