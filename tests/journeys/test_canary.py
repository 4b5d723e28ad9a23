"""Secrets are where they must be and nowhere else: row T-8 of the threat model.

One marketplace lives through everything that handles secrets, failures too. Then every place
that a person, a log collector or a backup could look at is searched for every value.
"""

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import httpx2
import pytest

from connectory.backends.targets.local.target import LocalTarget
from connectory.standins import CRM_API_KEY, SLACK_TOKEN
from marketplaces import wait_until
from processes import (
    MarketplaceProcess,
    marketplace_process,
    of_all_processes,
    processes_of,
)

pytestmark = pytest.mark.journey

SECRETS = "/api/v1/teams/payments/secrets"
LEADS = "/api/v1/teams/payments/instances/leads"
CONNECTOR = "/c/bizops/crm-to-slack-v1"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
PAGES = (
    "/",
    "/me",
    "/operations",
    "/t/payments",
    "/t/payments/i/leads",
    CONNECTOR,
    f"{CONNECTOR}@1.3.0/install?team=payments",
    "/api/v1/audit",
    "/api/v1/me",
    "/api/v1/operations",
    "/api/v1/instances",
    "/api/v1/teams/payments/audit",
    SECRETS,
    LEADS,
    f"{LEADS}/health",
    f"{LEADS}/logs",
    f"{LEADS}/metrics",
)


