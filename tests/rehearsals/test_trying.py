"""Trying a connector with sample data: what it shows, who may, and how much of it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectory.access.limits import Buckets
from connectory.access.rules import ANONYMOUS
from connectory.catalog import read as catalog
from connectory.catalog.rules import Name
from connectory.gates import traces
from connectory.rehearsals.rehearse import goods_of
from connectory.rehearsals.rules import ThrowawayLateError
from connectory.rehearsals.throwaway import Stay
from trials import MANIFEST, STARTER, V1, Trials

PAGE = "/c/bizops/slack-alerts@1.0.0"
HTML = {"Accept": "text/html"}
TRY = f"{STARTER}:try"


@pytest.fixture(autouse=True)
def nothing_is_left(trials: Trials) -> Iterator[None]:
    yield
    assert trials.left_over() == []
    assert traces.processes(trials.live.state.settings.data / "throwaways") == ()


def test_a_try_shows_what_went_in_what_came_out_and_what_arrived(trials: Trials) -> None:
    answer = trials.api("POST", TRY, by="max")

    tried = answer.json()
    assert (answer.status_code, tried["example"], tried["trigger"]) == (200, "alert", "/alert")
    assert (tried["status"], tried["output"]["status"]) == (200, "posted")
    [arrived] = tried["arrived"]
    assert arrived["standin"] == "slack"
    assert tried["event"]["text"] in arrived["content"]["text"]
    assert "posted" in [line["message"] for line in tried["logs"]]
    assert tried["contained"] is True


def test_a_try_is_recorded_and_reaches_no_real_stand_in(trials: Trials) -> None:
    slack = trials.live.standins["slack"]
    before = trials.ask("GET", f"{slack}/_received").json()

    trials.api("POST", TRY, by="kim")

    audit = trials.ask("GET", f"{V1}/teams/bizops/audit?limit=100").json()["items"]
    assert [one["facts"]["status"] for one in audit if one["kind"] == "VersionTried"][-1] == 200
    assert trials.ask("GET", f"{slack}/_received").json() == before


def test_a_page_tries_it_without_javascript(trials: Trials) -> None:
    offered = trials.ask("GET", PAGE, headers=HTML).text
    shown = trials.ask("POST", f"{PAGE}/try", headers=HTML)

    assert f'action="{PAGE}/try"' in offered
    assert shown.status_code == 200
    for said in ("What went in", "What it answered", "What arrived", "What it wrote"):
        assert said in shown.text
    assert "Disk of db-1 is 92 % full" in shown.text


def test_who_is_not_signed_in_is_told_to_sign_in(trials: Trials) -> None:
    page = trials.ask("GET", PAGE, by="", headers=HTML).text

    assert trials.api("POST", TRY, by="").json()["code"] == "not-signed-in"
    assert trials.ask("POST", f"{PAGE}/try", by="").status_code == 401
    assert "Sign in to try it with sample data." in page
    assert "Try with sample data" not in page


def test_only_what_is_approved_or_ones_own_draft_runs(trials: Trials) -> None:
    files = {"examples/one.json": b"[]"}
    trials.publish(MANIFEST.replace("id: messy", "id: tried-draft"), files)
    draft = "tried-draft/versions/1.0.0"

    others = trials.api("POST", f"{draft}:try", by="max")
    own = trials.api("POST", f"{draft}:try")
    trials.ask(
        "PATCH",
        f"{V1}/connectors/bizops/{draft}/status",
        by="",
        headers={"Authorization": f"Bearer {trials.live.admin_token}"},
        json={"status": "review", "message": "for a test"},
    )
    in_review = trials.api("POST", f"{draft}:try", by="max")

    assert others.status_code == 404
    assert own.json()["code"] == "example-unreadable"  # it would have run
    assert in_review.json()["code"] == "try-not-approved"


def test_a_flood_of_tries_is_held_back_and_the_server_answers(trials: Trials) -> None:
    accounts = ("ana", "kim", "max", "lee", "sam", "olu")
    start = threading.Barrier(len(accounts) * 3 + 1)

    def attempt(by: str) -> str:
        start.wait()
        answer = trials.api("POST", TRY, by=by)
        return "ran" if answer.status_code == 200 else str(answer.json()["code"])

    with ThreadPoolExecutor(len(accounts) * 3) as pool:
        floods = [pool.submit(attempt, by) for by in accounts * 3]
        start.wait()
        health = [trials.ask("GET", "/healthz", by="").status_code for _ in range(10)]
        ends = [flood.result() for flood in floods]

    assert set(ends) == {"ran", "try-busy"}
    assert ends.count("ran") <= 4  # two at once, and perhaps two who came late
    assert health == [200] * 10


def test_one_caller_tries_so_often_an_hour(trials: Trials) -> None:
    tries = trials.live.state.tries
    usual, tries._buckets = tries._buckets, Buckets("tries", 1, per="hour")

    codes = [trials.api("POST", TRY, by="max").json().get("code") for _ in range(2)]
    tries._buckets = usual

    assert codes == [None, "rate-limited"]


def test_what_takes_too_long_is_ended(trials: Trials) -> None:
    state = trials.live.state
    with state.works.read() as work:
        version = catalog.version(work, Name("bizops", "slack-alerts"), "1.0.0", ANONYMOUS)
        goods = goods_of(work, version)
    throwaway = state.throwaways.open("late", goods)
    stay = Stay.of(throwaway, goods, version.manifest, 0.5)

    try:
        with pytest.raises(ThrowawayLateError):
            stay.give_secrets()
            stay.install()
    finally:
        state.throwaways.close("late")
