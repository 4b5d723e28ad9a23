"""The buttons of an instance and of its operations, and what is shown before they act."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from httpx2 import Response

from ledger import keep_books
from marketplaces import Marketplace
from releases import publish

PAGE = "/t/payments/i/leads"
API = "/api/v1/teams/payments/instances/leads"
ASKED = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}
OWN = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
MORE_HOSTS = {"[slack.com, api.crm": "[slack.com, api.dir.example.com, api.crm"}

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def running(site: Marketplace, tmp_path: Path) -> Marketplace:
    """A marketplace where `payments/leads` runs 1.3.0, on books."""
    keep_books(site, tmp_path)
    site.client.put(API, json=ASKED, headers=site.as_("max"))
    site.turn()
    return site


def opened(shop: Marketplace, path: str = PAGE, by: str = "max") -> str:
    return str(shop.client.get(path, headers={"Accept": "text/html", **shop.as_(by)}).text)


def sent(shop: Marketplace, path: str, **fields: str) -> Response:
    answer = shop.client.post(
        path, data=fields, headers={**OWN, **shop.as_("max")}, follow_redirects=False
    )
    shop.turn()
    return answer


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="([\w.]+)" value="([^"]+)"', page)
    return {name: unescape(value) for name, value in found}


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
    fields = hidden(page)

    refused = sent(running, f"{PAGE}/upgrade", **fields)
    begun = sent(running, f"{PAGE}/upgrade", **fields, accept="yes")

    assert f'"{PAGE}/upgrade"' not in before
    assert "hosts: api.dir.example.com" in page
    assert (refused.status_code, begun.status_code) == (422, 303)
    assert f"{PAGE}/rollback" in opened(running)


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

    page = opened(running, f"{PAGE}/rollback")
    answer = sent(running, f"{PAGE}/rollback")

    assert "1.4.0 → 1.3.0" in page
    assert answer.status_code == 303
    assert "1.4.0 available" in opened(running)


@on_sqlite
def test_settings_are_changed_with_a_form_and_listed_with_their_version(
    running: Marketplace,
) -> None:
    wanted = urlencode({"version": "1.3.0", "inputs.slack_channel": "#other"})
    form = opened(running, f"{PAGE}/upgrade?version=1.3.0")
    page = opened(running, f"{PAGE}/upgrade?{wanted}")

    begun = sent(running, f"{PAGE}/upgrade", **hidden(page))

    assert 'name="inputs.slack_channel"' in form
    assert "Nothing: this is what runs now." in form
    assert "#leads → #other" in page
    assert begun.status_code == 303
    versions = opened(running).split('id="versions"')[1]
    assert "slack_channel: #leads → #other" in versions
    assert "install by max" in versions


@on_sqlite
def test_a_setting_that_does_not_fit_is_said_at_its_field(running: Marketplace) -> None:
    page = opened(
        running, f"{PAGE}/upgrade?{urlencode({'inputs.slack_channel': 'no channel'})}"
    )

    assert 'aria-invalid="true"' in page
    assert "no channel" in page


@on_sqlite
def test_a_rotation_says_what_it_does_before_it_begins(running: Marketplace) -> None:
    page = opened(running, f"{PAGE}/turn?kind=rotate")

    begun = sent(running, f"{PAGE}/turn", kind="rotate")

    assert "the old key is refused afterwards" in page
    assert "Refuse the old hook key" in page
    assert begun.status_code == 303
    assert opened(running, begun.headers["Location"]).count("Succeeded") == 1


@on_sqlite
def test_an_operation_is_undone_from_its_page_while_it_is_the_newest(
    running: Marketplace,
) -> None:
    paused = sent(running, f"{PAGE}/turn", kind="pause").headers["Location"]
    before = opened(running, paused)

    undone = sent(running, f"{paused}/undo")

    assert f"{paused}/undo" in before
    assert undone.headers["Location"] != paused
    assert "Resume leads of payments" in opened(running, undone.headers["Location"])
    assert f"{paused}/undo" not in opened(running, paused)


@on_sqlite
def test_what_was_removed_is_installed_again_with_its_settings(running: Marketplace) -> None:
    removal = sent(running, f"{PAGE}/remove", confirm="leads").headers["Location"]
    page = opened(running, removal)
    [again] = re.findall(r'href="([^"]+/install[^"]+)"', page)

    form = opened(running, unescape(again))

    assert f"{removal}/undo" not in page
    assert 'value="#leads"' in form


@on_sqlite
def test_operations_are_filtered_by_kind_and_instance(running: Marketplace) -> None:
    sent(running, f"{PAGE}/turn", kind="pause")

    found = opened(running, "/operations?kind=pause&instance=leads")
    none = opened(running, "/operations?kind=rotate")

    assert re.findall(r'<th scope="row"><a [^>]+>(\w+)', found) == ["Pause"]
    assert "No operation matches" in none
