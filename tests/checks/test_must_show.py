"""The five that must never get through: each is found, explained, and has a way out."""

import pytest

from connectory.checks.rules import Finding, State
from connectory.checks.run import run_all
from connectory.checks.subject import Subject, Surroundings
from images import BASE, image, layer
from osv import advisory, mirror

MANIFEST = b"""\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Tells a channel about leads
owner: bizops@example.com
license: GPL-3.0-only
runtime: {type: serverless, entrypoint: lead_alerts}
"""
TOKEN = "ghp_" + "k3J9xQ2vT7bR1mZ8wL5nY4cH6dF0gS3pA2eK"
FILES = {
    "src/lead_alerts.py": f'import os\n\nTOKEN = "{TOKEN}"\n',
    "requirements.lock": "jinja2==3.1.5\n",
    "terraform/main.tf": 'data "aws_iam_policy_document" "d" {\n  statement {\n'
    '    actions = ["s3:*"]\n    resources = ["arn:aws:s3:::leads/*"]\n  }\n}\n',
    "terraform/.terraform.lock.hcl": 'provider "registry.terraform.io/hashicorp/aws" {\n'
    '  version = "5.31.0"\n  hashes = ["h1:ltxyuBWIy9cq0kIKDJH1jeWJy"]\n}\n',
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    """Check a connector that has all five; give what is found by its check."""
    root = tmp_path_factory.mktemp("connector")
    stored = {name: text.encode() for name, text in FILES.items()}
    stored |= {f"image/{name}": raw for name, raw in image(layer(BASE), user="").files.items()}
    for name, raw in stored.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(raw)
    around = Surroundings(
        mirror(root / "data", advisory(), advisory("D", "x", (), "Debian:12"))
    )
    subject = Subject(MANIFEST, "manifest.yaml", "", root, frozenset(stored))
    results = run_all(subject, around=around).results
    errors = {one.check: [each for each in one.findings if each.is_error] for one in results}
    assert all(one.state is State.FAILED for one in results if errors[one.check])
    return {check: found[0] for check, found in errors.items() if len(found) == 1}


@pytest.mark.parametrize(
    ("check", "file", "line", "message", "hint"),
    [
        (
            "secrets",
            "src/lead_alerts.py",
            3,
            "token of GitHub",
            "replace it where it was issued",
        ),
        ("dependencies", "requirements.lock", None, "CVE-2025-27516", "use jinja2 3.1.6"),
        ("licences", "manifest.yaml", None, "GPL-3.0-only", "ask security for a waiver"),
        ("image", "image", None, "runs as root", "`USER 65532:65532`"),
        ("terraform", "terraform/main.tf", 3, "allowed `s3:*`", "name the actions"),
    ],
)
def test_what_must_not_get_through_is_found_with_its_way_out(
    found: dict[str, Finding], check: str, file: str, line: int | None, message: str, hint: str
) -> None:
    problem = found[check].problem

    assert (found[check].file, problem.line) == (file, line)
    assert message in problem.message
    assert hint in problem.hint
    assert TOKEN not in problem.message
