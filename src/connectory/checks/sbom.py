"""The bill of materials of a version: CycloneDX 1.6, the same bytes for the same package.

It has no time, no random serial and no version of this program, so that a digest stands for it.
What could not be read is said: a bill with gaps calls itself incomplete.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from connectory.advisories.rules import Package
from connectory.checks.brought import Brought, hashed, inventory, names_packages
from connectory.checks.dockerfile import FILE as DOCKERFILE
from connectory.checks.dockerfile import bases
from connectory.checks.image import brings_image
from connectory.checks.licences import LONGEST, is_known
from connectory.checks.subject import Subject
from connectory.kernel.digest import canonical_json, digest_of
from connectory.manifest.model import Manifest
from connectory.scaffold.layout import SOURCES

SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"
ROOT = "connector"
GAP = "connectory:incomplete"
TYPES = {"PyPI": "pypi", "npm": "npm", "Go": "golang"}
SYSTEMS = {"Debian": "deb", "Ubuntu": "deb", "Alpine": "apk"}
SCRATCH = "scratch"

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Sbom:
    """A bill as it is kept, how many components it lists, and what it says it lacks."""

    content: bytes
    components: int
    gaps: tuple[str, ...]

    @property
    def digest(self) -> str:
        """What decisions are bound to."""
        return digest_of(self.content)


def sbom(subject: Subject, manifest: Manifest, package: str | None) -> Sbom:
    """Return the bill of a version; `package` is the digest of its package."""
    found = inventory(subject)
    items = {purl(one.package): hashed(subject, one) for one in found.items}
    gaps = (*_gaps(subject, package), *found.gaps)
    edges = _edges(items)
    document: Json = {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "connectory"}]},
            "component": _connector(manifest, package),
            "properties": [{"name": GAP, "value": gap} for gap in gaps],
        },
        "components": [_component(ref, items[ref]) for ref in sorted(items)],
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(edges[ref])} for ref in sorted(edges)
        ],
        "compositions": [
            {"aggregate": "incomplete" if gaps else "complete", "assemblies": [ROOT]},
            {"aggregate": "incomplete", "dependencies": [ROOT]},  # not every lock has them
        ],
    }
    return Sbom(canonical_json(document).encode(), len(items), gaps)


def purl(package: Package) -> str:
    """Return the address of a package that tools of all ecosystems understand."""
    base, _, release = package.ecosystem.partition(":")
    version = quote(package.version, safe=":")
    if base in SYSTEMS:
        system, source = base.lower(), "&arch=source" if base != "Alpine" else ""
        distro = quote(f"{system}-{release.removeprefix('v')}")
        place = f"{SYSTEMS[base]}/{system}/{_path(package.name)}"
        return f"pkg:{place}@{version}?distro={distro}{source}"
    start = "v" if base == "Go" else ""
    return f"pkg:{TYPES.get(base, 'generic')}/{_path(package.name)}@{start}{version}"


def _path(name: str) -> str:
    return "/".join(quote(part, safe="") for part in name.split("/"))


def _gaps(subject: Subject, package: str | None) -> Iterator[str]:
    """Say what is used and is in no file that was read."""
    if package is None:
        yield "it was published without a package"
    has_code = any(name.startswith(f"{SOURCES}/") for name in subject.names)
    if has_code and not names_packages(subject):
        yield "no lock says what its code needs"
    if not brings_image(subject.names):
        for image in bases(subject.text(DOCKERFILE)):
            if image != SCRATCH:
                yield f"its base image {image} is not in the package"


def _connector(manifest: Manifest, package: str | None) -> Json:
    """Describe the connector itself; its namespace is no part of its bytes."""
    named = Package("", manifest.id, manifest.version)
    digest = package.removeprefix("sha256:") if package else ""
    return {
        "type": "application",
        "bom-ref": ROOT,
        "name": manifest.id,
        "version": manifest.version,
        "description": manifest.description,
        "purl": purl(named),
        **_licences(manifest.license or ""),
        **_hashes([("SHA-256", digest)] if digest else []),
    }


def _component(ref: str, one: Brought) -> Json:
    return {
        "type": "library",
        "bom-ref": ref,
        "name": one.package.name,
        "version": one.package.version,
        "purl": ref,
        **_licences(one.entry.licence),
        **_hashes(one.entry.hashes),
        "properties": [{"name": "connectory:file", "value": one.file}],
    }


def _hashes(known: Sequence[tuple[str, str]]) -> Json:
    """Write the digests of all files that may be taken for a package."""
    return (
        {"hashes": [{"alg": alg, "content": digits} for alg, digits in known]} if known else {}
    )


def _licences(written: str) -> Json:
    """Write a licence as an expression of SPDX, and as a mere name where it is none."""
    if not written:
        return {}
    if is_known(written):
        return {"licenses": [{"expression": written}]}
    return {"licenses": [{"license": {"name": written[:LONGEST]}}]}


def _edges(items: Mapping[str, Brought]) -> dict[str, set[str]]:
    """Return what needs what; the connector itself needs what nothing else does."""
    by_name: dict[tuple[str, str], list[str]] = {}
    for ref, one in items.items():
        by_name.setdefault((one.package.ecosystem, one.package.name), []).append(ref)
    edges = {ref: set(_needed(one, items, by_name)) for ref, one in items.items()}
    inner = set[str]().union(*edges.values())
    return {ROOT: items.keys() - inner, **{ref: found for ref, found in edges.items() if found}}


def _needed(
    one: Brought, items: Mapping[str, Brought], by_name: Mapping[tuple[str, str], list[str]]
) -> Iterable[str]:
    ecosystem = one.package.ecosystem
    for name, version in one.entry.needs:
        exact = purl(Package(ecosystem, name, version)) if version else ""
        yield from [exact] if exact in items else by_name.get((ecosystem, name), ())
