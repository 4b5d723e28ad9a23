"""The runs of an instance on pages: the tab, one run, its buttons, its twins."""

import csv
import io

import pytest

from connectory.backends.targets import Answer
from connectory.runs.enqueue import Request, enqueue
from ledger import keep_books
from marketplaces import Marketplace

PAGE = "/t/payments/i/leads"
INSTALL = {"connector": "crm-to-slack-v1", "inputs": {"slack_channel": "#leads"}}


@pytest.fixture
def run(site: Marketplace, tmp_path) -> str:
    """A run of `payments/leads` that its connector refused."""
    books = keep_books(site, tmp_path)
    books.answer = lambda _: Answer(422, "application/json", b'{"error": "<b>no</b>"}')
    headers = site.as_("max")
    url = "/api/v1/teams/payments/instances/leads"
    site.client.put(url, json=INSTALL, headers=headers)
    site.turn()
    instance = site.client.get(url, headers=headers).json()["id"]
    wanted = Request(instance, "webhook", "/lead", b'{"lead": "<i>Ada</i>"}', {})
    with site.state.works.write() as work:
        made = enqueue(work, wanted)
    site.deliver()
    return made


def page(shop: Marketplace, path: str, by: str = "max") -> str:
    headers = shop.as_(by) | {"Accept": "text/html"}
    answer = shop.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_page_of_an_instance_lists_runs_and_dead_letters(site, run: str) -> None:
    shown = page(site, PAGE)

    assert f"{PAGE}/runs/{run}" in shown
    assert "1 dead letter" in shown
    assert "Redeliver all" in shown


def test_a_run_shows_what_went_through_as_text(site, run: str) -> None:
    shown = page(site, f"{PAGE}/runs/{run}")

    assert "&lt;i&gt;Ada&lt;/i&gt;" in shown
    assert "&lt;b&gt;no&lt;/b&gt;" in shown
    assert "<i>Ada" not in shown
    assert "Run again with the same input" in shown


def test_buttons_run_again_redeliver_and_discard(site, run: str) -> None:
    def post(path: str) -> str:
        answer = site.client.post(
            f"{PAGE}/runs/{path}", headers=site.as_("max"), follow_redirects=False
        )
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])

    again = post(f"{run}/again")
    assert again != f"{PAGE}/runs/{run}"
    assert post(f"{run}/redeliver") == f"{PAGE}/runs/{run}"
    assert post(f"{run}/discard") == f"{PAGE}/runs/{run}"
    assert "Discarded" in page(site, f"{PAGE}/runs/{run}")
    assert post("redeliver") == f"{PAGE}#runs"


def test_there_is_no_other_button(site, run: str) -> None:
    answer = site.client.post(f"{PAGE}/runs/{run}/explode", headers=site.as_("max"))

    assert answer.status_code == 404


def test_runs_are_there_for_other_programs(site, run: str) -> None:
    headers = site.as_("max")
    sheet = site.client.get(f"{PAGE}/runs.csv", headers=headers).content
    items = site.client.get(f"{PAGE}/runs.json", headers=headers).json()["items"]
    feed = site.client.get(f"{PAGE}/runs.atom", headers=headers).text

    (row,) = csv.DictReader(io.StringIO(sheet.decode("utf-8-sig")))
    assert (row["id"], row["state"], row["status"]) == (run, "refused", "422")
    assert items[0]["id"] == run
    assert run in feed
