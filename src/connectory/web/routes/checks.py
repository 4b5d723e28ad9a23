"""What the checks say of a version, as a page shows it."""

from connectory.catalog.read import Version
from connectory.kernel import clock
from connectory.vetting import views
from connectory.vetting.views import CheckView, FindingView, SbomView, WaivedView
from connectory.web.pages.connector import Checked, CheckRow, FindingRow, SbomFile, WaiverRow
from connectory.work import Work


def checked(work: Work, found: Version) -> Checked:
    """Return what is known; before the checks ran, that they wait."""
    report = views.report_of(work, found)
    return Checked(
        rows=tuple(_row(one) for one in report.results),
        passed=report.passed,
        total=report.total,
        at=clock.parse_rfc3339(report.ended_at) if report.ended_at else None,
        sbom=_sbom(report.sbom) if report.sbom else None,
    )


def _sbom(one: SbomView) -> SbomFile:
    return SbomFile(one.url, one.digest, one.components, tuple(one.gaps))


def _row(one: CheckView) -> CheckRow:
    return CheckRow(
        title=one.title,
        why=one.why,
        state=one.state,
        reason=one.reason,
        findings=tuple(_finding(found) for found in one.findings),
        check=one.check,
        waiver=_waiver(one.waiver) if one.waiver else None,
    )


def _waiver(one: WaivedView) -> WaiverRow:
    until = clock.parse_rfc3339(one.expires_at)
    return WaiverRow(one.reason, one.made_by, until, is_for_all=one.connector == "*")


def _finding(found: FindingView) -> FindingRow:
    place = ":".join(str(part) for part in (found.file, found.line, found.column) if part)
    where = " ".join(part for part in (place, found.path) if part)
    return FindingRow(where, found.message, found.hint, is_error=found.severity == "error")
