"""HTTP: what the checks say of a version."""

from fastapi import APIRouter, status
from pydantic import BaseModel

from connectory.access.actors import Publisher, Visitor
from connectory.access.edge import OpenWork, ReadWork
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.kernel import clock
from connectory.vetting import again, alerts, views
from connectory.vetting.alert_store import Alert
from connectory.vetting.views import CheckReportView

router = APIRouter(prefix="/api/v1/connectors", tags=["vetting"])
CHECKS = "/{namespace}/{connector}/versions/{version}/checks"


class Asked(BaseModel):
    """The checks of a version were asked for once more."""

    digest: str


@router.get(CHECKS)
def show_checks(
    namespace: str, connector: str, version: str, work: ReadWork, by: Visitor
) -> CheckReportView:
    """Say what each check found in the bytes of a version, and what it could not look at."""
    found = catalog.version(work, Name(namespace, connector), version, by)
    return views.report_of(work, found)


class AlertView(BaseModel):
    """An advisory that concerns what a version brings along, and since when that is known."""

    advisory: str
    package: str
    version: str
    message: str
    hint: str
    found_at: str


class AlertList(BaseModel):
    """The alerts about the bytes of a version, the newest first."""

    items: list[AlertView]


@router.get("/{namespace}/{connector}/versions/{version}/alerts")
def show_alerts(
    namespace: str, connector: str, version: str, work: ReadWork, by: Visitor
) -> AlertList:
    """List the advisories that concern a version, as far as the newest look at them says."""
    found = catalog.version(work, Name(namespace, connector), version, by)
    told = alerts.of_version(work, found.release.digest)
    return AlertList(items=[_alert(one) for one in told])


@router.post(f"{CHECKS}:run", status_code=status.HTTP_202_ACCEPTED)
def run_checks(
    namespace: str, connector: str, version: str, work: OpenWork, by: Publisher
) -> Asked:
    """Let the checks of a version run once more: with newer data, or a newer Connectory."""
    found = catalog.version(work, Name(namespace, connector), version, by)
    again.ask_again(work, found, by)
    return Asked(digest=found.release.digest)


def _alert(one: Alert) -> AlertView:
    advisory, package, version = one.about.split(" ", 2)
    return AlertView(
        advisory=advisory,
        package=package,
        version=version,
        message=one.message,
        hint=one.hint,
        found_at=clock.rfc3339(one.found_at),
    )
