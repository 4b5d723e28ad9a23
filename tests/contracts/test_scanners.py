"""What every adapter of a scanner does. A new one joins by a line in ADAPTERS and a recording.

The recordings are what the real programs printed, shortened; only that of Grype is written
after the fixtures in its repository.
"""

import json
import random
import shutil
import string
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import bolt
import scanners
from connectory.checks.rules import Finding, Result, State
from connectory.checks.scanners.adapter import Adapter
from connectory.checks.scanners.grype import GRYPE
from connectory.checks.scanners.table import ADAPTERS
from connectory.checks.scanners.trivy import TRIVY
from connectory.checks.subject import Pinned, Subject
from connectory.gates import bubblewrap
from connectory.kernel import clock
from osv import advisory, mirror

FOUND = {
    "trivy": {"DS-0001", "DS-0002", "DS-0013", "DS-0026", "AWS-0107", "AWS-0124"}
    | {"github-pat", "aws-access-key-id"},
    "grype": {"GHSA-cpwx-vrp4-4pq7"},
    "gitleaks": {"github-pat", "aws-access-token"},
    "hadolint": {"DL3007", "SC2164", "DL3003", "DL3002", "DL3066"},
    "checkov": {"CKV_DOCKER_7", "CKV_DOCKER_8", "CKV_DOCKER_2"}
    | {"CKV_AWS_24", "CKV_AWS_23", "CKV2_AWS_5"},
}
HOSTILE = {
    "nothing, and success": "true",
    "no JSON": "echo all good",
    "an empty object": "echo '{}'",
    "null": "echo null",
    "another document": """echo '{"matches": 1, "SchemaVersion": "2", "summary": []}'""",
    "half of a document": "echo '[{\"code\": '",
    "no UTF-8": "printf '[\"\\377\"]'",
    "a deep document": "head -c 100000 /dev/zero | tr '\\0' '['",
    "more than anybody reads": "head -c 40000000 /dev/zero",
    "a failure": "echo '[]'; echo 'the database is gone' >&2; exit 3",
    "a crash": "kill -SEGV $$",
}
SAID = {"Title", "Message", "Resolution", "Description", "description", "message"}
SAID |= {"check_name", "resource", "guideline"}
PLACES = {"Target", "File", "file", "file_path", "path"}
PAYLOAD = "\x1b[31mAPPROVED\x1b[0m\r\n\n[click](javascript:alert(1))\u202e" + "x" * 100_000

every = pytest.mark.parametrize("adapter", ADAPTERS, ids=[one.id for one in ADAPTERS])


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    return scanners.files(tmp_path)


def ready(folder: Path, adapter: Adapter, body: str, version: str = "1.2.3") -> Pinned:
    """Pin a stand-in that can run: with a database where it needs one."""
    made = scanners.program(folder, body, version)
    (folder / "data").mkdir()
    return replace(made, data=str(folder / "data")) if adapter.id == "grype" else made


