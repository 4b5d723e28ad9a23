"""A real Prometheus finds all instances, scrapes them, and fires the alert of a failing one."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from connectory.access import signing_in
from connectory.access.rules import Scope
from connectory.access.signing_in import TokenRequest
from connectory.instances import read as instances
from connectory.manifest.writer import written
from demos import live_demo
from marketplaces import LiveServer, wait_until

PROMETHEUS, PROMTOOL = shutil.which("prometheus"), shutil.which("promtool")
pytestmark = pytest.mark.skipif(
    PROMETHEUS is None or PROMTOOL is None, reason="Prometheus is not installed"
)
INSTANCES = {"leads": "crm-to-slack-v1", "alerts": "slack-alerts"}


class Prometheus:
    """A Prometheus that was told nothing but where the marketplace is, and a token."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.rules = folder / "rules.yml"

    def get(self, path: str) -> Any:
        return httpx2.get(f"{self.url}/api/v1/{path}").json()["data"]

    def instances(self, health: str = "up") -> set[str]:
        return {
            one["labels"]["instance"]
            for one in self.get("targets?state=active")["activeTargets"]
            if one["labels"]["job"] == "connectory" and one["health"] == health
        }

    def value(self, query: str) -> float:
        found = httpx2.get(f"{self.url}/api/v1/query", params={"query": query}).json()
        return sum(float(one["value"][1]) for one in found["data"]["result"])

    def firing(self) -> set[tuple[str, str]]:
        return {
            (one["labels"]["instance"], one["labels"]["alertname"])
            for one in self.get("alerts")["alerts"]
            if one["state"] == "firing"
        }

    def read_rules(self, text: str) -> None:
        self.rules.write_text(text)
        assert httpx2.post(f"{self.url}/-/reload").status_code == 200

    def groups(self) -> set[str]:
        return {one["name"] for one in self.get("rules")["groups"]}


@contextmanager
def prometheus(live: LiveServer, token: str, folder: Path) -> Iterator[Prometheus]:
    """Run a Prometheus as the guide says, only faster."""
    folder.mkdir()
    (folder / "token").write_text(token)
    host = live.url.removeprefix("http://")
    credentials = {"type": "Bearer", "credentials_file": str(folder / "token")}
    by_token = {"authorization": credentials}
    job = {
        "job_name": "connectory",
        "http_sd_configs": [
            {"url": f"{live.url}/sd/prometheus", "refresh_interval": "1s", **by_token}
        ],
    }
    server = {"job_name": "connectory-server", "static_configs": [{"targets": [host]}]}
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [{**job, **by_token}, {**server, **by_token}],
    }
    (folder / "prometheus.yml").write_text(written(config))  # type: ignore[arg-type]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(PROMETHEUS), f"--config.file={folder}/prometheus.yml"]
    command += [f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"]
    command += ["--web.enable-lifecycle"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        running = Prometheus(f"http://127.0.0.1:{port}", folder)
        wait_until(lambda: _answers(running.url, folder), 60)
        yield running
    finally:
        process.terminate()
        process.wait(60)


def _answers(url: str, folder: Path) -> bool:
    try:
        return httpx2.get(f"{url}/-/ready").status_code == 200
    except httpx2.TransportError:
        assert "err=" not in (folder / "log").read_text()
        return False


def read_only_token(live: LiveServer) -> str:
    with live.state.works.write() as work:
        scopes = frozenset({Scope.READ})
        wanted = TokenRequest(account="admin", name="prometheus", days=1, scopes=scopes)
        return signing_in.create_token(work, wanted, most_days=90).value.reveal()


def test_prometheus_sees_every_instance_and_the_one_that_fails(tmp_path: Path) -> None:
    with live_demo(tmp_path / "data", metrics_seconds=1) as live:
        token = read_only_token(live)
        install(live)
        with prometheus(live, token, tmp_path / "prometheus") as found:
            found.read_rules(read(live, "/sd/rules.yml"))
            wait_until(lambda: found.instances() == set(INSTANCES), 30)
            wait_until(lambda: found.value("connectory_instance_up") == len(INSTANCES), 30)
            assert found.groups() == {"payments/leads", "payments/alerts"}
            assert found.value('process_resident_memory_bytes{instance="leads"}') > 1e6
            wait_until(lambda: found.value("connectory_build_info") == 1, 30)

            crash(live, "alerts")
            wait_until(lambda: ("alerts", "InstanceFailing") in found.firing(), 30)
            assert ("leads", "InstanceFailing") not in found.firing()

            remove(live, "alerts")
            assert "alerts" not in read(live, "/sd/prometheus")
            found.read_rules(read(live, "/sd/rules.yml"))
            wait_until(lambda: found.instances() == {"leads"}, 30)
            assert found.groups() == {"payments/leads"}


def install(live: LiveServer) -> None:
    for name, connector in INSTANCES.items():
        body = {"connector": connector, "inputs": {"slack_channel": "#leads"}}
        answer = httpx2.put(url_of(live, name), json=body, headers=member(live))
        assert answer.status_code == 202, answer.text
    wait_until(lambda: all(status(live, name) == "healthy" for name in INSTANCES), 120)


def crash(live: LiveServer, name: str) -> None:
    crew = live.state.crew
    with live.state.works.read() as work:
        one = instances.instance(work, "payments", name)
    os.kill(crew.target(one).observe(one.id).pid, signal.SIGKILL)


def remove(live: LiveServer, name: str) -> None:
    httpx2.delete(url_of(live, name), headers=member(live))
    wait_until(lambda: httpx2.get(url_of(live, name), headers=member(live)).is_error, 60)


def status(live: LiveServer, name: str) -> str:
    """Return the health of an instance that runs; empty while it does not, or is gone."""
    answer = httpx2.get(url_of(live, name), headers=member(live))
    is_running = answer.status_code == 200 and answer.json()["state"] == "running"
    return str(answer.json()["health"]["status"]) if is_running else ""


def read(live: LiveServer, path: str) -> str:
    headers = {"Authorization": f"Bearer {live.admin_token}"}
    return httpx2.get(f"{live.url}{path}", headers=headers).text


def url_of(live: LiveServer, name: str) -> str:
    return f"{live.url}/api/v1/teams/payments/instances/{name}"


def member(live: LiveServer) -> dict[str, str]:
    return {"Authorization": f"Bearer {live.tokens['max']}"}
