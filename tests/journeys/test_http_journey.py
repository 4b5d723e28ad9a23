"""The way of a team through the marketplace, with the real command and by HTTP alone."""

import dataclasses
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from connectory.backends.targets import Observed
from connectory.backends.targets.local.target import LocalTarget
from marketplaces import wait_until
from processes import (
    CLEAN_EXIT_S,
    MarketplaceProcess,
    marketplace_process,
    traces,
)

pytestmark = pytest.mark.journey

BRIEF = (Path(__file__).parents[1] / "manifest/examples/brief.yaml").read_bytes()
LEADS = "/api/v1/teams/payments/instances/leads"
ASKED = {
    "connector": "crm-to-slack-v1",
    "environment": "dev",
    "inputs": {"slack_channel": "#leads"},
}
ARRIVES_S = 5
UPLOAD = """
curl -s -w '\\n%{http_code}' -X POST "$CATALOG/api/v1/connectors" \\
  -H "Authorization: Bearer $CATALOG_TOKEN" \\
  -F "manifest=@connectors/$CONNECTOR/manifest.yaml"
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MarketplaceProcess]:
    """A marketplace that all tests of this module share; each leaves it as it was."""
    with marketplace_process(tmp_path_factory.mktemp("journey")) as one:
        yield one.start()


@pytest.fixture
def installed(served: MarketplaceProcess) -> Iterator[MarketplaceProcess]:
    """The marketplace with the instance payments/leads."""
    install(served)
    yield served
    uninstall(served)


def install(served: MarketplaceProcess) -> list[int]:
    """Install as the interface says; return the ids of the events that told of it."""
    answer = served.client.put(LEADS, json=ASKED)
    operation = answer.json()["operation"]
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/api/v1/operations/{operation}"
    first = events(served, operation, most=1)
    rest = events(served, operation, after=first[-1])
    assert served.ended(operation)["state"] == "succeeded"
    return first + rest


def uninstall(served: MarketplaceProcess) -> None:
    answer = served.client.delete(LEADS)
    assert answer.status_code == 202, answer.text
    assert served.ended(answer.json()["operation"])["state"] == "succeeded"


def events(
    served: MarketplaceProcess, operation: str, *, after: int = 0, most: int = 1000
) -> list[int]:
    """Follow an operation live, until `most` events came or the stream ends; return ids."""
    ids: list[int] = []
    headers = {"Last-Event-ID": str(after)} if after else {}
    url = f"/api/v1/operations/{operation}/events"
    with served.client.stream("GET", url, headers=headers) as stream:
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                ids.append(int(value))
            if name == "data":
                assert json.loads(value)["id"] == operation
                if len(ids) == most:
                    break
    return ids


def bearer(served: MarketplaceProcess) -> dict[str, str]:
    return {"Authorization": f"Bearer {served.token}"}


def process_of(served: MarketplaceProcess) -> Observed:
    return LocalTarget(served.data).observe(served.get(LEADS)["id"])


def assert_leads_arrive(served: MarketplaceProcess, name: str) -> None:
    served.create_lead(name)
    wait_until(lambda: any(name in text for text in served.posted()), ARRIVES_S)


def test_a_connector_is_found_and_planned(served: MarketplaceProcess) -> None:
    found = served.get("/api/v1/connectors?q=slack")["items"]
    shown = served.get("/api/v1/connectors/crm-to-slack-v1")
    plan = served.client.post(
        "/api/v1/plans", json={**ASKED, "team": "payments", "name": "leads"}
    ).json()

    assert "crm-to-slack-v1" in [one["id"] for one in found]
    assert (shown["version"], shown["status"]["effective"]) == ("1.3.0", "approved")
    assert (plan["state"], plan["problems"]) == ("ready", [])
    assert {"slack_channel", "#leads"} <= {
        v for s in plan["settings"] for v in map(str, s.values())
    }


def test_an_instance_does_its_work_and_its_removal_leaves_nothing(
    served: MarketplaceProcess,
) -> None:
    before = traces(served)

    told = install(served)
    during = traces(served)
    assert_leads_arrive(served, "Ada Lovelace")
    lines = [line["message"] for line in served.get(f"{LEADS}/logs")["items"]]
    samples = {s["name"]: s["value"] for s in served.get(f"{LEADS}/metrics")["items"]}
    uninstall(served)

    assert told == sorted(set(told))
    assert len(told) > 1
    assert "posted" in lines
    assert samples["leads_posted_total"] == 1
    assert served.client.get(LEADS).status_code == 404
    for name in ("processes", "files", "secrets", "rows", "subscriptions", "listening"):
        assert getattr(during, name) > getattr(before, name), name
    assert traces(served) == before


def test_an_instance_outlives_the_end_of_the_server(installed: MarketplaceProcess) -> None:
    running, instance = process_of(installed), installed.get(LEADS)["id"]
    followed = f"{installed.ready['url']}{LEADS}/logs/events"
    began = time.monotonic()

    with httpx2.stream("GET", followed, headers=bearer(installed)) as follower:
        next(follower.iter_lines())
        code = installed.stop()

    assert (code, time.monotonic() - began < CLEAN_EXIT_S) == (0, True)
    alone = LocalTarget(installed.data).call(instance, "GET", "/healthz")
    installed.start()
    assert alone.status == 200
    assert process_of(installed) == running
    assert_leads_arrive(installed, "Grace Hopper")


def test_an_instance_outlives_the_kill_of_the_server(served: MarketplaceProcess) -> None:
    before = traces(served)
    install(served)
    running = process_of(served)

    served.kill()
    served.start()

    assert process_of(served) == running
    assert served.get(LEADS)["health"]["status"] == "healthy"
    assert_leads_arrive(served, "Katherine Johnson")
    uninstall(served)
    after = traces(served)
    assert after.processes == {served.process.pid}
    assert dataclasses.replace(after, processes=before.processes) == before


def test_a_ci_job_publishes_with_plain_curl(served: MarketplaceProcess, tmp_path: Path) -> None:
    manifest = tmp_path / "connectors/crm-to-slack/manifest.yaml"
    manifest.parent.mkdir(parents=True)

    def upload(contents: bytes) -> tuple[int, dict[str, object]]:
        manifest.write_bytes(contents)
        environment = {
            "PATH": "/usr/bin:/bin",
            "CATALOG": served.ready["url"],
            "CATALOG_TOKEN": served.token,
            "CONNECTOR": "crm-to-slack",
        }
        said = subprocess.run(
            ["sh", "-c", UPLOAD], cwd=tmp_path, env=environment, capture_output=True, check=True
        ).stdout
        body, _, status = said.rpartition(b"\n")
        return int(status), json.loads(body)

    first, made = upload(BRIEF)
    again, same = upload(BRIEF)
    other, refusal = upload(BRIEF.replace(b"team Slack", b"team slack"))

    assert (first, made["created"]) == (201, True)
    assert (again, same["created"], same["digest"]) == (200, False, made["digest"])
    assert (other, refusal["code"]) == (409, "version-exists")
    digests = {refusal["stored_manifest"], refusal["sent_manifest"]}
    assert len(digests) == 2
    assert made["manifest_digest"] in digests
