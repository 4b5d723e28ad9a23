"""kill -9 at every boundary of every step of install, upgrade and removal.

A worker process runs the operation and kills itself at the named boundary. A second worker then
finds the operation in the journal. Whatever was repeated, the outcome must be exactly one:
installed with one process and one hook, at one version, or removed with nothing left.
"""

import dataclasses
import multiprocessing
import signal
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from connectory.app import demo
from connectory.settings import Settings
from connectory.standins import StandIns, run_all
from marketplaces import Marketplace, settings_for, wait_until, work_until_killed
from releases import publish

INSTALL = ("check", "account", "secrets", "environment", "route", "start", "verify")
UPGRADE = ("check", "environment", "switch", "start", "verify")
REMOVE = ("unsubscribe", "route", "stop", "secrets", "account", "verify")
SIDES = ("intent", "effect", "record")
URL = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["connectory.app.build"])


def some(every: Iterable[str], always: Collection[str]) -> list[object]:
    """Return all parameters; those that are not `always` tried only in full runs."""
    return [pytest.param(one, marks=() if one in always else pytest.mark.full) for one in every]


def boundaries(*sides: str) -> list[str]:
    """Return every boundary of an upgrade."""
    return [f"upgrade.{step}.{side}" for step in UPGRADE for side in sides]


@dataclass
class Shop:
    """A marketplace whose operations are run by other processes."""

    market: Marketplace
    settings: Settings

    def crash(self, boundary: str) -> None:
        """Let a worker run what waits, until it kills itself at the boundary."""
        doomed = dataclasses.replace(self.settings, crash_at=boundary)
        worker = FORKS.Process(target=work_until_killed, args=(doomed,))
        worker.start()
        worker.join(60)
        assert worker.exitcode == -signal.SIGKILL, boundary

    def recover(self, operation: str) -> str:
        """Run turns until the operation has ended; return its state."""
        path = f"/api/v1/operations/{operation}"

        def has_ended() -> bool:
            self.market.turn()
            return self.get(path)["state"] not in {"waiting", "running"}

        wait_until(has_ended, 30)
        return str(self.get(path)["state"])

    def get(self, path: str) -> dict[str, object]:
        body: dict[str, object] = self.market.client.get(
            path, headers=self.market.as_("max")
        ).json()
        return body

    def install(self) -> str:
        answer = self.market.client.put(URL, json=ASKED, headers=self.market.as_("max"))
        return str(answer.json()["operation"])

    def upgrade(self) -> str:
        answer = self.market.client.post(
            f"{URL}:upgrade", json={}, headers=self.market.as_("max")
        )
        return str(answer.json()["operation"])

    def version(self) -> str:
        connector: dict[str, str] = self.get(URL)["connector"]
        return connector["version"]

    def be_impatient(self) -> None:
        """Let both workers wait for one second only until something is healthy."""
        object.__setattr__(self.market.state.crew, "health_seconds", 1)
        self.settings = dataclasses.replace(self.settings, health_seconds=1)

    def remove(self) -> str:
        answer = self.market.client.delete(URL, headers=self.market.as_("max"))
        return str(answer.json()["operation"])

    def processes(self) -> list[int]:
        """Return the processes that were started from the instances' environments."""
        marker = str(self.settings.data / "environments").encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if marker in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def leftovers(self) -> list[object]:
        """Return everything of an instance that is still there."""
        state = self.market.state
        files = [
            path
            for name in ("instances", "environments", "scratch")
            for path in (self.settings.data / name).glob("*")
        ]
        with state.works.read() as work:
            rows = [
                row
                for table in ("hook", "service_account", "run", "run_input")
                for row in work.db.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608
            ]
        secrets = state.backends.secrets.entries("instances/")
        return [*files, *rows, *secrets, *self.processes()]


