"""doctor: this machine and the server."""

from pathlib import Path

import pytest

import scanners
from connectory.cli.doctor import CHECKS


def states(done) -> dict[str, str]:
    return {one["name"]: one["state"] for one in done.json["checks"]}


def test_everything_is_checked_against_a_server(cli, tmp_path: Path) -> None:
    done = cli("doctor", "--data", str(tmp_path / "none"), "--json")

    found = states(done)
    assert list(found) == list(CHECKS)
    assert {found["Server"], found["Signed in"], found["Clock against server"]} == {"PASS"}


def test_it_works_alone(offline, tmp_path: Path) -> None:
    done = offline("doctor", "--data", str(tmp_path / "none"), CONNECTORY_URL="")

    assert "WARN" in done.out
    assert "13 checks: " in done.out


def test_a_server_that_was_named_and_is_not_there_fails(offline, tmp_path: Path) -> None:
    done = offline("doctor", "--data", str(tmp_path / "none"), "--json")

    assert done.code == 1
    assert states(done)["Server"] == "FAIL"


def test_a_folder_that_others_can_enter_is_a_warning(offline, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)

    done = offline("doctor", "--data", str(data))

    assert f"hint: run: chmod 700 {data}" in done.out


@pytest.mark.parametrize(("mode", "state"), [(0o600, "PASS"), (0o644, "FAIL")])
def test_key_files_are_for_their_owner_only(
    offline, tmp_path: Path, mode: int, state: str
) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "secrets.key").touch()
    (data / "secrets.key").chmod(mode)

    done = offline("doctor", "--data", str(data), "--json")

    assert states(done)["Key files"] == state


def test_strict_counts_warnings(offline, tmp_path: Path) -> None:
    away = ("doctor", "--data", str(tmp_path / "none"))

    lenient = offline(*away, CONNECTORY_URL="")
    strict = offline(*away, "--strict", CONNECTORY_URL="")

    assert lenient.code == 0
    assert strict.code == 1


def test_checks_are_named_without_running(offline) -> None:
    assert offline("doctor", "--list-checks").out.splitlines() == list(CHECKS)
    assert offline("doctor", "--list-checks", "--json").json["checks"] == list(CHECKS)


def test_a_scanner_that_is_not_the_pinned_one_fails(offline, tmp_path: Path) -> None:
    one = scanners.program(tmp_path, "true")
    path = {"CONNECTORY_SCANNER_HADOLINT": one.program}
    digest = {"CONNECTORY_SCANNER_HADOLINT_SHA256": one.sha256}

    told = [
        line.partition("Scanners")[2].split()
        for given in ({}, path, path | digest)
        for line in offline("doctor", **given).out.splitlines()
        if line.startswith("Scanners")
    ]

    assert told[0] == ["PASS", "none", "is", "set", "up"]
    assert told[1][:2] == ["FAIL", "CONNECTORY_SCANNER_HADOLINT_SHA256"]
    assert told[2][0] != "FAIL"
    assert told[2][1] == "Hadolint:"


def test_it_says_what_the_machine_of_the_server_can_do(cli, tmp_path: Path) -> None:
    done = cli("doctor", "--data", str(tmp_path / "none"), "--json")

    details = {one["name"]: one["detail"] for one in done.json["checks"]}
    assert details["Containers"].startswith("containers are not offered")
    assert "CPU" in details["CPU limits"]
