"""Manifests that many tests start from."""

from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent / "examples"


@pytest.fixture
def brief() -> str:
    """The smallest manifest that is useful."""
    return (EXAMPLES / "brief.yaml").read_text()


@pytest.fixture
def full() -> str:
    """A manifest that uses most fields."""
    return (EXAMPLES / "full.yaml").read_text()


@pytest.fixture
def flattened() -> str:
    """The smallest manifest after its leading blanks were lost."""
    return (EXAMPLES / "flattened.yaml").read_text()
