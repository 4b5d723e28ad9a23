"""Advisories in the format of OSV, made by hand, and archives of them as OSV publishes them."""

import json
import zipfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from connectory.advisories.load import load
from connectory.kernel import clock

JINJA = {"introduced": "0"}, {"fixed": "3.1.6"}


def advisory(
    identity: str = "GHSA-cpwx-vrp4-4pq7",
    name: str = "jinja2",
    events: Iterable[dict] = JINJA,
    ecosystem: str = "PyPI",
    **more: object,
) -> dict:
    """Return an advisory about one package; its newest change is of an hour ago."""
    modified = clock.rfc3339(clock.now() - timedelta(hours=1))
    affected = {
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
    }
    return {
        "schema_version": "1.6.7",
        "id": identity,
        "modified": modified,
        "published": "2025-03-05T20:40:14Z",
        "aliases": ["CVE-2025-27516"],
        "summary": "Sandbox breakout through the attr filter",
        "details": "The filter reaches the format method.",
        "severity": [
            {"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"}
        ],
        "affected": [affected],
        "references": [],
        "database_specific": {"severity": "MODERATE"},
        **more,
    }


def archive(path: Path, *advisories: dict, **others: bytes) -> Path:
    """Write an all.zip; `others` are further entries, by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for one in advisories:
            made.writestr(f"{one['id']}.json", json.dumps(one))
        for name, content in others.items():
            made.writestr(name, content)
    return path


def mirror(data: Path, *advisories: dict) -> Path:
    """Make the mirror of a data directory; return its file."""
    data.mkdir(exist_ok=True)
    file = archive(data / "all.zip", *advisories)
    load([file], data, lambda _: None)
    file.unlink()
    return data / "advisories.db"
