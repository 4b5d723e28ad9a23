"""Stand-ins for scanners: programs that print what one printed, or what none should print."""

import hashlib
from pathlib import Path

from connectory.checks import of_manifest
from connectory.checks.rules import Result
from connectory.checks.run import run_all, run_one
from connectory.checks.scanners.adapter import Adapter
from connectory.checks.scanners.table import check_of
from connectory.checks.subject import Pinned, Subject, Surroundings, Vetted

RECORDED = Path(__file__).parent / "contracts" / "scanners"
MANIFEST = b"""\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Tells a channel about leads
owner: bizops@example.com
license: Apache-2.0
runtime:
  type: serverless
  entrypoint: lead_alerts
"""
VERSIONS = {
    "trivy": "0.76.0",
    "grype": "0.104.2",
    "gitleaks": "8.30.1",
    "hadolint": "2.15.1",
    "checkov": "3.3.30",
}
"""Those that the recorded outputs are of."""
SCRIPT = """\
#!/bin/sh
case "$1" in version|--version) echo "Version: {version}"; exit 0;; esac
for last in "$@"; do :; done
{body}
"""


def recorded(name: str) -> str:
    """Return what a scanner printed about a connector such as `files` writes."""
    return (RECORDED / f"{name}.json").read_text("utf-8")


def printing(text: str) -> str:
    """Return the body of a program that prints a text, with the last argument in it."""
    return f"sed \"s#@LAST@#$last#g\" <<'END'\n{text}\nEND"


def program(folder: Path, body: str, version: str = "1.2.3") -> Pinned:
    """Write a program and pin it."""
    path = folder / "scanner"
    path.write_text(SCRIPT.format(version=version, body=body))
    path.chmod(0o755)
    return pinned(path)


def pinned(path: Path) -> Pinned:
    """Pin a program as it is."""
    return Pinned(str(path), hashlib.sha256(path.read_bytes()).hexdigest())


def files(folder: Path, secret: str = "") -> Subject:
    """Write the connector that the outputs are recorded of."""
    root = folder / "connector"
    (root / "src").mkdir(parents=True)
    texts = {
        "Dockerfile": "FROM python:latest\nRUN cd /tmp\nUSER root\n",
        "main.tf": 'resource "aws_security_group" "open" {\n  description = "x"\n  ingress {\n'
        '    from_port   = 22\n    to_port     = 22\n    protocol    = "tcp"\n'
        '    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n',
        "requirements.lock": "jinja2==3.1.5 --hash=sha256:00\n",
        "src/app.py": f'# reads leads\nGITHUB = "{secret}"\n',
    }
    for name, text in texts.items():
        (root / name).write_text(text)
    return Subject(MANIFEST, "manifest.yaml", "", root, frozenset(texts))


def result(
    subject: Subject, scanner: str, one: Pinned, advisories: Path | None = None
) -> Result:
    """Run all checks with one scanner and return what that says."""
    around = Surroundings(advisories, scanners={scanner: one})
    done = run_all(subject, around=around).results
    return next(each for each in done if each.check == scanner)


def alone(subject: Subject, adapter: Adapter, one: Pinned) -> Result:
    """Run one scanner and no check, so that there is nothing that was told before."""
    loaded, _ = of_manifest.examine(subject)
    assert loaded
    vetted = Vetted(subject, loaded, Surroundings(scanners={adapter.id: one}))
    return run_one(check_of(adapter), vetted)
