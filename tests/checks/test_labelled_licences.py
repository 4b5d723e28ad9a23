"""How well licences are judged, on a set labelled by SPDX and by the metadata of packages."""

import zipfile
from pathlib import Path

from connectory.checks.licences import ALLOWED, OWN, is_accepted, run
from connectory.checks.subject import Subject, Vetted
from connectory.manifest import loader
from labelled import FINE, assert_found
from labelled_licences import REFUSED, expressions, headers

MANIFEST = b"""\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Tells a channel about leads
owner: bizops@example.com
license: Apache-2.0
runtime: {type: serverless, entrypoint: lead_alerts}
"""
WHEEL = "wheels/x-1.0-py3-none-any.whl"


def of_expression(text: str) -> str:
    try:
        return FINE if is_accepted(text, ALLOWED | OWN) else REFUSED
    except ValueError:
        return REFUSED


def test_recall_and_precision_on_expressions() -> None:
    assert_found(list(expressions()), of_expression, number=45)


def test_recall_and_precision_on_packages(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    loaded = loader.load(MANIFEST)

    def verdict(said: str) -> str:
        with zipfile.ZipFile(tmp_path / WHEEL, "w") as wheel:
            text = f"Metadata-Version: 2.4\nName: x\nVersion: 1.0\n{said}\n\nAbout it.\n"
            wheel.writestr("x-1.0.dist-info/METADATA", text)
        subject = Subject(MANIFEST, "manifest.yaml", "", tmp_path, frozenset([WHEEL]))
        found = list(run(Vetted(subject, loaded)))
        return REFUSED if any(one.is_error for one in found) else FINE

    assert_found(list(headers()), verdict, number=35)
