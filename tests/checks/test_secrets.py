"""Credentials are found, what only talks of them is not, and nothing found is repeated."""

from pathlib import Path

from connectory.checks.rules import State
from connectory.checks.run import run_all
from connectory.checks.secrets import found
from connectory.checks.subject import Subject
from labelled import FINE, Case, assert_found
from labelled_secrets import WITHOUT, with_credential

CREDENTIAL = "credential"
MANIFEST = b"""\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Tells a channel about leads
owner: bizops@example.com
runtime: {type: serverless, entrypoint: lead_alerts}
"""
TOKEN = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ6lX2"


def test_recall_and_precision_on_the_labelled_set() -> None:
    labelled = [Case(name, text, CREDENTIAL, "its issuer") for name, text in with_credential()]
    labelled += [Case(text, text, FINE, "configuration and prose") for text in WITHOUT]
    assert_found(labelled, lambda text: CREDENTIAL if any(found(text)) else FINE, number=200)


def checked(root: Path, **files: bytes) -> tuple[State, list[tuple[str, int | None]]]:
    for name, content in files.items():
        (root / name).write_bytes(content)
    report = run_all(Subject(MANIFEST, "manifest.yaml", "here", root, frozenset(files)))
    [result] = [one for one in report.results if one.check == "secrets"]
    assert TOKEN not in str(result)
    return result.state, [(one.file, one.problem.line) for one in result.findings]


def test_a_credential_is_told_with_its_place_and_never_repeated(tmp_path: Path) -> None:
    text = f"# a connector\n\ntoken = '{TOKEN}'\n".encode()

    assert checked(tmp_path, notes=text) == (State.FAILED, [("here/notes", 3)])


def test_a_name_in_code_is_no_value(tmp_path: Path) -> None:
    code = b"self.token = make_token2(account)\npassword = read_2_fields\n"

    assert checked(tmp_path, **{"main.py": code}) == (State.PASSED, [])


def test_what_is_no_text_is_not_read_as_one(tmp_path: Path) -> None:
    binary = b"\0\1" + TOKEN.encode()

    assert checked(tmp_path, binary=binary) == (State.PASSED, [])


def test_text_that_is_no_utf8_is_looked_through_all_the_same(tmp_path: Path) -> None:
    latin = f"größe {TOKEN}".encode("latin-1")

    assert checked(tmp_path, latin=latin)[0] is State.FAILED
