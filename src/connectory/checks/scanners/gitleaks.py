"""Gitleaks: credentials. What it found is never taken over, only where."""

from pydantic import Field

from connectory.checks.scanners.adapter import Adapter, Document, Job, Output, leaked, parsed

USUAL_RULES = "[extend]\nuseDefault = true\n"


class _Leak(Document):
    rule: str = Field(alias="RuleID")
    description: str = Field("", alias="Description")
    file: str = Field(alias="File")
    line: int = Field(alias="StartLine")
    end: int = Field(alias="EndLine")


def _arguments(job: Job) -> list[str]:
    return [
        *("dir", "--no-banner", "--log-level", "error", "--exit-code", "0"),
        *("--report-format", "json", "--report-path", "-", "--redact"),
        "--ignore-gitleaks-allow",
        str(job.package),
    ]


def _read(raw: bytes) -> Output:
    return Output(
        [
            leaked(one.rule, one.file, one.description, one.line, one.end)
            for one in parsed(raw, list[_Leak])
        ]
    )


GITLEAKS = Adapter(
    "gitleaks",
    "Gitleaks",
    "Gitleaks finds no credential",
    "It knows more forms of credentials, and other ones than the check `secrets`.",
    "where Gitleaks is set up",
    lambda _vetted: "",
    _arguments,
    _read,
    version=("version",),
    environment={"GITLEAKS_CONFIG_TOML": USUAL_RULES},
)
