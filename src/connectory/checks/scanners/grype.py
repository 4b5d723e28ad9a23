"""Grype: vulnerable packages."""

from collections.abc import Iterator

from pydantic import Field

from connectory.checks.scanners.adapter import Adapter, Document, Job, Output, Said, parsed
from connectory.checks.scanners.vulnerable import vulnerable


class _Fix(Document):
    versions: list[str] = Field([])


class _Advisory(Document):
    id: str
    severity: str = ""
    description: str = ""
    fix: _Fix = _Fix()


class _Location(Document):
    path: str


class _Artifact(Document):
    name: str
    version: str
    purl: str = ""
    locations: list[_Location] = Field([])


class _Match(Document):
    vulnerability: _Advisory
    related: list[_Advisory] = Field([], alias="relatedVulnerabilities")
    artifact: _Artifact


class _Descriptor(Document):
    name: str
    version: str


class _Report(Document):
    matches: list[_Match]
    descriptor: _Descriptor


def _arguments(job: Job) -> list[str]:
    return [f"dir:{job.package}", "--output", "json", "--quiet"]


def _ready(job: Job) -> str:
    if job.data is None:
        return "its database is not set: fill a folder by `grype db update` and name it"
    return "" if job.data.is_dir() else f"{job.data} is not there"


def _read(raw: bytes) -> Output:
    report = parsed(raw, _Report)
    return Output(list(_said(report)), report.descriptor.version)


def _said(report: _Report) -> Iterator[Said]:
    for one in report.matches:
        artifact, advisory = one.artifact, one.vulnerability
        yield vulnerable(
            names=[advisory.id, *(each.id for each in one.related)],
            purl=artifact.purl,
            package=(artifact.name, artifact.version),
            place=artifact.locations[0].path if artifact.locations else "",
            severity=advisory.severity,
            title=advisory.description,
            fixed=advisory.fix.versions,
        )


GRYPE = Adapter(
    "grype",
    "Grype",
    "Grype finds no vulnerable package",
    "It has a database of its own, of the advisories of many publishers.",
    "where Grype is set up",
    lambda _vetted: "",
    _arguments,
    _read,
    environment={
        "GRYPE_DB_AUTO_UPDATE": "false",
        "GRYPE_DB_VALIDATE_AGE": "true",
        "GRYPE_DB_MAX_ALLOWED_BUILT_AGE": "168h",
        "GRYPE_CHECK_FOR_APP_UPDATE": "false",
    },
    data_variable="GRYPE_DB_CACHE_DIR",
    ready=_ready,
)
