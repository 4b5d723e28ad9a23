"""HTTP: rehearse the removal of a version, read its certificate, try it with sample data."""

from fastapi import APIRouter, Request, Response, status

from connectory.access.actors import Operator, Trier, Visitor
from connectory.access.edge import Opening, OpenWork, ReadWork
from connectory.access.limits import caller_of
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.rehearsals import read, rehearse, trying, views
from connectory.rehearsals.rules import REHEARSE, CertificateMissingError
from connectory.rehearsals.trying import Tries
from connectory.rehearsals.views import CertificateView, RehearsalBegun, TriedView

router = APIRouter(prefix="/api/v1/connectors", tags=["rehearsals"])

VERSION = "/{namespace}/{connector}/versions/{version}"


@router.post(VERSION + ":rehearse", status_code=status.HTTP_202_ACCEPTED)
def rehearse_version(
    request: Request,
    response: Response,
    namespace: str,
    connector: str,
    version: str,
    work: OpenWork,
    by: Operator,
) -> RehearsalBegun:
    """Install, run and remove a version in a throw-away marketplace, to see what is left."""
    found = catalog.version(work, Name(namespace, connector), version, by)
    operation = rehearse.start(work, found, by, request.app.state.recipes[REHEARSE])
    response.headers["Location"] = f"/api/v1/operations/{operation}"
    return RehearsalBegun(operation=operation, digest=found.release.digest)


@router.get(VERSION + "/certificate")
def show_certificate(
    request: Request, namespace: str, connector: str, version: str, work: ReadWork, by: Visitor
) -> CertificateView:
    """Return the newest removal certificate of a version."""
    release = catalog.version(work, Name(namespace, connector), version, by).release
    found = read.certificate(work, release.digest)
    if found is None:
        raise CertificateMissingError(release.label)
    key = request.app.state.audit_key.public_key().public_bytes_raw().hex()
    return views.certificate_view(found, key)


@router.post(VERSION + ":try")
def try_version(
    request: Request, namespace: str, connector: str, version: str, opener: Opening, by: Trier
) -> TriedView:
    """Run the first example of a version in a throw-away marketplace, and wait for the end.

    Only approved versions, and drafts for the team that writes them. It takes some seconds, 60
    at most.
    """
    tries: Tries = request.app.state.tries
    with opener.read() as work:
        found = catalog.version(work, Name(namespace, connector), version, by)
        goods = rehearse.goods_of(work, found)
    tried = tries.run(found, goods, by, caller_of(request.scope, by))
    with opener.write() as work:
        trying.note(work, found, tried)
    return views.tried_view(tried)
