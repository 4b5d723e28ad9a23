"""The wheel of Connectory has what the command line hands to authors."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def names(tmp_path: Path) -> set[str]:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_templates_starters_and_the_sdk_are_in_the_wheel(names: set[str]) -> None:
    templates = (ROOT / "src/connectory/scaffold/templates").rglob("*.tpl")

    assert {path.relative_to(ROOT / "src").as_posix() for path in templates} <= names
    assert [name for name in names if name.startswith("connectory/wheels/connectory_sdk-")]
    assert [name for name in names if name.startswith("connectory/starters/")]
