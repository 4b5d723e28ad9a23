"""The n-th I/O call fails, for each n until a run has no failure: row R4 of the threat model.

A process publishes and installs. In each of its threads the n-th call answers EIO or ENOSPC,
or is the last thing that the process does. What it acknowledged must be there when
another one starts on the same directory, and nothing may be there by half.
"""

import dataclasses
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from connectory.app.build import build
from connectory.backends.db import open_engine
from connectory.kernel.digest import digest_of
from connectory.settings import Settings
from faulty_io import INSTALL, LEADS, PACKED, Ended, Fault, package_of, run
from ledger import LedgerTarget, keep_books
from marketplaces import Marketplace, settings_for, wait_until

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can trace a running process"),
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
]
ERROR, FULL, DEATH = "error=EIO", "error=ENOSPC", "signal=KILL"
FEW = [Fault(ERROR, 31), Fault(FULL, 47), Fault(DEATH, 60)]
REFUSED = {500, 503, 507}
TROUBLE = "/api/v1/connectors/bizops/trouble-v1"
MOST = 2_000  # a run has fewer calls of one kind in one thread
STRIDE = 3  # full runs take each third n; the three faults begin at another one


@dataclass
class Ground:
    """A marketplace at rest, of which each run gets a copy."""

    folder: Path
    tokens: dict[str, str]
    settings: Settings

    def copy(self, to: Path) -> Settings:
        shutil.copytree(self.folder, to)
        url = f"sqlite:///{to / 'connectory.db'}"
        return dataclasses.replace(self.settings, data=to / "data", database=url)


@pytest.fixture
def ground(tmp_path: Path, site: Marketplace, engine: Engine) -> Ground:
    keep_books(site, tmp_path)
    tokens = {name: site.token(name) for name in ("ana", "max", "admin")}
    site.follow()
    engine.dispose()
    settings = settings_for(tmp_path, engine, health_seconds=5, lease_seconds=1)
    folder = tmp_path.with_name(f"{tmp_path.name}-ground")
    shutil.copytree(tmp_path, folder)
    return Ground(folder, tokens, settings)


@pytest.mark.parametrize("fault", FEW, ids=str)
def test_what_was_acknowledged_outlives_a_failing_disk(
    ground: Ground, tmp_path: Path, fault: Fault
) -> None:
    at = tmp_path / "run"
    settings = ground.copy(at)

    ended = run(settings, at / "ledger.db", ground.tokens, fault)

    assert ended.is_struck
    check(settings, at / "ledger.db", ground.tokens, ended)


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("what", "first"), [(ERROR, 1), (FULL, 2), (DEATH, 3)])
def test_no_call_is_the_one_that_loses_something(
    ground: Ground, tmp_path: Path, what: str, first: int
) -> None:
    for n in range(first, MOST, STRIDE):
        at = tmp_path / f"run-{n}"
        settings = ground.copy(at)

        ended = run(settings, at / "ledger.db", ground.tokens, Fault(what, n))

        check(settings, at / "ledger.db", ground.tokens, ended)
        shutil.rmtree(at)
        if not ended.is_struck:
            return
    raise AssertionError("no run was without a failure")


def check(settings: Settings, books: Path, tokens: dict[str, str], ended: Ended) -> None:
    """Start anew on what a process left, and compare it with what it acknowledged."""
    assert set(ended.answers.values()) <= {201, 202, *REFUSED}, ended.answers
    engine = open_engine(settings.database_url)
    served = build(settings, engine)
    shop = Marketplace(served, TestClient(served, raise_server_exceptions=False), tokens)
    target = shop.state.crew.targets["local"] = LedgerTarget(books)
    shop.follow()

    check_versions(shop, ended.acknowledged)
    check_instance(shop, target, is_acknowledged=INSTALL in ended.acknowledged)

    assert get(shop, "/api/v1/audit/verify")["state"] == "intact"
    engine.dispose()


def check_versions(shop: Marketplace, acknowledged: set[str]) -> None:
    """Each version is whole or not there, and the index shows what is there."""
    shown = get(shop, "/api/v1/connectors?q=trouble")["items"]
    found = shop.client.get(f"{TROUBLE}/versions", headers=shop.as_("admin"))
    versions = [one["version"] for one in found.json().get("items", ())]
    assert acknowledged - {INSTALL} <= set(versions)
    assert len(versions) == len(set(versions))
    assert ["trouble-v1" for _ in versions[:1]] == [one["id"] for one in shown]
    for version in set(versions) & set(PACKED):
        sent = package_of(version)
        with shop.state.backends.blobs.open(digest_of(sent)) as chunks:
            assert b"".join(chunks) == sent


def check_instance(shop: Marketplace, target: LedgerTarget, *, is_acknowledged: bool) -> None:
    """Whoever takes the operation next brings it to exactly one end."""
    begun = get(shop, "/api/v1/operations?team=payments")["items"]
    assert is_acknowledged <= len(begun) <= 1
    if not begun:
        assert target.processes() == {}
        return
    operation = f"/api/v1/operations/{begun[0]['id']}"

    def has_ended() -> bool:
        shop.turn()
        return get(shop, operation)["state"] in {"succeeded", "undone"}

    wait_until(has_ended, 30)
    is_installed = get(shop, operation)["state"] == "succeeded"
    there = shop.client.get(LEADS, headers=shop.as_("admin"))
    assert (there.status_code == 200) is is_installed
    assert len(target.processes()) == is_installed


def get(shop: Marketplace, path: str) -> dict[str, Any]:
    found = shop.client.get(path, headers=shop.as_("admin"))
    assert found.status_code == 200, found.text
    body: dict[str, Any] = found.json()
    return body
