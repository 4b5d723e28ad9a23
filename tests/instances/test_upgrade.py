"""Upgrading and rolling back, through the API, with real processes."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
from httpx2 import Response

from connectory.instances import keep
from connectory.instances.rules import hook_key_path
from connectory.packages import pins
from marketplaces import Marketplace
from releases import publish

URL = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
MORE_HOSTS = {"[slack.com, api.crm": "[slack.com, api.dir.example.com, api.crm"}
NEVER_HEALTHY = {"entrypoint: crm_to_slack": "entrypoint: not_there"}
ROLLBACK_S = 10


def post(shop: Marketplace, what: str, **body: object) -> Response:
    return shop.client.post(f"{URL}:{what}", json=body, headers=shop.as_("max"))


def get(shop: Marketplace, path: str = URL) -> dict[str, object]:
    body: dict[str, object] = shop.client.get(path, headers=shop.as_("max")).json()
    return body


def done(shop: Marketplace, answer: Response) -> dict[str, object]:
    shop.turn()
    return get(shop, answer.headers["Location"])


def version(shop: Marketplace) -> str:
    return str(get(shop)["connector"]["version"])


def settings(shop: Marketplace) -> dict[str, object]:
    return {one["name"]: (one["value"], one["source"]) for one in get(shop)["settings"]}


@pytest.fixture
def running(shop: Marketplace) -> Marketplace:
    """A marketplace where `payments/leads` runs 1.3.0."""
    shop.client.put(URL, json=ASKED, headers=shop.as_("max"))
    shop.turn()
    return shop


def test_an_upgrade_replaces_the_process_and_keeps_the_settings(running: Marketplace) -> None:
    publish(running, "1.4.0")
    before = settings(running)

    ended = done(running, post(running, "upgrade"))

    assert (ended["kind"], ended["state"]) == ("upgrade", "succeeded")
    assert version(running) == "1.4.0"
    assert settings(running) == before
    assert get(running)["health"]["status"] == "healthy"
    observed = running.state.crew.targets["local"].observe(str(get(running)["id"]))
    assert observed.generation == 2


def test_a_dry_run_says_what_would_change_and_changes_nothing(running: Marketplace) -> None:
    publish(running, "1.4.0", {**MORE_HOSTS, "memory: 256M": "memory: 512M"})

    answer = post(running, "upgrade", dry_run=True)

    plan = answer.json()
    assert (answer.status_code, plan["action"]) == (200, "upgrade")
    assert (plan["from_version"], plan["connector"]["version"]) == ("1.3.0", "1.4.0")
    paths = [one["path"] for one in plan["changes"]]
    assert "runtime.resources.memory" in paths
    assert plan["grown"] == ["hosts: api.dir.example.com"]
    assert plan["cost_before"]["high"]["amount"]
    assert version(running) == "1.3.0"


def test_growing_permissions_need_to_be_accepted(running: Marketplace) -> None:
    publish(running, "1.4.0", MORE_HOSTS)

    refused = post(running, "upgrade")
    accepted = done(running, post(running, "upgrade", accept_permissions=True))

    assert (refused.status_code, refused.json()["code"]) == (409, "permissions-grow")
    assert refused.json()["grown"] == ["hosts: api.dir.example.com"]
    assert accepted["state"] == "succeeded"


def test_exactly_the_plan_that_was_shown_is_carried_out(running: Marketplace) -> None:
    publish(running, "1.4.0")
    plan = post(running, "upgrade", dry_run=True).json()["id"]
    publish(running, "1.5.0")

    shown = get(running, f"/api/v1/plans/{plan}")
    ended = done(running, post(running, "upgrade", plan=plan))

    assert shown["action"] == "upgrade"
    assert ended["state"] == "succeeded"
    assert version(running) == "1.4.0"


def test_a_plan_is_outdated_once_the_instance_has_changed(running: Marketplace) -> None:
    publish(running, "1.4.0")
    plan = post(running, "upgrade", dry_run=True).json()["id"]
    done(running, post(running, "upgrade"))

    again = post(running, "upgrade", plan=plan)
    install = running.client.put(URL, json={"plan": plan}, headers=running.as_("max"))

    assert (again.status_code, again.json()["code"]) == (409, "plan-outdated")
    assert (install.status_code, install.json()["code"]) == (409, "plan-outdated")


def test_an_upgrade_that_is_never_healthy_is_undone_with_its_settings(
    running: Marketplace,
) -> None:
    publish(running, "1.4.0", NEVER_HEALTHY)
    before = settings(running)
    object.__setattr__(running.state.crew, "health_seconds", 2)

    ended = done(running, post(running, "upgrade", inputs={"slack_channel": "#other"}))

    assert (ended["state"], ended["error"]["code"]) == ("undone", "not-healthy")
    assert version(running) == "1.3.0"
    assert settings(running) == before
    assert (get(running)["state"], get(running)["health"]["status"]) == ("running", "healthy")
    assert get(running)["former"] is None


def test_a_rollback_brings_back_version_and_settings_soon(running: Marketplace) -> None:
    publish(running, "1.4.0")
    before = settings(running)
    done(running, post(running, "upgrade", inputs={"slack_channel": "#other"}))
    keep.collect(running.state.crew)

    began = time.monotonic()
    ended = done(running, post(running, "rollback"))
    took = time.monotonic() - began

    assert (ended["kind"], ended["state"]) == ("rollback", "succeeded")
    assert took < ROLLBACK_S
    assert (version(running), get(running)["former"]) == ("1.3.0", "1.4.0")
    assert settings(running) == before
    assert get(running)["health"]["status"] == "healthy"


def test_without_a_version_before_there_is_no_rollback(running: Marketplace) -> None:
    answer = post(running, "rollback")

    assert (answer.status_code, answer.json()["code"]) == (409, "no-version-before")


def test_nothing_is_upgraded_to_what_it_is_already(running: Marketplace) -> None:
    answer = post(running, "upgrade")

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-to-change")


def test_settings_can_be_changed_without_another_version(running: Marketplace) -> None:
    ended = done(running, post(running, "upgrade", inputs={"slack_channel": "#other"}))

    assert ended["state"] == "succeeded"
    assert settings(running)["slack_channel"] == ("#other", "you")
    assert version(running) == "1.3.0"


def test_a_version_that_is_not_approved_is_not_upgraded_to(running: Marketplace) -> None:
    publish(running, "1.4.0")
    running.client.patch(
        "/api/v1/connectors/bizops/crm-to-slack-v1/versions/1.4.0/status",
        json={"status": "deprecated", "message": "for a test"},
        headers=running.as_("admin"),
    )

    answer = post(running, "upgrade", version="1.4.0")

    assert (answer.status_code, answer.json()["code"]) == (409, "not-approved")


def test_versions_never_move_by_themselves_but_are_listed_as_outdated(
    running: Marketplace,
) -> None:
    nothing = get(running, "/api/v1/instances?outdated=true")["items"]
    publish(running, "1.4.0")

    keep.keep_running(running.state.crew, running.state.watch)
    running.turn()

    found = get(running, "/api/v1/instances?outdated=true")["items"]
    assert nothing == []
    assert [(one["name"], one["newer"]) for one in found] == [("leads", "1.4.0")]
    assert version(running) == "1.3.0"


def test_a_removal_lets_go_of_every_version(running: Marketplace) -> None:
    publish(running, "1.4.0")
    done(running, post(running, "upgrade"))
    held = _held(running)

    done(running, running.client.delete(URL, headers=running.as_("max")))

    assert len(held) == 2
    assert _held(running) == set()


def test_no_event_is_lost_while_a_version_that_may_do_more_comes_and_goes(
    running: Marketplace,
) -> None:
    publish(running, "1.4.0", MORE_HOSTS)
    path = hook_key_path(str(get(running)["id"]))
    key = running.state.backends.secrets.read(path).reveal()
    codes: list[int] = []

    def call() -> None:
        url = f"/hooks/payments/leads/lead?key={key}"
        codes.append(running.client.post(url, json={}).status_code)

    shown = post(running, "upgrade", dry_run=True).json()
    with _repeating(call):
        upgraded = done(running, post(running, "upgrade", accept_permissions=True))
        began = time.monotonic()
        rolled_back = done(running, post(running, "rollback"))
        took = time.monotonic() - began

    assert shown["grown"] == ["hosts: api.dir.example.com"]
    assert (upgraded["state"], rolled_back["state"]) == ("succeeded", "succeeded")
    assert took < ROLLBACK_S
    assert len(codes) > 1
    assert set(codes) == {202}


@contextmanager
def _repeating(call: Callable[[], None]) -> Iterator[None]:
    """Call again and again, in a thread of its own, for the length of the block."""
    stop = Event()

    def repeat() -> None:
        while not stop.is_set():
            call()

    with ThreadPoolExecutor(1) as caller:
        calling = caller.submit(repeat)
        try:
            yield
        finally:
            stop.set()
        calling.result()


def _held(shop: Marketplace) -> set[str]:
    """Return the packages that an instance keeps."""
    with shop.state.works.read() as work:
        releases = get(shop, "/api/v1/connectors/bizops/crm-to-slack-v1/versions")["items"]
        digests = [
            get(shop, f"/api/v1/connectors/bizops/crm-to-slack-v1/versions/{one['version']}")[
                "package_digest"
            ]
            for one in releases
        ]
        found = pins.pins_of(work, digests)
    return {d for d, held in found.items() if any(p.holder_kind == "instance" for p in held)}
