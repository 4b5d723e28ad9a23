"""Sources and their logs in a browser without script: seen by teams, pulled by members."""

from pathlib import Path

import pytest

from asked import queries
from connectory.web.routes.sources import FOLDERS
from forms import Reader
from marketplaces import Marketplace
from pulled import Pulled, manifest, pulled, push, signature
from walks import HTML, OWN, session_of

ALL = "/admin/sources"
ONE = f"{ALL}/market"


@pytest.fixture
def market(marketplace: Marketplace, tmp_path: Path) -> Pulled:
    return pulled(marketplace, tmp_path)


def reader(market: Pulled, who: str) -> Reader:
    headers = {**session_of(market.shop, who), **OWN, **HTML}

    def send(method: str, path: str, **more: object) -> object:
        return market.shop.client.request(
            method, path, headers=headers, follow_redirects=False, **more
        )

    return Reader(send)


def test_a_team_sees_its_sources_and_others_see_none(market: Pulled) -> None:
    mine = reader(market, "vic").open(ALL)
    theirs = reader(market, "kim")
    none = theirs.open(ALL)

    assert market.repository.url in mine.text
    assert "No repository is pulled" in none.text
    assert theirs.open(ONE).status_code == 404


def test_a_pull_is_asked_for_and_its_log_read(market: Pulled) -> None:
    told = manifest("one").replace(b"vetting_status: approved", b"vetting_status: review")
    market.repository.commit(
        {"connectors/one/manifest.yaml": told, "connectors/bad/manifest.yaml": b"id: x\nid: y"}
    )
    browser = reader(market, "bob")
    before = browser.open(ONE)
    waiting = browser.submit(f"{ONE}/syncs")
    log = browser.path
    market.shop.state.syncer.turn()
    market.shop.follow()
    market.shop.state.examiner.turn()

    done = browser.open(log)

    assert "It was never pulled" in before.text
    assert "The log is not complete yet" in waiting.text
    assert 'href="/c/bizops/one@1.0.0"' in done.text
    assert 'href="/reviews/rev_' in done.text
    assert "line 2: " in done.text
    assert market.repository.git("rev-parse", "HEAD")[:12] in done.text
    assert ">1 refused</a>" in done.text
    assert "bizops/one" not in browser.open(f"{log}?outcome=refused").text
    assert "bizops/one" in browser.open(ONE).text


def test_reprocessing_looks_at_all_folders(market: Pulled) -> None:
    market.repository.commit({"connectors/one/manifest.yaml": manifest("one")})
    market.sync()
    browser = reader(market, "bob")
    browser.open(ONE)

    browser.send("POST", f"{ONE}/syncs", data={"anew": "true"})
    market.shop.state.syncer.turn()

    assert "all folders" in browser.open(ONE).text


def test_a_long_log_is_cut_into_pages(market: Pulled) -> None:
    names = [f"connectors/notes-{number:02}" for number in range(FOLDERS + 1)]
    market.repository.commit({f"{name}/README.md": b"x" for name in names})
    market.sync()
    browser = reader(market, "bob")

    first = browser.open(ONE)
    [rest] = [one for one in first.text.split('"') if "after=" in one]
    second = browser.open(rest)

    assert [f">{name}<" in first.text for name in names] == [*[True] * FOLDERS, False]
    assert [f">{name}<" in second.text for name in names] == [*[False] * FOLDERS, True]
    assert "First page" in second.text


def test_a_long_log_costs_no_more_queries_than_a_short_one(market: Pulled) -> None:
    browser, counts = reader(market, "bob"), []
    for numbers in (range(1), range(1, 12)):
        told = {f"connectors/n{n}/manifest.yaml": manifest(f"notes-{n}-v1") for n in numbers}
        market.repository.commit(told)
        market.sync()
        market.shop.follow()
        while market.shop.state.examiner.turn():
            market.shop.follow()
        with queries(market.shop) as asked:
            page = browser.open(ONE)
        counts.append(len(asked))

    assert page.text.count('href="/reviews/rev_') == len(range(1, 12))
    assert counts[1] <= counts[0]


def test_viewers_see_the_log_and_pull_nothing(market: Pulled) -> None:
    browser = reader(market, "vic")

    page = browser.open(ONE)
    refused = browser.send("POST", f"{ONE}/syncs")

    assert "Sync now" not in page.text
    assert refused.status_code == 403


def test_an_admin_lets_merges_count_and_sees_the_new_secret_once(market: Pulled) -> None:
    browser = reader(market, "admin")
    browser.open(ONE)

    done = browser.submit(f"{ONE}/sign-offs", ops="true", people="m-muster = max")
    again = browser.open(ONE)
    wrong = browser.submit(f"{ONE}/sign-offs", ops="true", people="x=nobody")
    browser.open(ONE)
    off = browser.send("POST", f"{ONE}/sign-offs", data={"people": ""})

    assert "It is not shown again" in done.text
    assert "It is not shown again" not in again.text
    assert "m-muster=max" in again.text
    assert wrong.status_code == 422
    assert "There is no account called" in wrong.text
    assert off.status_code == 303
    body = push()
    called = market.shop.client.post(
        "/hooks/git/market", content=body, headers=signature(market.secret, body)
    )
    assert called.status_code == 401
    assert "Merges as sign-offs" not in reader(market, "ana").open(ONE).text
    assert reader(market, "ana").send("POST", f"{ONE}/sign-offs").status_code == 403
