"""Licences: of two offered one is enough, of two demanded both count, unknown is no."""

import zipfile
from pathlib import Path

import pytest

from connectory.checks.licences import ALLOWED, CLASSIFIER, is_accepted, licence_of
from connectory.checks.rules import State
from connectory.checks.run import run_all
from connectory.checks.subject import Subject

MANIFEST = """\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Tells a channel about leads
owner: bizops@example.com
license: {licence}
runtime: {{type: serverless, entrypoint: lead_alerts}}
"""


@pytest.mark.parametrize(
    ("expression", "accepted"),
    [
        ("MIT", True),
        ("mit", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-3.0-only) AND ISC", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("LicenseRef-Ours", False),
        ("AGPL-3.0-or-later", False),
        ("SSPL-1.0", False),
    ],
)
def test_an_expression_needs_one_accepted_choice(expression: str, *, accepted: bool) -> None:
    assert is_accepted(expression, ALLOWED) is accepted


@pytest.mark.parametrize("text", ["(MIT", "MIT AND", "(", "(" * 5000, "MIT OR " * 500])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Invalid|requires|longer"):
        is_accepted(text, ALLOWED)


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ("License-Expression: MIT", "MIT"),
        ("License: Apache-2.0", "Apache-2.0"),
        ("License: BSD 3-Clause License", "BSD-3-Clause"),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT"),
        (
            f"Classifier: {CLASSIFIER}MIT License\nClassifier: {CLASSIFIER}ISC License (ISCL)",
            "MIT AND ISC",
        ),
        ("License: see the file LICENSE", ""),
        ("Classifier: License :: OSI Approved :: A New One", ""),
        ("Summary: nothing said", ""),
    ],
)
def test_a_wheel_says_its_licence_in_one_of_three_ways(said: str, licence: str) -> None:
    assert licence_of(f"Name: thing\nVersion: 1.0\n{said}\n") == ("thing 1.0", licence)


def checked(root: Path, licence: str, **wheels: str) -> tuple[State, set[str]]:
    (root / "wheels").mkdir()
    names = []
    for name, said in wheels.items():
        names.append(f"wheels/{name}-1.0-py3-none-any.whl")
        with zipfile.ZipFile(root / names[-1], "w") as wheel:
            wheel.writestr(
                f"{name}-1.0.dist-info/METADATA", f"Name: {name}\nVersion: 1\n{said}"
            )
    raw = MANIFEST.format(licence=licence).encode()
    report = run_all(Subject(raw, "manifest.yaml", "here", root, frozenset(names)))
    [result] = [one for one in report.results if one.check == "licences"]
    return result.state, {one.problem.code for one in result.findings}


def test_a_connector_of_the_organisation_may_be_its_own(tmp_path: Path) -> None:
    assert checked(tmp_path, "LicenseRef-Internal") == (State.PASSED, set())


def test_the_licence_of_a_wheel_counts(tmp_path: Path) -> None:
    state, codes = checked(
        tmp_path, "MIT", good="License-Expression: MIT", bad="License-Expression: GPL-3.0-only"
    )

    assert (state, codes) == (State.FAILED, {"licence-not-accepted"})


def test_a_wheel_that_says_nothing_is_found(tmp_path: Path) -> None:
    assert checked(tmp_path, "MIT", silent="") == (State.FAILED, {"licence-unknown"})


def test_a_file_that_is_no_wheel_is_found(tmp_path: Path) -> None:
    name = "wheels/broken-1.0-py3-none-any.whl"
    (tmp_path / "wheels").mkdir()
    (tmp_path / name).write_bytes(b"not a zip")
    raw = MANIFEST.format(licence="MIT").encode()

    report = run_all(Subject(raw, "manifest.yaml", "here", tmp_path, frozenset({name})))

    codes = {found.problem.code for one in report.failed for found in one.findings}
    assert codes == {"wheel-damaged"}


def test_what_a_wheel_says_is_read_once(tmp_path: Path) -> None:
    name = "wheels/good-1.0-py3-none-any.whl"
    (tmp_path / "wheels").mkdir()
    with zipfile.ZipFile(tmp_path / name, "w") as wheel:
        wheel.writestr("good-1.0.dist-info/METADATA", "Name: good\nVersion: 1.0\n")
    subject = Subject(b"", "manifest.yaml", "here", tmp_path, frozenset({name}))

    first = subject.about_wheel(name)
    (tmp_path / name).unlink()

    assert subject.about_wheel(name) == first
