"""HTTP: the quarantine of a version, and what it does to instances."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from connectory.access.actors import Operator, SignedIn
from connectory.access.bodies import Body
from connectory.access.edge import OpenWork, ReadWork
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.instances import quarantined
from connectory.instances.quarantined import QuarantineView
from connectory.vetting import quarantining

router = APIRouter(prefix="/api/v1/connectors", tags=["vetting"])
ONE = "/{namespace}/{connector}/versions/{version}/quarantine"


class ReasonBody(Body):
    """Why a version is stopped, or may go on."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


@router.get(ONE)
def show_quarantine(
    namespace: str, connector: str, version: str, work: ReadWork, by: SignedIn
) -> QuarantineView:
    """Say whether a version is quarantined, and how far the instances of it are stopped.

    Admins and security reviewers see all instances, others those of their teams.
    """
    found = catalog.version(work, Name(namespace, connector), version, by)
    return quarantined.view(work, found, by)


@router.post(ONE)
def quarantine_version(
    namespace: str,
    connector: str,
    version: str,
    body: ReasonBody,
    work: OpenWork,
    by: Operator,
) -> QuarantineView:
    """Stop a version: no install, upgrade or rollback to it; what runs it is suspended now."""
    found = catalog.version(work, Name(namespace, connector), version, by)
    quarantining.quarantine(work, found, body.reason, by)
    return show_quarantine(namespace, connector, version, work, by)


@router.delete(ONE)
def lift_quarantine(
    namespace: str,
    connector: str,
    version: str,
    body: ReasonBody,
    work: OpenWork,
    by: Operator,
) -> QuarantineView:
    """Let a version have its status again. Its instances stay suspended until resumed."""
    found = catalog.version(work, Name(namespace, connector), version, by)
    quarantining.lift(work, found, body.reason, by)
    return show_quarantine(namespace, connector, version, work, by)