@pytest.fixture
def shop(
    tmp_path: Path, site: Marketplace, engine: Engine, standins: StandIns
) -> Iterator[Shop]:
    # a lease is waited out after each kill; here no two workers live at a time
    settings = settings_for(tmp_path, engine, health_seconds=20, lease_seconds=0.2)
    demo.prepare(site.state, standins)
    yield Shop(site, settings)
    for folder in (settings.data / "instances").glob("inst_*"):
        site.state.crew.targets["local"].remove(folder.name)


@pytest.fixture
def standins(tmp_path: Path) -> Iterator[StandIns]:
    running = run_all(tmp_path / "standins", {})
    yield running
    running.stop()


@pytest.mark.parametrize("step", some(INSTALL, always={"environment", "start"}))
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_install_that_is_killed_anywhere_ends_with_exactly_one_instance(
    shop: Shop, step: str
) -> None:
    nothing = shop.leftovers()
    for side in SIDES:
        operation = shop.install()
        shop.crash(f"install.{step}.{side}")

        assert shop.recover(operation) == "succeeded", side

        assert len(shop.processes()) == 1, side
        assert shop.get(URL)["health"]["status"] == "healthy", side
        assert shop.recover(shop.remove()) == "succeeded", side
        assert shop.leftovers() == nothing, side


@pytest.mark.parametrize("step", some(REMOVE, always={"stop"}))
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_removal_that_is_killed_anywhere_leaves_nothing(shop: Shop, step: str) -> None:
    nothing = shop.leftovers()
    for side in SIDES:
        shop.recover(shop.install())
        operation = shop.remove()
        shop.crash(f"remove.{step}.{side}")

        assert shop.recover(operation) == "succeeded", side

        assert shop.leftovers() == nothing, side


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_undo_that_is_killed_anywhere_leaves_nothing(shop: Shop) -> None:
    shop.market.client.put(
        "/api/v1/teams/payments/defaults",
        json={
            "inputs": {
                "crm_api_url": "http://127.0.0.1:9",
                "slack_api_url": "http://127.0.0.1:9",
            }
        },
        headers=shop.market.as_("kim"),
    )
    shop.be_impatient()
    for step in reversed(INSTALL):
        operation = shop.install()
        shop.crash(f"install.{step}.undo")

        assert shop.recover(operation) == "undone", step

        environments = shop.settings.data / "environments"
        left = [one for one in shop.leftovers() if not str(one).startswith(str(environments))]
        assert left == [], step


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_end_of_the_server_does_not_stop_instances(shop: Shop) -> None:
    shop.recover(shop.install())
    before = shop.processes()
    operation = shop.remove()
    shop.crash("remove.unsubscribe.intent")

    assert shop.processes() == before

    shop.recover(operation)


@pytest.mark.parametrize("boundary", some(boundaries(*SIDES), always={"upgrade.start.effect"}))
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_upgrade_that_is_killed_anywhere_ends_with_exactly_the_new_version(
    shop: Shop, boundary: str
) -> None:
    shop.recover(shop.install())
    publish(shop.market, "1.4.0")
    operation = shop.upgrade()
    shop.crash(boundary)

    assert shop.recover(operation) == "succeeded"

    assert (shop.version(), shop.get(URL)["former"]) == ("1.4.0", "1.3.0")
    assert len(shop.processes()) == 1
    assert shop.get(URL)["health"]["status"] == "healthy"


@pytest.mark.parametrize("boundary", some(boundaries("undo"), always={"upgrade.switch.undo"}))
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_undone_upgrade_that_is_killed_anywhere_ends_with_exactly_the_old_version(
    shop: Shop, boundary: str
) -> None:
    shop.recover(shop.install())
    publish(shop.market, "1.4.0", {"entrypoint: crm_to_slack": "entrypoint: not_there"})
    shop.be_impatient()
    operation = shop.upgrade()
    shop.crash(boundary)

    assert shop.recover(operation) == "undone"

    assert (shop.version(), shop.get(URL)["former"]) == ("1.3.0", None)
    wait_until(lambda: shop.get(URL)["health"]["status"] == "healthy")
    assert len(shop.processes()) == 1
