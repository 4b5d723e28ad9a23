"""Packing the real starters: the same bytes each time, and installable without a network."""

import hashlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
from bundles import BundleError, Places, bundle, bundle_all, ship_sdk

from connectory.gates import archive

REAL = Places()


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Keep the wheels that were downloaded once, and build everything else anew."""
    bundle_all(REAL)
    (tmp_path / "build").mkdir()
    (tmp_path / "build/wheels").symlink_to(REAL.wheels)
    return Places(build=tmp_path / "build", out=tmp_path / "out")


@pytest.fixture
def unpacked(places: Places, tmp_path: Path) -> Path:
    package = bundle(places.starters / "slack-alerts", places)
    archive.unpack(package, tmp_path / "unpacked")
    return tmp_path / "unpacked"


def digests(packages: list[Path]) -> dict[str, str]:
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in packages}


def test_packing_from_scratch_gives_the_same_bytes(places: Places) -> None:
    again = bundle_all(places)

    assert digests(again) == digests(bundle_all(REAL))
    assert len(again) == len(list(places.starters.glob("*/manifest.yaml")))


def test_nothing_is_done_when_nothing_changed(places: Places) -> None:
    before = [package.stat().st_mtime_ns for package in bundle_all(places)]
    started = time.monotonic()

    after = [package.stat().st_mtime_ns for package in bundle_all(places)]

    assert after == before
    assert time.monotonic() - started < 1


def test_a_package_that_was_damaged_is_packed_again(places: Places) -> None:
    package, *_ = bundle_all(places)
    good = package.read_bytes()
    package.write_bytes(good[:-1])

    bundle_all(places)

    assert package.read_bytes() == good


def test_a_change_of_a_starter_changes_its_package(places: Places, tmp_path: Path) -> None:
    starter = tmp_path / "slack-alerts"
    shutil.copytree(places.starters / "slack-alerts", starter)
    before = bundle(starter, places).read_bytes()

    (starter / "README.md").write_text("other words\n")

    assert bundle(starter, places).read_bytes() != before


def test_a_package_of_an_older_version_is_dropped(places: Places) -> None:
    places.out.mkdir()
    stale = places.out / "slack-alerts-0.9.0.tar.gz"
    stale.touch()

    bundle_all(places)

    assert not stale.exists()


def test_the_wheel_of_the_sdk_is_shipped_and_older_ones_are_dropped(
    places: Places, tmp_path: Path
) -> None:
    elsewhere = replace(places, shipped=tmp_path / "shipped")
    elsewhere.shipped.mkdir()
    (elsewhere.shipped / "connectory_sdk-0.0.1-py3-none-any.whl").touch()

    wheel = ship_sdk(elsewhere)

    assert list(elsewhere.shipped.iterdir()) == [wheel]
    assert wheel.name.startswith("connectory_sdk-")


def test_a_package_has_only_regular_files_of_nobody_and_no_tests(places: Places) -> None:
    package = bundle(places.starters / "crm-to-slack", places)

    with tarfile.open(package) as packed:
        members = packed.getmembers()

    names = [member.name for member in members]
    assert names == sorted(names)
    assert {name.partition("/")[0] for name in names} == {
        "Dockerfile",
        "README.md",
        "deploy.yaml",
        "examples",
        "manifest.yaml",
        "requirements.lock",
        "runbook.md",
        "src",
        "wheels",
    }
    assert {(m.isreg(), m.mode, m.uid, m.gid, m.mtime) for m in members} == {
        (True, 0o644, 0, 0, 0)
    }


def test_the_lock_names_the_hash_of_every_wheel(unpacked: Path) -> None:
    lock = (unpacked / "requirements.lock").read_text()

    wheels = list((unpacked / "wheels").iterdir())
    assert len(wheels) == 2
    for wheel in wheels:
        assert hashlib.sha256(wheel.read_bytes()).hexdigest() in lock


def test_a_missing_wheel_that_no_index_has_is_an_error(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    starter = tmp_path / "starter"
    shutil.copytree(places.starters / "slack-alerts", starter)
    unknown = f"slack-sdk==3.47.0 --hash=sha256:{'0' * 64}\n"
    (starter / "requirements.lock").write_text(unknown)
    alone = Places(build=tmp_path / "other", out=places.out)

    with pytest.raises(BundleError, match="pip download"):
        bundle(starter, alone)


def test_a_package_installs_without_a_network_and_answers(
    unpacked: Path, tmp_path: Path
) -> None:
    python = installed(unpacked, tmp_path / "venv")

    status = asked_for_health(python, unpacked / "src")

    assert status == 503  # it runs, and says that Slack does not answer


def installed(unpacked: Path, venv: Path) -> Path:
    """Install the wheels of a package as the local target does; return the Python."""
    uv = [sys.executable, "-m", "uv", "--quiet"]
    python = venv / "bin/python"
    sources = ["--offline", "--no-index", "--no-cache", "--find-links", "wheels"]
    trust = ["--only-binary", ":all:", "--require-hashes", "--requirement", "requirements.lock"]
    subprocess.run([*uv, "venv", "--python", sys.executable, venv], check=True)
    subprocess.run(
        [*uv, "pip", "install", "--python", python, *sources, *trust], check=True, cwd=unpacked
    )
    return python


def asked_for_health(python: Path, source: Path) -> int:
    """Start the connector with that Python alone and return the status of `GET /healthz`."""
    environment = {
        "PATH": os.defpath,
        "PORT": "0",
        "PYTHONPATH": str(source),
        "INPUT_SLACK_CHANNEL": "#ops",
        "INPUT_SLACK_API_URL": "http://127.0.0.1:9/api/",
        "SECRET_SLACK_BOT_TOKEN": "unused",
    }
    command = [python, "-m", "slack_alerts"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        port = json.loads(process.stdout.readline())["port"]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
        connection.close()
        process.terminate()
    return status