@dataclass
class Story:
    """What happened, and the secrets that played a part in it, by what they are."""

    served: MarketplaceProcess
    canaries: dict[str, str] = field(default_factory=dict)
    while_running: dict[str, bytes] = field(default_factory=dict)
    holders: list[int] = field(default_factory=list)
    instance: int | None = None

    def plant(self, name: str, value: str) -> str:
        self.canaries[name] = value
        return value


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A marketplace after a failed install, a good one, a run, a lead and a removal."""
    with marketplace_process(tmp_path_factory.mktemp("canary")) as served:
        told = Story(served)
        served.start("--verbose", health_seconds="3")
        refuse_bad_requests(told)
        fail_to_install(told)
        served.stop()
        served.start("--verbose")
        install_and_use(told)
        yield told


def refuse_bad_requests(story: Story) -> None:
    client = story.served.client
    value = story.plant("secret in a bad body", f"canary-{secrets.token_hex(16)}")
    for name, body in (("x", {"value": {"is": value}}), ("x", {"value": value, "more": value})):
        assert client.put(f"{SECRETS}/{name}", json=body).status_code == 422
    assert client.put(f"{SECRETS}/x", content=f'{{"value": "{value}').status_code in {400, 422}
    assert client.put(f"{SECRETS}/Bad", json={"value": value}).status_code == 422
    assert client.put(f"{SECRETS}/x", json={"value": f"{value}\0"}).status_code == 400
    instead_of_a_path = {**ASKED, "secrets": {"crm_api_key": value}}
    assert client.put(LEADS, json=instead_of_a_path).status_code == 422
    plan = {**instead_of_a_path, "team": "payments", "name": "leads"}
    client.post("/api/v1/plans", json=plan)
    headers = {"Authorization": f"Bearer {value}"}
    assert httpx2.get(f"{story.served.ready['url']}/me", headers=headers).status_code == 401


def fail_to_install(story: Story) -> None:
    served = story.served
    first = story.plant("first line of a wrong key", f'canary "{secrets.token_hex(12)}"/+%')
    second = story.plant("second line of it", f"canary-{secrets.token_hex(12)}")
    wrong = {"crm_api_key": f"{first}\n{second}", "slack_bot_token": SLACK_TOKEN}
    for name, value in wrong.items():
        assert served.client.put(f"{SECRETS}/{name}", json={"value": value}).status_code == 200
    operation = served.client.put(LEADS, json=ASKED).json()["operation"]
    assert served.ended(operation)["state"] == "undone"
    plan_and_install_on_pages(story)


def plan_and_install_on_pages(story: Story) -> None:
    """Sign in with the one-time link and look at the pages with the session."""
    served = story.served
    key = parse_qs(urlsplit(served.ready["sign_in"]).query)["key"][0]
    browser = httpx2.Client(base_url=served.ready["url"], headers={"Accept": "text/html"})
    with browser:
        answer = browser.post("/sign-in", data={"ticket": key})
        assert answer.status_code == 303
        story.plant("session", browser.cookies["connectory_session"])
        story.plant("used sign-in link", key)
        served.seen += [browser.get(path).content for path in PAGES]


def install_and_use(story: Story) -> None:
    served = story.served
    story.plant("admin token", served.token)
    token = served.client.post("/api/v1/tokens", json={"name": "canary"}).json()["token"]
    served.seen.pop()  # the one answer that shows it
    story.plant("minted token", token)
    story.plant("token of Slack", SLACK_TOKEN)
    story.plant("key of the CRM", CRM_API_KEY)
    served.client.put(f"{SECRETS}/crm_api_key", json={"value": CRM_API_KEY})
    assert served.client.post(f"{SECRETS}/crm_api_key:test").json()["readable"]
    served.client.post("/api/v1/plans", json={**ASKED, "team": "payments"})
    operation = served.client.put(LEADS, json=ASKED).json()["operation"]
    assert served.ended(operation)["state"] == "succeeded"
    (hook,) = served.subscriptions()
    story.plant("hook key", parse_qs(urlsplit(hook).query)["key"][0])
    use(story, hook)
    story.instance = LocalTarget(served.data).observe(served.get(LEADS)["id"]).pid
    story.holders = holders_of_secrets(served)
    story.while_running = {**files(served), **processes(served)}
    served.client.delete(LEADS)
    wait_until(lambda: served.client.get(LEADS).status_code == 404, 30)


def use(story: Story, hook: str) -> None:
    served = story.served
    served.create_lead("Ada Lovelace")
    wait_until(lambda: any("Ada" in text for text in served.posted()), 10)
    httpx2.post(f"{served.crm}/_fail", json={"status": 401, "times": 1})
    served.client.post(f"{LEADS}:run", json={"event": {}})
    assert httpx2.post(f"{hook}x", json={}).status_code == 404
    assert httpx2.post(f"{hook}&wait=10", content=b"not json").status_code == 400
    for path in PAGES:
        for accept in ("text/html", "application/json"):
            served.client.get(path, headers={"Accept": accept})
    with served.client.stream("GET", f"{LEADS}/logs/events") as stream:
        served.seen.append(next(stream.iter_bytes()))


def files(served: MarketplaceProcess) -> dict[str, bytes]:
    """Return what a backup of the data directory would have, and the log of the server.

    The stand-ins' folder is left out: they play other companies, which know their own keys.
    """
    found = (path for path in served.data.rglob("*") if path.is_file())
    kept = [path for path in found if served.data / "standins" not in path.parents]
    return {str(path): path.read_bytes() for path in (*kept, served.log)}


def processes(served: MarketplaceProcess) -> dict[str, bytes]:
    """Return all command lines of this machine, and the environment of the server."""
    lines = {f"command line of {pid}": seen for pid, seen in of_all_processes("cmdline")}
    environ = Path(f"/proc/{served.process.pid}/environ").read_bytes()
    return {**lines, "environment of the server": environ}


def holders_of_secrets(served: MarketplaceProcess) -> list[int]:
    """Return the processes of this marketplace with a secret in their environment."""
    own = processes_of(served.data)
    return [
        int(pid)
        for pid, environ in of_all_processes("environ")
        if int(pid) in own
        and (CRM_API_KEY.encode() in environ or SLACK_TOKEN.encode() in environ)
    ]


def tables(served: MarketplaceProcess) -> dict[str, bytes]:
    """Return every table of the database, as text and bytes."""
    names = served.query("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {
        f"table {name}": b"\n".join(
            cell if isinstance(cell, bytes) else str(cell).encode()
            for row in served.query(f'SELECT * FROM "{name}"')  # noqa: S608  names from SQLite
            for cell in row
        )
        for (name,) in names
    }


def forms(value: str) -> dict[str, bytes]:
    """Return how a value can look: as it is, escaped, encoded, turned round."""
    raw = value.encode()
    aligned = {
        f"base64 at {skip}": base64.b64encode(b"\0" * skip + raw)[(4 if skip else 0) : -4]
        for skip in range(3)
    }
    return {
        "plain": raw,
        "JSON": json.dumps(value)[1:-1].encode(),
        "repr": repr(value)[1:-1].encode(),
        "HTML": value.replace("&", "&amp;").replace('"', "&#34;").encode(),
        "URL": quote(value, safe="").encode(),
        "form": quote_plus(value).encode(),
        "hex": raw.hex().encode(),
        "reversed": raw[::-1],
        **aligned,
    }


def leaks(story: Story, sinks: Mapping[str, bytes]) -> list[str]:
    """Say which secret is in which sink, never its value."""
    wanted = {
        f"{name} ({form})": text
        for name, value in story.canaries.items()
        for form, text in forms(value).items()
    }
    return [
        f"{what} in {where}"
        for where, contents in sinks.items()
        for what, text in wanted.items()
        if text in contents
    ]


def test_the_search_finds_every_form_of_a_secret(story: Story) -> None:
    value = "a canary/that is+long enough"
    sinks = {name: b"before " + text + b" after" for name, text in forms(value).items()}
    sinks["inside of base64"] = base64.b64encode(b'{"x": "' + value.encode() + b'"}')
    told = Story(story.served, {"it": value})

    found = leaks(told, sinks)

    assert {line.rpartition(" in ")[2] for line in found} >= set(sinks) - {"inside of base64"}
    assert any(line.endswith("inside of base64") for line in found)


def test_an_instance_has_its_secrets_in_its_own_environment_alone(story: Story) -> None:
    assert story.holders == [story.instance]


def test_no_secret_is_in_any_answer_or_page(story: Story) -> None:
    assert leaks(story, {f"answer {n}": body for n, body in enumerate(story.served.seen)}) == []


def test_no_secret_is_in_the_database(story: Story) -> None:
    assert leaks(story, tables(story.served)) == []


def test_no_secret_is_in_a_file_or_a_command_line_while_it_is_used(story: Story) -> None:
    assert leaks(story, story.while_running) == []


def test_no_secret_is_in_a_file_or_a_command_line_afterwards(story: Story) -> None:
    assert leaks(story, {**files(story.served), **processes(story.served)}) == []


def test_the_log_is_there_and_told_of_requests_and_failures(story: Story) -> None:
    log = story.served.log.read_text()

    assert "PUT /api/v1/teams/payments/secrets/crm_api_key 200" in log
    assert "POST /hooks/payments/leads/lead" in log
