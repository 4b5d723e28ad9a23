"""Decisions have their parts, and the one about dependencies lists them all."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
PARTS = ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_parts_on_one_page(page: Path) -> None:
    text = page.read_text()

    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    assert text.startswith(f"# {page.stem[:4]} ")
    assert len(text.splitlines()) <= 60


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(page.stem[:4]) for page in DECISIONS]

    assert numbers == list(range(1, len(DECISIONS) + 1))


def test_every_dependency_is_justified() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [name for extra in project["optional-dependencies"].values() for name in extra]
    wanted = {re.split(r"[^\w-]", entry)[0] for entry in project["dependencies"] + extras}

    rows = re.findall(r"^\| ([a-z][^|]*) \|", DECISIONS[10].read_text(), re.MULTILINE)
    listed = {name for row in rows for name in re.sub(r" \([^)]*\)", "", row).split(", ")}

    assert listed - {"package"} == wanted
