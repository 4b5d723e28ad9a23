"""The signed statements about versions, and the bytes that they are about."""

from dataclasses import dataclass
from typing import TypedDict

from connectory.client.catalog import Reference
from connectory.client.transport import Transport, path_of


class Key(TypedDict):
    """The public key of a server."""

    id: str
    pem: str


class AttestationList(TypedDict):
    """All signed statements about a version."""

    version: str
    digest: str
    manifest_digest: str
    package_digest: str | None
    sbom_digest: str | None
    key: Key
    items: list[object]


@dataclass(frozen=True, slots=True)
class Attestations:
    """The routes about one version; references have namespace and version.

    Every method raises what `Transport.send` raises.
    """

    http: Transport

    def list(self, version: Reference) -> AttestationList:
        """Read who published, signed off and approved a version."""
        return self.http.get(AttestationList, f"{_path(version)}/attestations")

    def manifest(self, version: Reference) -> bytes:
        """Read the manifest byte for byte."""
        return self.http.content(f"{_path(version)}/manifest")

    def package(self, version: Reference) -> bytes:
        """Read the package byte for byte."""
        return self.http.content(f"{_path(version)}/package")

    def sbom(self, version: Reference) -> bytes:
        """Read the bill of materials, whose digest decisions are bound to."""
        return self.http.content(f"{_path(version)}/sbom")


def _path(version: Reference) -> str:
    return f"{version.path}{path_of('versions', version.version)}"
