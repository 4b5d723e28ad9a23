"""A request that is sent again under its key is answered again, and not done again."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import anyio
import pytest
from httpx2 import Response as Answered
from sqlalchemy import select, text
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectory.access.rules import Actor
from connectory.access.rules import Scope as Right
from connectory.app import store
from connectory.app.jobs import collect
from connectory.app.repeats import MOST_BODY, IdempotencyRunningError, Repeats
from connectory.app.store import KEPT_FOR, KEYS, Answer, Claim
from connectory.kernel import clock
from connectory.work import Work, Works
from marketplaces import Marketplace
from walks import code_of, on_sqlite

TEAMS, TOKENS = "/api/v1/teams", "/api/v1/tokens"
CLAIM = Claim("id", "digest", "srv_1")
KEPT = Answer(201, {"content-type": "text/plain"}, b"done")


def create(marketplace: Marketplace, slug: str, key: str, account: str = "admin") -> Answered:
    headers = {**marketplace.as_(account), "Idempotency-Key": key}
    return marketplace.client.post(TEAMS, json={"slug": slug}, headers=headers)


def rows(works: Works) -> list[object]:
    with works.read() as work:
        return list(work.db.execute(select(KEYS)))


def test_the_same_request_is_answered_again(marketplace: Marketplace) -> None:
    first = create(marketplace, "growth", "k1")
    again = create(marketplace, "growth", "k1")
    without = marketplace.client.post(
        TEAMS, json={"slug": "growth"}, headers=marketplace.as_("admin")
    )

    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (first.status_code, without.status_code) == (201, 409)


def test_another_body_under_the_same_key_is_refused(marketplace: Marketplace) -> None:
    create(marketplace, "growth", "k1")

    other = create(marketplace, "other", "k1")

    assert (other.status_code, code_of(other)) == (422, "idempotency-mismatch")
    assert create(marketplace, "other", "k2").status_code == 201


@on_sqlite
def test_a_key_is_of_one_account_method_and_address(marketplace: Marketplace) -> None:
    create(marketplace, "growth", "k1")
    headers = {**marketplace.as_("admin"), "Idempotency-Key": "k1"}
    member = f"{TEAMS}/growth/members/max"

    answers = [
        create(marketplace, "growth", "k1", account="ana"),
        marketplace.client.put(member, json={"role": "owner"}, headers=headers),
        marketplace.client.delete(member, headers=headers),
        marketplace.client.delete(member, headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [403, 200, 204, 204]
    assert [a.headers.get("idempotency-replayed") for a in answers] == [None] * 3 + ["true"]


@on_sqlite
def test_a_token_for_less_is_not_shown_what_another_was_answered(
    marketplace: Marketplace,
) -> None:
    create(marketplace, "growth", "k1")
    weak = marketplace.token("admin", frozenset({Right.READ}))
    headers = {"Authorization": f"Bearer {weak}", "Idempotency-Key": "k1"}

    answer = marketplace.client.post(TEAMS, json={"slug": "growth"}, headers=headers)

    assert (answer.status_code, code_of(answer)) == (422, "idempotency-mismatch")


def test_a_secret_is_answered_once_and_not_kept(marketplace: Marketplace) -> None:
    headers = {**marketplace.as_("admin"), "Idempotency-Key": "k1"}

    first, again = (
        marketplace.client.post(TOKENS, json={"name": "ci"}, headers=headers) for _ in range(2)
    )

    made = marketplace.client.get(TOKENS, headers=marketplace.as_("admin")).json()["items"]
    assert (first.status_code, code_of(again)) == (201, "idempotency-secret")
    assert [token["name"] for token in made].count("ci") == 1
    assert first.json()["token"] not in repr(rows(marketplace.state.works))


def test_what_failed_may_be_tried_again_under_its_key(marketplace: Marketplace) -> None:
    def rename(old: str, new: str) -> None:
        with marketplace.state.works.engine.begin() as db:
            db.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    rename("namespace", "hidden")
    failed = create(marketplace, "growth", "k1")
    rename("hidden", "namespace")

    assert failed.status_code >= 500
    assert create(marketplace, "growth", "k1").status_code == 201


@on_sqlite
def test_a_refusal_is_answered_again_too(marketplace: Marketplace) -> None:
    first, again = (create(marketplace, "Not A Slug", "k1") for _ in range(2))

    assert first.status_code == again.status_code == 422
    assert again.headers["content-type"] == "application/problem+json"
    assert again.content == first.content


@on_sqlite
@pytest.mark.parametrize("key", ["", "x" * 201, "two words", "\xe9"])
def test_what_cannot_be_a_key_is_refused(marketplace: Marketplace, key: str) -> None:
    headers = {**marketplace.as_("admin"), "Idempotency-Key": key.encode("latin-1")}

    answer = marketplace.client.post(TEAMS, json={"slug": "growth"}, headers=headers)

    assert (answer.status_code, code_of(answer)) == (400, "idempotency-key")


@on_sqlite
def test_a_publication_is_its_own_key(marketplace: Marketplace) -> None:
    headers = {**marketplace.as_("ana"), "Idempotency-Key": "k1"}
    manifest = b"id: quiet-v1\nversion: 1.0.0\n" + b"x" * MOST_BODY

    answers = [
        marketplace.client.post(
            "/api/v1/connectors", files={"manifest": manifest}, headers=headers
        )
        for _ in range(2)
    ]

    assert [code_of(answer) for answer in answers] == ["manifest-too-large"] * 2
    assert rows(marketplace.state.works) == []


@on_sqlite
def test_other_bodies_with_a_key_are_bounded(marketplace: Marketplace) -> None:
    headers = {**marketplace.as_("ana"), "Content-Type": "application/yaml"}

    answer = marketplace.client.post(
        "/api/v1/connectors",
        content=b"x" * (MOST_BODY + 1),
        headers={**headers, "Idempotency-Key": "k1"},
    )

    assert (answer.status_code, code_of(answer)) == (413, "body-too-large")
    assert rows(marketplace.state.works) == []


def test_keys_are_deleted_after_a_day(marketplace: Marketplace) -> None:
    create(marketplace, "growth", "k1")
    state = marketplace.state
    collect(state)
    assert len(rows(state.works)) == 1

    state.works = replace(state.works, clock=lambda: clock.now() + KEPT_FOR)
    collect(state)

    assert rows(state.works) == []


def test_a_key_is_taken_by_one_request(work: Work) -> None:
    assert store.claim(work, CLAIM) is None

    other = replace(CLAIM, digest="other")

    assert store.claim(work, CLAIM) == store.Earlier("digest", None)
    assert store.claim(work, other) == store.Earlier("digest", None)


def test_an_answer_is_kept_for_a_day(work: Work) -> None:
    store.claim(work, CLAIM)
    store.keep(work, CLAIM, KEPT)
    before = replace(work, now=work.now + KEPT_FOR - timedelta(seconds=1))
    after = replace(work, now=work.now + KEPT_FOR)

    found = [store.claim(at, replace(CLAIM, server="srv_2")) for at in (before, after)]

    assert found == [store.Earlier("digest", KEPT), None]


def test_a_key_is_free_when_its_server_ended_before_the_answer(work: Work) -> None:
    store.claim(work, CLAIM)

    assert store.claim(work, replace(CLAIM, server="srv_2")) is None


def asked(app: ASGIApp, *messages: Message) -> list[Message]:
    """Send one request with a key; return what was answered."""
    waiting, sent = list(messages), list[Message]()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/x",
        "query_string": b"",
        "headers": [(b"idempotency-key", b"k1")],
        "state": {"actor": Actor("ana", via="test")},
    }

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    async def ask() -> None:
        await app(scope, receive, send)

    anyio.run(ask)
    return sent


WHOLE: Iterable[Message] = ({"type": "http.request", "body": b"{}"},)
CUT: Iterable[Message] = (
    {"type": "http.request", "body": b"{", "more_body": True},
    {"type": "http.disconnect"},
)


def test_a_request_that_was_cut_off_is_not_run(works: Works) -> None:
    ran: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        ran.append(scope)
        await PlainTextResponse("done")(scope, receive, send)

    repeats = Repeats(app, works, b"key", lambda _: False)

    assert asked(repeats, *CUT) == []
    assert ran == []
    assert asked(repeats, *WHOLE)[0]["status"] == 200


def test_a_repetition_does_not_wait_for_the_first(works: Works) -> None:
    refused: list[IdempotencyRunningError] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def same() -> Message:
            return {"type": "http.request", "body": b"{}"}

        try:
            await repeats(scope, same, send)
        except IdempotencyRunningError as error:
            refused.append(error)
        await PlainTextResponse("done")(scope, receive, send)

    repeats = Repeats(app, works, b"key", lambda _: False)
    sent = asked(repeats, *WHOLE)

    assert [one.facts["retry_after_s"] for one in refused] == [1]
    assert sent[0]["status"] == 200


def test_a_defect_gives_the_key_back(works: Works) -> None:
    async def app(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asked(Repeats(app, works, b"key", lambda _: False), *WHOLE)

    assert rows(works) == []
