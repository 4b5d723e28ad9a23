"""Checkov: mistakes in Terraform and in a Dockerfile.

Without an account it grades nothing, so all that it finds are warnings.
"""

from pydantic import Field, TypeAdapter

from connectory.checks import dockerfile, terraform
from connectory.checks.scanners.adapter import (
    SEVERE,
    Adapter,
    Document,
    Job,
    Output,
    Said,
    UnreadableError,
    parsed,
)
from connectory.checks.subject import Vetted

MEANINGS = {
    "CKV_DOCKER_7": "image-not-pinned",
    "CKV_DOCKER_3": "image-runs-as-root",
    "CKV_DOCKER_8": "image-runs-as-root",
    **dict.fromkeys(
        ("CKV_AWS_24", "CKV_AWS_25", "CKV_AWS_260", "CKV_AWS_277", "CKV_AZURE_10", "CKV_GCP_2"),
        "terraform-open-ingress",
    ),
    **dict.fromkeys(
        ("CKV_AWS_62", "CKV_AWS_63", "CKV2_AWS_40"), "terraform-wildcard-permission"
    ),
    "CKV_AWS_355": "terraform-wildcard-resource",
}


class _Failed(Document):
    check_id: str
    check_name: str
    file_path: str
    file_line_range: tuple[int, int]
    resource: str = ""
    severity: str | None = None
    guideline: str | None = None


class _Results(Document):
    failed: list[_Failed] = Field([], alias="failed_checks")


class _Summary(Document):
    parsing_errors: int
    checkov_version: str


class _Report(Document):
    results: _Results
    summary: _Summary


Shape = TypeAdapter[list[_Report] | _Report | _Summary]


def _applies(vetted: Vetted) -> str:
    is_any = not terraform.applies(vetted) or not dockerfile.applies(vetted)
    return "" if is_any else "it has neither Terraform nor a Dockerfile"


def _arguments(job: Job) -> list[str]:
    return [
        *("--directory", str(job.package), "--framework", "terraform", "dockerfile"),
        *("--skip-download", "--soft-fail", "--quiet", "--compact", "--output", "json"),
    ]


def _read(raw: bytes) -> Output:
    """Read one report for each kind of files; alone if there is one; a summary if none is."""
    shape: Shape = TypeAdapter(list[_Report] | _Report | _Summary)
    document = parsed(raw, shape)
    if isinstance(document, _Summary):
        reports, summaries = [], [document]
    else:
        reports = document if isinstance(document, list) else [document]
        summaries = [one.summary for one in reports]
    broken = sum(one.parsing_errors for one in summaries)
    if broken or not summaries:
        raise UnreadableError(f"it could not read {broken} of the files")
    said = [_said(one) for report in reports for one in report.results.failed]
    return Output(said, summaries[0].checkov_version)


def _said(one: _Failed) -> Said:
    line, end = one.file_line_range
    return Said(
        one.check_id,
        one.file_path,
        f"not so in {one.resource}: {one.check_name}" if one.resource else one.check_name,
        f"see {one.guideline}" if one.guideline else f"look up {one.check_id} in its index",
        is_error=one.severity in SEVERE,
        line=line,
        end=end,
        meaning=MEANINGS.get(one.check_id, ""),
    )


CHECKOV = Adapter(
    "checkov",
    "Checkov",
    "Checkov finds nothing severe",
    "It knows more than a thousand mistakes in Terraform and Dockerfiles.",
    "with Terraform or a `Dockerfile`, where Checkov is set up",
    _applies,
    _arguments,
    _read,
)
