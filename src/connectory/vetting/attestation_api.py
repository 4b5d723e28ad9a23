"""HTTP: the signed statements about a version."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from connectory.access.actors import SignedIn
from connectory.access.edge import ReadWork
from connectory.attestations import bundle
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.vetting import attestation_store, sbom_store

router = APIRouter(prefix="/api/v1/connectors", tags=["vetting"])


class KeyView(BaseModel):
    """The public key of this server."""

    id: str
    pem: str


class AttestationList(BaseModel):
    """All signed statements about a version, each a Sigstore bundle, and its digests."""

    version: str
    digest: str
    manifest_digest: str
    package_digest: str | None
    sbom_digest: str | None
    key: KeyView
    items: list[dict[str, object]]


@router.get("/{namespace}/{connector}/versions/{version}/attestations")
def list_attestations(
    request: Request, namespace: str, connector: str, version: str, work: ReadWork, by: SignedIn
) -> AttestationList:
    """List who published, signed off and approved a version, in a form to verify offline."""
    release = catalog.version(work, Name(namespace, connector), version, by).release
    key = request.app.state.audit_key.public_key()
    return AttestationList(
        version=release.label,
        digest=release.digest,
        manifest_digest=release.manifest_digest,
        package_digest=release.package_digest,
        sbom_digest=sbom_store.digest(work, release.digest) or None,
        key=KeyView(id=bundle.key_id(key), pem=bundle.pem(key)),
        items=attestation_store.bundles(work, release.label),
    )
