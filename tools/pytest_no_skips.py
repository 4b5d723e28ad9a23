"""A pytest plugin: where CONNECTORY_TEST_NO_SKIPS is 1, a skipped test is a failed one.

A test that needs PostgreSQL or Chromium skips itself on a laptop that has neither. In CI both
are there, so a skip means that a test silently stopped running.

    python -m pytest -p tools.pytest_no_skips
"""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

STRICT = os.environ.get("CONNECTORY_TEST_NO_SKIPS") == "1"  # noqa: TID251  tests are set up here

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test into its failure."""
    return _without_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole file into an error."""
    return _without_skip((yield))


def _without_skip(report: Report) -> Report:
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {_reason(report.longrepr)}"
    return report


def _reason(skip: object) -> str:
    return str(skip[2]) if isinstance(skip, tuple) else str(skip)  # (file, line, reason)
