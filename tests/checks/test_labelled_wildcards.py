"""How well permissions that are too wide are found, on a set labelled by their makers."""

import json
from pathlib import Path

from connectory.checks import policy, terraform
from connectory.checks.subject import Subject, Vetted
from connectory.manifest import loader
from connectory.manifest.errors import ManifestError
from labelled import FINE, assert_found
from labelled_wildcards import ACTIONS, HOSTS, SCOPES, TEXTS, WIDE, permissions
from labelled_wildcards import terraform as modules

MANIFEST = """\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: {text}
owner: bizops@example.com
vetting_status: review
runtime: {{type: serverless, entrypoint: lead_alerts}}
permissions: {permissions}
"""
RULES = {"access.deny_wildcard", "access.deny_admin", "access.deny_host"}
CODE = "terraform-wildcard-permission"


def manifest(part: str, text: str) -> bytes:
    """Write a manifest that has a text in one place."""
    granted = {
        SCOPES: {"oauth": [{"provider": "other", "scopes": [text]}]},
        ACTIONS: {"cloud": [{"provider": "aws", "actions": [text]}]},
        HOSTS: {"allowed_hosts": [text]},
        TEXTS: {},
    }[part]
    about = text if part == TEXTS else "Tells a channel about leads"
    return MANIFEST.format(text=json.dumps(about), permissions=json.dumps(granted)).encode()


def of_manifest(given: tuple[str, str]) -> str:
    """Say what the format and the shipped rules of access say together."""
    raw = manifest(*given)
    try:
        loaded = loader.load(raw)
    except ManifestError:
        return WIDE
    subject = Subject(raw, "manifest.yaml", "")
    found = policy.run(Vetted(subject, loaded))
    said = [one.problem.message for one in found if one.problem.path.startswith("permissions")]
    return WIDE if said else FINE


def test_recall_and_precision_on_permissions() -> None:
    assert_found(list(permissions()), of_manifest, number=70)


def test_recall_and_precision_on_terraform(tmp_path: Path) -> None:
    raw = manifest(TEXTS, "Tells a channel about leads")
    loaded = loader.load(raw)

    def verdict(text: str) -> str:
        (tmp_path / "main.tf").write_text(text)
        subject = Subject(raw, "manifest.yaml", "", tmp_path, frozenset(["main.tf"]))
        found = {one.problem.code for one in terraform.run(Vetted(subject, loaded))}
        return WIDE if CODE in found else FINE

    assert_found(list(modules()), verdict, number=25)
