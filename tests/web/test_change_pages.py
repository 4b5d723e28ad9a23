"""The buttons of an instance: pause, restart, resume, upgrade, roll back."""

import re

import pytest
from httpx2 import Response

from connectory.app import bootstrap, demo
from connectory.standins import run_all
from marketplaces import Marketplace
from releases import publish

PAGE = "/t/payments/i/leads"
API = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
OWN = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
MORE_HOSTS = {"[slack.com, api.crm": "[slack.com, api.dir.example.com, api.crm"}

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def running(marketplace: Marketplace, tmp_path):
    """A marketplace where `payments/leads` runs 1.3.0."""
    standins = run_all(tmp_path / "standins", {})
    bootstrap.prepare(marketplace.state)
    demo.prepare(marketplace.state, standins)
    marketplace.client.put(API, json=ASKED, headers=marketplace.as_("max"))
    marketplace.turn()
    yield marketplace
    for folder in (marketplace.state.settings.data / "instances").glob("inst_*"):
        marketplace.state.crew.targets["local"].remove(folder.name)
    standins.stop()


def opened(shop: Marketplace, path: str = PAGE, by: str = "max") -> str:
    return str(shop.client.get(path, headers={"Accept": "text/html", **shop.as_(by)}).text)


def sent(shop: Marketplace, path: str, **fields: str) -> Response:
    answer = shop.client.post(
        path, data=fields, headers={**OWN, **shop.as_("max")}, follow_redirects=False
    )
    shop.turn()
    return answer


@on_sqlite
def test_an_instance_is_paused_and_resumed_from_its_page(running: Marketplace) -> None:
    paused = sent(running, f"{PAGE}/turn", kind="pause")
    page = opened(running)
    resumed = sent(running, f"{PAGE}/turn", kind="resume")

    assert (paused.status_code, resumed.status_code) == (303, 303)
    assert 'value="resume"' in page
    assert 'value="pause"' not in page
    assert 'value="pause"' in opened(running)


@on_sqlite
def test_a_change_that_does_not_exist_is_refused(running: Marketplace) -> None:
    assert sent(running, f"{PAGE}/turn", kind="explode").status_code == 422


@on_sqlite
def test_an_upgrade_shows_what_changes_and_asks_before_it_may_do_more(
    running: Marketplace,
) -> None:
    before = opened(running)
    publish(running, "1.4.0", MORE_HOSTS)
    page = opened(running, f"{PAGE}/upgrade")
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))

    refused = sent(running, f"{PAGE}/upgrade", **fields)
    begun = sent(running, f"{PAGE}/upgrade", **fields, accept="yes")

    assert f"{PAGE}/upgrade" not in before
    assert "hosts: api.dir.example.com" in page
    assert (refused.status_code, begun.status_code) == (422, 303)
    assert "Roll back to 1.3.0" in opened(running)


@on_sqlite
def test_an_upgrade_that_would_do_something_else_by_now_is_refused(
    running: Marketplace,
) -> None:
    publish(running, "1.4.0")

    answer = sent(running, f"{PAGE}/upgrade", version="1.4.0", promised="sha256:other")

    assert answer.status_code == 422
    assert "something else by now" in answer.text


@on_sqlite
def test_an_instance_is_rolled_back_from_its_page(running: Marketplace) -> None:
    publish(running, "1.4.0")
    running.client.post(f"{API}:upgrade", json={}, headers=running.as_("max"))
    running.turn()

    answer = sent(running, f"{PAGE}/rollback")

    assert answer.status_code == 303
    assert "1.4.0 available" in opened(running)
