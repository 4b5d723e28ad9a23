"""Hadolint: mistakes in a Dockerfile, and in the shell commands in it."""

from pydantic import Field

from connectory.checks import dockerfile
from connectory.checks.scanners.adapter import Adapter, Document, Job, Output, Said, parsed

MEANINGS = {
    "DL3002": "image-runs-as-root",
    "DL3006": "image-not-pinned",
    "DL3007": "image-not-pinned",
}


class _Fault(Document):
    code: str
    file: str
    level: str
    line: int = Field(ge=0)
    message: str


def _arguments(job: Job) -> list[str]:
    return [
        *("--no-fail", "--no-color", "--format", "json", "--disable-ignore-pragma"),
        str(job.package / dockerfile.FILE),
    ]


def _read(raw: bytes) -> Output:
    return Output(
        [
            Said(
                one.code,
                one.file,
                one.message,
                f"see https://github.com/hadolint/hadolint/wiki/{one.code}"
                if one.code.startswith("DL")
                else f"see https://www.shellcheck.net/wiki/{one.code}",
                is_error=one.level == "error",
                line=one.line,
                end=one.line,
                meaning=MEANINGS.get(one.code, ""),
            )
            for one in parsed(raw, list[_Fault])
        ]
    )


HADOLINT = Adapter(
    "hadolint",
    "Hadolint",
    "Hadolint finds no error in the Dockerfile",
    "It reads the shell commands in it, too.",
    "with a `Dockerfile`, where Hadolint is set up",
    dockerfile.applies,
    _arguments,
    _read,
    version=("--version",),
)
