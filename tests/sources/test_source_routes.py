"""Sources over HTTP: who may add, see, pull and remove them; and the webhook."""

from pathlib import Path

import pytest

from marketplaces import Marketplace
from pulled import SOURCES, Pulled, pulled, push, signature

HOOK = "/hooks/git/market"


@pytest.fixture
def market(marketplace: Marketplace, tmp_path: Path) -> Pulled:
    return pulled(marketplace, tmp_path)


def test_a_source_is_told_without_the_secret_of_its_webhook(market: Pulled) -> None:
    shop = market.shop

    listed = shop.client.get(SOURCES, headers=shop.as_("bob")).json()["items"]
    shown = shop.client.get(f"{SOURCES}/market", headers=shop.as_("admin"))

    assert listed == [shown.json()]
    assert listed[0]["hook_url"] == "http://testserver/hooks/git/market"
    assert listed[0]["folder"] == "connectors"
    assert market.secret not in shown.text


def test_others_do_not_see_the_sources_of_a_team(market: Pulled) -> None:
    shop = market.shop

    assert shop.client.get(SOURCES, headers=shop.as_("kim")).json()["items"] == []
    for path in ("", "/syncs", "/syncs/syn_x"):
        answer = shop.client.get(f"{SOURCES}/market{path}", headers=shop.as_("kim"))
        assert (answer.status_code, answer.json()["code"]) == (404, "source-missing")


@pytest.mark.parametrize(
    ("account", "code"), [("kim", "source-missing"), ("vic", "team-role"), ("bob", None)]
)
def test_members_of_its_team_pull_a_source(
    account: str, code: str | None, market: Pulled
) -> None:
    answer = market.ask(by=account)

    assert answer.json().get("code") == code


def test_owners_of_its_team_remove_a_source_and_its_webhook(market: Pulled) -> None:
    shop = market.shop
    market.repository.commit({"x": b"1"})
    market.sync()
    body = push()

    refused = shop.client.delete(f"{SOURCES}/market", headers=shop.as_("bob"))
    removed = shop.client.delete(f"{SOURCES}/market", headers=shop.as_("ana"))
    called = shop.client.post(HOOK, content=body, headers=signature(market.secret, body))

    assert (refused.status_code, removed.status_code, called.status_code) == (403, 204, 401)
    assert shop.client.get(SOURCES, headers=shop.as_("ana")).json()["items"] == []


REFUSED = (
    ({"name": "market"}, "source-exists"),
    ({"name": "list"}, "source-refused"),
    ({"name": "../x"}, "source-refused"),
    ({"team": "payments", "namespace": "payments"}, "team-missing"),
    ({"namespace": "payments"}, "source-refused"),
    ({"folder": "../up"}, "source-refused"),
    ({"folder": "-x"}, "source-refused"),
    ({"folder": "a//b"}, "source-refused"),
    ({"secret": "a/../b"}, "source-refused"),
    ({"branch": "--upload-pack=x"}, "repository-refused"),
    ({"url": "file:///etc"}, "repository-refused"),
    ({"url": "https://user:password@example.com/a"}, "url-not-allowed"),
    ({"url": "ext::sh -c id"}, "url-not-allowed"),
)


def test_what_cannot_be_pulled_cannot_be_added(market: Pulled) -> None:
    shop = market.shop
    body = {"name": "other", "url": market.repository.url, "team": "bizops"}

    for changed, code in REFUSED:
        answer = shop.client.post(SOURCES, json={**body, **changed}, headers=shop.as_("ana"))
        assert answer.json()["code"] == code, changed


def test_a_signed_call_of_either_kind_asks_for_a_sync(market: Pulled) -> None:
    first, second = push(after="1"), push(after="2")

    by_github = market.shop.client.post(
        HOOK, content=first, headers=signature(market.secret, first)
    )
    by_gitlab = market.shop.client.post(
        HOOK, content=second, headers={"X-Gitlab-Token": market.secret}
    )

    assert (by_github.status_code, by_gitlab.status_code) == (202, 202)
    assert by_github.json()["sync"] == by_gitlab.json()["sync"]  # it waits still
    log = market.log(by_github.json()["sync"])
    assert (log["state"], log["asked_by"]) == ("waiting", "anonymous")


def test_the_very_same_call_is_accepted_once(market: Pulled) -> None:
    body = push(after="1")

    def call():
        headers = {**signature(market.secret, body), "X-GitHub-Delivery": "another"}
        return market.shop.client.post(HOOK, content=body, headers=headers)

    first, again = call(), call()

    assert first.status_code == 202
    assert (again.status_code, again.json()["code"]) == (409, "hook-replayed")


def test_pushes_to_other_branches_lead_to_nothing(market: Pulled) -> None:
    for branch in ("dev", "main/x"):
        body = push(branch)
        headers = signature(market.secret, body)
        answer = market.shop.client.post(HOOK, content=body, headers=headers)
        assert (answer.status_code, answer.json()["sync"]) == (202, None)

    assert market.shop.client.get(
        f"{SOURCES}/market/syncs", headers=market.shop.as_("ana")
    ).json() == {"items": []}


UNSIGNED = (
    (HOOK, {"X-Hub-Signature-256": ""}),
    (HOOK, {"X-Hub-Signature-256": "sha256="}),
    (HOOK, {"X-Hub-Signature-256": "sha1=" + "0" * 40}),
    (HOOK, signature("another secret", push())),
    (HOOK, signature("", push())),
    (HOOK, {"X-Hub-Signature-256": "", "X-Gitlab-Token": "wrong"}),
    ("/hooks/git/none", {}),
)


def test_calls_that_are_not_signed_are_refused_alike(market: Pulled) -> None:
    body = push()

    for path, changed in UNSIGNED:
        headers = {**signature(market.secret, body), **changed}
        answer = market.shop.client.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "hook-signature"), changed


def test_a_changed_body_is_refused(market: Pulled) -> None:
    headers = signature(market.secret, push())

    answer = market.shop.client.post(HOOK, content=push(more="x"), headers=headers)

    assert answer.status_code == 401


SILENT = ((b"no JSON", 400), (b"[]", 202), (b'{"ref": 1}', 202), (b"x" * 1_000_001, 413))


def test_signed_bodies_that_say_nothing_change_nothing(market: Pulled) -> None:
    for body, status in SILENT:
        headers = signature(market.secret, body)
        answer = market.shop.client.post(HOOK, content=body, headers=headers)
        assert answer.status_code == status, answer.text
        assert answer.json().get("sync") is None
