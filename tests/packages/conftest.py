"""A database, a blob directory and small bundles for the tests of packages."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from connectory.backends.blobs.directory import DirectoryBlobs
from connectory.gates.archive import pack
from connectory.work import Works

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MANIFEST = b"id: crm-to-slack-v1\nversion: 1.2.0\n"


@pytest.fixture
def works(engine: Engine) -> Works:
    return Works(engine, lambda: NOON, lambda: None)


@pytest.fixture
def blobs(tmp_path: Path) -> DirectoryBlobs:
    return DirectoryBlobs(tmp_path / "blobs")


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "scratch"
    yield folder
    assert not folder.exists() or list(folder.iterdir()) == []  # nothing is left behind


@pytest.fixture
def bundle() -> bytes:
    content = io.BytesIO()
    pack({"manifest.yaml": MANIFEST, "src/main.py": b"print()\n"}, content)
    return content.getvalue()
