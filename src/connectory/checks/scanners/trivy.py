"""Trivy: vulnerable packages, credentials, and mistakes in files of infrastructure."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import Field

from connectory.advisories.mirror import STALE
from connectory.checks.scanners.adapter import (
    SEVERE,
    Adapter,
    Document,
    Job,
    Output,
    Said,
    UnreadableError,
    leaked,
    parsed,
)
from connectory.checks.scanners.copying import PYTHON_LOCK
from connectory.checks.scanners.vulnerable import vulnerable
from connectory.kernel import clock

MALWARE = "carried malware (CVE-2026-33634)"
SCHEMA = 2
MEANINGS = {
    "DS-0001": "image-not-pinned",
    "DS-0002": "image-runs-as-root",
    **dict.fromkeys(
        ("AWS-0107", "AZU-0047", "AZU-0050", "GCP-0027", "GCP-0071"), "terraform-open-ingress"
    ),
}


class _Cause(Document):
    line: int | None = Field(None, alias="StartLine")
    end: int | None = Field(None, alias="EndLine")


class _Mistake(Document):
    id: str = Field(alias="ID")
    title: str = Field("", alias="Title")
    message: str = Field("", alias="Message")
    way_out: str = Field("", alias="Resolution")
    severity: str = Field("", alias="Severity")
    status: str = Field("FAIL", alias="Status")
    cause: _Cause = Field(_Cause(), alias="CauseMetadata")


class _Secret(Document):
    rule: str = Field(alias="RuleID")
    title: str = Field("", alias="Title")
    line: int = Field(alias="StartLine")
    end: int = Field(alias="EndLine")


class _Identifier(Document):
    purl: str = Field("", alias="PURL")


class _Vulnerability(Document):
    id: str = Field(alias="VulnerabilityID")
    others: list[str] = Field([], alias="VendorIDs")
    name: str = Field(alias="PkgName")
    version: str = Field(alias="InstalledVersion")
    identifier: _Identifier = Field(_Identifier(), alias="PkgIdentifier")
    fixed: str = Field("", alias="FixedVersion")
    title: str = Field("", alias="Title")
    severity: str = Field("", alias="Severity")


class _Result(Document):
    target: str = Field(alias="Target")
    mistakes: list[_Mistake] = Field([], alias="Misconfigurations")
    secrets: list[_Secret] = Field([], alias="Secrets")
    vulnerabilities: list[_Vulnerability] = Field([], alias="Vulnerabilities")


class _Report(Document):
    schema_version: int = Field(alias="SchemaVersion")
    kind: str = Field(alias="ArtifactType")
    results: list[_Result] = Field([], alias="Results")


class _Metadata(Document):
    """`db/metadata.json` in its data."""

    updated: datetime = Field(alias="UpdatedAt")


def _arguments(job: Job) -> Sequence[str]:
    kinds = "misconfig,secret" + (",vuln" if job.data else "")
    return [
        *("fs", "--quiet", "--format", "json", "--exit-code", "0", "--scanners", kinds),
        *("--offline-scan", "--skip-db-update", "--skip-java-db-update"),
        *("--skip-check-update", "--skip-version-check", "--disable-telemetry"),
        *("--config", "", "--ignorefile", "", "--secret-config", ""),
        *("--file-patterns", f"pip:{PYTHON_LOCK}"),
        *(("--cache-dir", str(job.data)) if job.data else ()),
        str(job.package),
    ]


def _ready(job: Job) -> str:
    if job.data is None:
        return ""
    try:
        about = parsed((job.data / "db" / "metadata.json").read_bytes(), _Metadata)
    except (OSError, UnreadableError):
        return f"{job.data} has no database: fill it with `trivy --download-db-only`"
    if clock.now() - about.updated.astimezone(clock.now().tzinfo) > STALE:
        return f"its database is of {about.updated:%Y-%m-%d}: refresh {job.data}"
    return ""


def _read(raw: bytes) -> Output:
    report = parsed(raw, _Report)
    if report.schema_version != SCHEMA:
        raise UnreadableError(f"its schema is {report.schema_version} and not {SCHEMA}")
    return Output([said for one in report.results for said in _said(one)])


def _said(result: _Result) -> Iterator[Said]:
    for mistake in result.mistakes:
        if mistake.status == "FAIL":
            yield _mistake(mistake, result.target)
    for secret in result.secrets:
        yield leaked(secret.rule, result.target, secret.title, secret.line, secret.end)
    for one in result.vulnerabilities:
        yield vulnerable(
            names=[one.id, *one.others],
            purl=one.identifier.purl,
            package=(one.name, one.version),
            place=result.target,
            severity=one.severity,
            title=one.title,
            fixed=[part.strip() for part in one.fixed.split(",") if part.strip()],
        )


def _mistake(one: _Mistake, target: str) -> Said:
    return Said(
        one.id,
        target,
        f"{one.title}: {one.message}" if one.message else one.title,
        one.way_out,
        is_error=one.severity in SEVERE,
        line=one.cause.line,
        end=one.cause.end,
        meaning=MEANINGS.get(one.id, ""),
    )


TRIVY = Adapter(
    "trivy",
    "Trivy",
    "Trivy finds nothing severe",
    "It knows mistakes in infrastructure, forms of credentials and advisories of its own.",
    "where Trivy is set up",
    lambda _vetted: "",
    _arguments,
    _read,
    version=("--version",),
    refused=dict.fromkeys(("0.69.4", "0.69.5", "0.69.6"), MALWARE),
    ready=_ready,
)
