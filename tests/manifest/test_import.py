"""The manifest package is cheap to import: `connectory vet` works without a server."""

import subprocess
import sys

HEAVY = ("sqlalchemy", "fastapi", "httpx2", "tantivy")


def test_reading_manifests_needs_no_server_libraries() -> None:
    script = "import sys, connectory.manifest.deploy; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout.split()

    assert "pydantic" in loaded
    assert [name for name in HEAVY if name in loaded] == []
