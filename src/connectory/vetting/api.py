"""HTTP: what the checks say of a version."""

from fastapi import APIRouter, status
from pydantic import BaseModel

from connectory.access.actors import Publisher, Visitor
from connectory.access.edge import OpenWork, ReadWork
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.vetting import again, views
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


@router.post(f"{CHECKS}:run", status_code=status.HTTP_202_ACCEPTED)
def run_checks(
    namespace: str, connector: str, version: str, work: OpenWork, by: Publisher
) -> Asked:
    """Let the checks of a version run once more: with newer data, or a newer Connectory."""
    found = catalog.version(work, Name(namespace, connector), version, by)
    again.ask_again(work, found, by)
    return Asked(digest=found.release.digest)
