"""In CI a skipped test is a failed one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ONE_TEST = """
import pytest

@pytest.mark.skipif(True, reason="no database here")
def test_it():
    pass

@pytest.mark.xfail(reason="known")
def test_that():
    assert False

def test_other():
    pass
"""
WHOLE_FILE = """
import pytest

pytest.importorskip("connectory_without_such_module")
"""


def run(directory: Path, text: str, strict: str) -> tuple[int, str]:
    (directory / "test_sample.py").write_text(text)
    options = ["-q", "-c", os.devnull, "--rootdir", str(directory), str(directory)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tools.pytest_no_skips", *options],
        cwd=ROOT,
        env={"CONNECTORY_TEST_NO_SKIPS": strict, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("text", [ONE_TEST, WHOLE_FILE], ids=["test", "file"])
def test_a_skip_fails_where_nothing_may_be_skipped(tmp_path: Path, text: str) -> None:
    code, output = run(tmp_path, text, strict="1")

    assert code != 0
    assert "skipped where nothing may be skipped" in output


def test_a_skip_stays_a_skip_on_a_laptop(tmp_path: Path) -> None:
    code, output = run(tmp_path, ONE_TEST, strict="")

    assert code == 0
    assert "1 passed, 1 skipped, 1 xfailed" in output
