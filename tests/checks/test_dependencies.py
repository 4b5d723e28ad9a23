"""Vulnerable dependencies are found in every lock; what could not be looked up is said."""

import json
import zipfile
from pathlib import Path

import pytest

from connectory.checks.rules import Result, State
from connectory.checks.run import run_all
from connectory.checks.subject import Subject, Surroundings
from osv import advisory, mirror

MANIFEST = b"""\
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
NPM = {
    "lockfileVersion": 3,
    "packages": {"": {"version": "1.0.0"}, "node_modules/left-pad": {"version": "1.2.3"}},
}
NPM_1 = {"lockfileVersion": 1, "dependencies": {"left-pad": {"version": "1.2.3"}}}
GO = "module example.com/x\n\nrequire (\n\texample.org/left-pad v1.2.3 // indirect\n)\n"
UV = """\
[[package]]
name = "Jinja2"
version = "3.1.5"

[[package]]
name = "left_pad"
version = "1.0.0"
source = { editable = "." }
"""
PROJECT = """\
[project]
dependencies = ["Jinja2[i18n] == 3.1.5 ; python_version > '3.8'"]
"""
TERRAFORM = """\
provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.31.0"
  constraints = "~> 5.0"
}
"""
KNOWN = (
    advisory(),
    advisory("GHSA-npm", "left-pad", [{"introduced": "0"}, {"fixed": "1.3.0"}], "npm"),
    advisory("GO-1", "example.org/left-pad", [{"introduced": "0"}], "Go"),
)


def check(folder: Path, files: dict[str, str], advisories: Path | None) -> Result:
    for name, text in files.items():
        (folder / name).write_text(text)
    subject = Subject(MANIFEST, "manifest.yaml", "", folder, frozenset(files))
    report = run_all(subject, around=Surroundings(advisories=advisories))
    return next(one for one in report.results if one.check == "dependencies")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("requirements.lock", "Jinja2==3.1.5 --hash=sha256:00\n", "GHSA-cpwx-vrp4-4pq7"),
        ("package-lock.json", json.dumps(NPM), "GHSA-npm"),
        ("package-lock.json", json.dumps(NPM_1), "GHSA-npm"),
        ("go.mod", GO, "GO-1"),
        ("uv.lock", UV, "GHSA-cpwx-vrp4-4pq7"),
        ("poetry.lock", UV, "GHSA-cpwx-vrp4-4pq7"),
        ("pylock.toml", UV.replace("[[package]]", "[[packages]]"), "GHSA-cpwx-vrp4-4pq7"),
        ("pyproject.toml", PROJECT, "GHSA-cpwx-vrp4-4pq7"),
    ],
    ids=["python", "npm-3", "npm-1", "go", "uv", "poetry", "pylock", "project"],
)
def test_a_vulnerable_dependency_fails(tmp_path: Path, name: str, text: str, told: str) -> None:
    done = check(tmp_path, {name: text}, mirror(tmp_path / "data", *KNOWN))

    assert done.state is State.FAILED
    assert [one.problem.code for one in done.findings] == ["dependency-vulnerable"]
    assert told in done.findings[0].problem.message
    assert done.findings[0].file == name


def test_a_finding_tells_the_way_out(tmp_path: Path) -> None:
    done = check(
        tmp_path, {"requirements.lock": "jinja2==3.1.5\n"}, mirror(tmp_path / "data", *KNOWN)
    )

    problem = done.findings[0].problem
    assert "CVE-2025-27516 (medium severity)" in problem.message
    assert problem.hint == "use jinja2 3.1.6 or newer"


def test_a_repaired_dependency_passes(tmp_path: Path) -> None:
    lock = {"requirements.lock": "jinja2==3.1.6\n"}

    assert check(tmp_path, lock, mirror(tmp_path / "data", *KNOWN)).state is State.PASSED


def test_a_vulnerable_wheel_is_found_without_a_lock(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    name = "wheels/jinja2-3.1.5-py3-none-any.whl"
    with zipfile.ZipFile(tmp_path / name, "w") as made:
        said = "Metadata-Version: 2.1\nName: Jinja2\nVersion: 3.1.5\n"
        made.writestr("jinja2-3.1.5.dist-info/METADATA", said)
    subject = Subject(MANIFEST, "manifest.yaml", "", tmp_path, frozenset([name]))
    around = Surroundings(mirror(tmp_path / "data", *KNOWN))

    results = run_all(subject, around=around).results

    done = next(one for one in results if one.check == "dependencies")
    assert done.state is State.FAILED


def test_a_version_that_nobody_can_compare_is_no_good_news(tmp_path: Path) -> None:
    lock = {"requirements.lock": "jinja2==yesterday\n"}

    done = check(tmp_path, lock, mirror(tmp_path / "data", *KNOWN))

    assert [one.problem.code for one in done.findings] == ["dependency-unclear"]
    assert done.state is State.FAILED


def test_providers_are_listed_as_not_matched(tmp_path: Path) -> None:
    lock = {".terraform.lock.hcl": TERRAFORM}

    done = check(tmp_path, lock, mirror(tmp_path / "data", *KNOWN))

    assert [one.problem.code for one in done.findings] == ["dependencies-not-matched"]
    assert not done.findings[0].is_error


def test_a_version_left_open_needs_a_lock(tmp_path: Path) -> None:
    known = mirror(tmp_path / "data", *KNOWN)
    wanted = {"pyproject.toml": '[project]\ndependencies = ["Jinja2>=3"]\n'}

    alone = check(tmp_path, wanted, known)
    locked = check(tmp_path, {**wanted, "requirements.lock": "jinja2==3.1.6\n"}, known)

    assert alone.state is State.NOT_RUN
    assert alone.reason == "pyproject.toml leaves open which jinja2 it is: add a lock"
    assert locked.state is State.PASSED


def test_an_ecosystem_without_advisories_is_not_looked_up(tmp_path: Path) -> None:
    lock = {"package-lock.json": json.dumps(NPM)}

    done = check(tmp_path, lock, mirror(tmp_path / "data", advisory()))

    assert done.state is State.NOT_RUN
    assert done.reason.startswith("there are no advisories for npm")


def test_without_fresh_advisories_it_does_not_run(tmp_path: Path) -> None:
    lock = {"requirements.lock": "jinja2==3.1.5\n"}
    old = mirror(tmp_path / "data", advisory(modified="2026-01-01T00:00:00Z"))
    told = [check(tmp_path, lock, place) for place in (None, tmp_path / "nowhere", old)]

    assert {one.state for one in told} == {State.NOT_RUN}
    assert all("connectory scan import" in one.reason for one in told)
    assert "end on 2026-01-01" in told[2].reason


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package-lock.json", "[]"),
        ("package-lock.json", "{"),
        ("package-lock.json", '{"packages": {"": {}, "": {}}}'),
        ("uv.lock", "[[package"),
        (".terraform.lock.hcl", "provider {"),
    ],
)
def test_a_lock_that_cannot_be_read_is_no_good_news(
    tmp_path: Path, name: str, text: str
) -> None:
    done = check(tmp_path, {name: text}, mirror(tmp_path / "data", *KNOWN))

    assert done.state is State.NOT_RUN


def test_nothing_brought_along_is_nothing_to_look_up(tmp_path: Path) -> None:
    assert check(tmp_path, {}, None).state is State.NOT_APPLICABLE