def replaced(value: object, name: str = "") -> object:
    """Return a document in which every text is a payload, and every place outside."""
    if isinstance(value, dict):
        return {key: replaced(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [replaced(each, name) for each in value]
    if isinstance(value, str) and name in SAID:
        return PAYLOAD
    return "../../../etc/passwd" if name in PLACES else value


@every
def test_what_it_printed_becomes_findings(
    adapter: Adapter, subject: Subject, tmp_path: Path
) -> None:
    version = scanners.VERSIONS[adapter.id]
    body = scanners.printing(scanners.recorded(adapter.id))

    done = scanners.alone(subject, adapter, ready(tmp_path, adapter, body, version))

    assert {one.problem.code for one in done.findings} == FOUND[adapter.id]
    tool = f"{adapter.name} {version}: "
    assert all(one.problem.message.startswith(tool) for one in done.findings)
    assert {one.file for one in done.findings} <= subject.names
    assert all(one.problem.hint for one in done.findings)
    is_bad = adapter.id in {"trivy", "grype", "gitleaks"}
    assert done.state is (State.FAILED if is_bad else State.PASSED)


@every
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_an_output_that_says_nothing_is_no_good_news(
    adapter: Adapter, body: str, subject: Subject, tmp_path: Path
) -> None:
    done = scanners.alone(subject, adapter, ready(tmp_path, adapter, body))

    assert done.state is State.NOT_RUN
    assert done.reason.startswith(
        (adapter.name, f"the output of {adapter.name} cannot be read")
    )
    assert not done.findings


@every
def test_texts_and_places_of_others_do_no_harm(
    adapter: Adapter, subject: Subject, tmp_path: Path
) -> None:
    document = json.dumps(replaced(json.loads(scanners.recorded(adapter.id))))
    body = scanners.printing(document)

    done = scanners.alone(subject, adapter, ready(tmp_path, adapter, body))

    assert {one.problem.code for one in done.findings} == FOUND[adapter.id]
    assert {one.file for one in done.findings} == {"manifest.yaml"}
    for one in done.findings:
        told = one.problem.message + one.problem.hint
        assert one.problem.line is None
        assert len(told) < 1000
        assert told.isprintable()


@every
def test_another_program_than_the_pinned_one_is_not_run(
    adapter: Adapter, subject: Subject, tmp_path: Path
) -> None:
    one = ready(tmp_path, adapter, f"touch {tmp_path}/ran; echo '[]'")
    Path(one.program).write_text(Path(one.program).read_text() + "# changed\n")

    reasons = [
        scanners.alone(subject, adapter, each).reason
        for each in (one, replace(one, sha256=""), replace(one, program="/nowhere/x"))
    ]

    assert "is not the program that is pinned" in reasons[0]
    assert reasons[1].startswith(f"CONNECTORY_SCANNER_{adapter.id.upper()}_SHA256 has to say")
    assert reasons[2] == "/nowhere/x: No such file or directory"
    assert not (tmp_path / "ran").exists()


@every
def test_one_that_does_not_end_is_ended(
    adapter: Adapter, subject: Subject, tmp_path: Path
) -> None:
    hurried = replace(adapter, seconds=0.5, version=())

    done = scanners.alone(subject, hurried, ready(tmp_path, adapter, "sleep 600"))

    assert done == Result(
        adapter.id, State.NOT_RUN, (), f"{adapter.name} did not end within 0.5 s"
    )


@every
def test_it_sees_nothing_of_the_server(
    adapter: Adapter, subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTORY_TOKEN", "cty_x")
    (tmp_path / "audit.key").write_text("x")
    body = '[ -z "$CONNECTORY_TOKEN" ] || exit 8\n'
    if bubblewrap.works():
        body += f"[ ! -e {tmp_path}/audit.key ] || exit 9\n"
        body += '[ "$(grep -c : /proc/net/dev)" = 1 ] || exit 10\n'
        body += 'if touch "$last/x" 2>/dev/null; then exit 11; fi\n'
    body += scanners.printing(scanners.recorded(adapter.id))

    done = scanners.alone(subject, adapter, ready(tmp_path, adapter, body))

    assert done.state is not State.NOT_RUN, done.reason


@pytest.mark.parametrize("version", ["0.69.4", "0.69.5", "0.69.6", "0.69.6-1"])
def test_releases_of_trivy_with_malware_are_refused(
    version: str, subject: Subject, tmp_path: Path
) -> None:
    body = scanners.printing(scanners.recorded("trivy"))

    done = scanners.result(subject, "trivy", scanners.program(tmp_path, body, version))

    assert done.state is State.NOT_RUN
    assert f"Trivy {version} carried malware (CVE-2026-33634)" in done.reason


@pytest.mark.parametrize(
    "recording", ["grype", "trivy-vulnerable"], ids=["its own name", "another name"]
)
def test_an_advisory_is_told_once(recording: str, subject: Subject, tmp_path: Path) -> None:
    scanner = recording.partition("-")[0]
    body = scanners.printing(scanners.recorded(recording))
    adapter = next(one for one in ADAPTERS if one.id == scanner)
    one = ready(tmp_path, adapter, body)
    advisories = mirror(tmp_path / "mirror", advisory())

    first = scanners.result(subject, scanner, one)
    then = scanners.result(subject, scanner, one, advisories)

    assert first.state is State.FAILED
    assert [each.about for each in first.findings] in (
        ["GHSA-cpwx-vrp4-4pq7 jinja2 3.1.5"],
        ["CVE-2025-27516 jinja2 3.1.5"],
    )
    assert [each.problem.code for each in then.findings] == ["found-again"]


@pytest.mark.parametrize(
    ("scanner", "left"),
    [
        ("hadolint", {"SC2164", "DL3003", "DL3066", "found-again"}),
        ("checkov", {"CKV_DOCKER_2", "CKV_AWS_23", "CKV2_AWS_5", "found-again"}),
    ],
)
def test_a_fault_in_the_same_place_is_told_once(
    scanner: str, left: set[str], subject: Subject, tmp_path: Path
) -> None:
    body = scanners.printing(scanners.recorded(scanner))

    done = scanners.result(subject, scanner, scanners.program(tmp_path, body))

    assert {one.problem.code for one in done.findings} == left
    again = next(one for one in done.findings if one.problem.code == "found-again")
    assert "of what is told by the checks before it" in again.problem.message


def real(name: str) -> Pinned:
    """Return a program of this environment, or skip where there is none for this machine."""
    path = shutil.which(name, path=str(Path(sys.executable).parent))
    if path is None:
        pytest.skip(f"{name} has no package for this machine")
    return scanners.pinned(Path(path))


def rules(done: Result) -> set[str]:
    return {one.problem.code for one in done.findings}


def token() -> str:
    """Return something of the form of a token of GitHub."""
    chance = random.Random(7)  # noqa: S311  nothing is kept secret by it
    return "ghp_" + "".join(chance.choices(string.ascii_letters + string.digits, k=36))


def test_the_real_hadolint_finds_what_was_recorded(subject: Subject) -> None:
    adapter = next(one for one in ADAPTERS if one.id == "hadolint")

    assert rules(scanners.alone(subject, adapter, real("hadolint"))) == FOUND["hadolint"]


def test_the_real_trivy_is_not_talked_out_of_it(tmp_path: Path) -> None:
    """An author names what should be overlooked, in files and in comments."""
    form = scanners.files(tmp_path, secret=token())
    root = form.root
    assert root
    (root / ".trivyignore").write_text("DS-0002\nAWS-0107\ngithub-pat\n")
    (root / "trivy.yaml").write_text("severity: [LOW]\n")
    (root / "main.tf").write_text("#trivy:ignore:*\n" + (root / "main.tf").read_text())
    subject = replace(form, names=form.names | {".trivyignore", "trivy.yaml"})

    done = scanners.alone(subject, TRIVY, real("trivy"))

    assert done.state is State.FAILED
    assert {"DS-0001", "DS-0002", "AWS-0107", "github-pat"} <= rules(done)
    place: dict[str, Finding] = {one.problem.code: one for one in done.findings}
    assert (place["github-pat"].file, place["github-pat"].problem.line) == ("src/app.py", 2)


SOURCE = "pip::GitHub Security Advisory Pip"
ADVISORY = {"PatchedVersions": ["3.1.6"], "VulnerableVersions": ["<= 3.1.5"]}
DETAIL = {"Title": "sandbox breakout", "Severity": "MEDIUM", "VendorSeverity": {"ghsa": 2}}


def database(folder: Path, age: timedelta) -> str:
    """Write a database of Trivy with one advisory; return the cache directory."""
    (folder / "cache" / "db").mkdir(parents=True)
    packages = {"jinja2": {"CVE-2025-27516": json.dumps(ADVISORY).encode()}}
    buckets: bolt.Bucket = {
        "data-source": {SOURCE: json.dumps({"ID": "ghsa", "Name": SOURCE}).encode()},
        SOURCE: packages,
        "vulnerability": {"CVE-2025-27516": json.dumps(DETAIL).encode()},
    }
    bolt.write(folder / "cache/db/trivy.db", buckets)
    updated = clock.rfc3339(clock.now() - age)
    dates = dict.fromkeys(("UpdatedAt", "NextUpdate", "DownloadedAt"), updated)
    (folder / "cache/db/metadata.json").write_text(json.dumps({"Version": 2, **dates}))
    return str(folder / "cache")


def test_the_real_trivy_looks_packages_up_in_its_database(
    subject: Subject, tmp_path: Path
) -> None:
    one = replace(real("trivy"), data=database(tmp_path, timedelta(days=6)))

    done = scanners.alone(subject, TRIVY, one)

    [found] = [each for each in done.findings if " " in each.about]
    assert found.about == "CVE-2025-27516 jinja2 3.1.5"
    assert found.file == "requirements.lock"
    assert found.problem.hint == "use jinja2 3.1.6 or newer"


def test_trivy_and_grype_need_a_database_that_is_there_and_new(
    subject: Subject, tmp_path: Path
) -> None:
    one = scanners.program(tmp_path, scanners.printing(scanners.recorded("trivy")))
    stale = database(tmp_path, timedelta(days=8))

    reasons = [
        scanners.alone(subject, adapter, replace(one, data=data)).reason
        for adapter, data in (
            *((TRIVY, stale), (TRIVY, str(tmp_path))),
            *((GRYPE, ""), (GRYPE, str(tmp_path / "none"))),
        )
    ]

    assert reasons[0].startswith("its database is of ")
    assert "has no database: fill it with `trivy --download-db-only`" in reasons[1]
    assert reasons[2].startswith("its database is not set")
    assert reasons[3].endswith("none is not there")
