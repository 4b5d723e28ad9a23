"""Running all checks: one that cannot look says so, and nothing is good news by accident."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectory.checks.rules import Finding, NotRunError, State
from connectory.checks.run import run_all
from connectory.checks.scanners.table import SCANNERS
from connectory.checks.subject import Subject, Vetted
from connectory.checks.table import CHECKS, MANIFEST, Check
from connectory.kernel.errors import Problem

TEXT = """\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Tells a channel about leads
owner: bizops@example.com
license: Apache-2.0
runtime:
  type: serverless
  entrypoint: lead_alerts
"""


@pytest.fixture
def alone() -> Subject:
    """A manifest without anything beside it."""
    return Subject(TEXT.encode(), "manifest.yaml", "here")


def check(run: object) -> Check:
    return Check("own", "Own", "For a test.", lambda _vetted: "", run)


def warns(_vetted: Vetted) -> Iterator[Finding]:
    yield Finding("a", Problem("x", "look at it", "", severity="warning"))


def fails(_vetted: Vetted) -> Iterator[Finding]:
    yield from warns(_vetted)
    yield Finding("b", Problem("y", "it is wrong", ""))


def cannot(_vetted: Vetted) -> Iterator[Finding]:
    raise NotRunError("there is no data")
    yield


def breaks(_vetted: Vetted) -> Iterator[Finding]:
    yield from fails(_vetted)
    raise ValueError("oops")


@pytest.mark.parametrize(
    ("run", "state"),
    [
        (warns, State.PASSED),
        (fails, State.FAILED),
        (cannot, State.NOT_RUN),
        (breaks, State.NOT_RUN),
    ],
)
def test_a_check_ends_in_one_of_its_states(alone: Subject, run: object, state: State) -> None:
    report = run_all(alone, [check(run)])

    assert report.results[-1].state is state


def test_what_could_not_run_says_why(alone: Subject) -> None:
    reasons = [run_all(alone, [check(run)]).results[-1].reason for run in (cannot, breaks)]

    assert reasons == ["there is no data", "it broke down: ValueError"]


def test_errors_are_told_before_warnings(alone: Subject) -> None:
    found = run_all(alone, [check(fails)]).results[-1].findings

    assert [one.problem.code for one in found] == ["y", "x"]


def test_without_a_manifest_nothing_else_runs(alone: Subject) -> None:
    report = run_all(replace(alone, manifest=b"id: [\n"))

    assert report.manifest is None
    assert [one.state for one in report.results] == [
        State.FAILED,
        *[State.NOT_RUN] * len(CHECKS),
    ]


def test_what_is_not_there_is_not_applicable(alone: Subject) -> None:
    states = {one.check: one.state for one in run_all(alone).results}

    assert states["layout"] is State.NOT_APPLICABLE
    assert states["licences"] is State.PASSED


def test_each_check_has_a_name_of_its_own_and_a_reason() -> None:
    ids = [one.id for one in (MANIFEST, *CHECKS, *SCANNERS)]

    assert len(set(ids)) == len(ids)
    assert all(one.title and one.why.endswith(".") for one in (MANIFEST, *CHECKS, *SCANNERS))


def test_files_are_read_from_the_folder_and_from_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "known").write_text("a")
    (tmp_path / "other").write_text("b")
    subject = Subject(b"", "m", "here", tmp_path, frozenset({"known"}))

    assert (subject.text("known"), subject.read("other")) == ("a", None)
