"""How much one caller may ask for, and what the answers say of it."""

from contextlib import ExitStack

import pytest
from starlette.testclient import TestClient

from connectory.access.limits import (
    ACCOUNT_STREAMS,
    MOST_CALLERS,
    SERVER_STREAMS,
    Buckets,
    RateLimitedError,
    Streams,
    TooManyStreamsError,
)
from connectory.access.streams import is_stream
from marketplaces import Marketplace
from walks import code_of, every_route, on_sqlite

ME = "/api/v1/me"


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def client_at(marketplace: Marketplace, address: str) -> TestClient:
    client = TestClient(
        marketplace.served, raise_server_exceptions=False, client=(address, 4000)
    )
    client.portal = marketplace.client.portal
    return client


@on_sqlite
def test_each_answer_says_how_much_is_left(marketplace: Marketplace) -> None:
    reads = marketplace.state.limits.reads
    reads.most, reads.clock = 60, Watch()
    headers = marketplace.as_("ana")

    first = marketplace.client.get(ME, headers=headers).headers
    missing = marketplace.client.get("/api/v1/nothing", headers=headers).headers

    assert (first["ratelimit-limit"], first["ratelimit-remaining"]) == ("60", "59")
    assert (missing["ratelimit-remaining"], missing["ratelimit-reset"]) == ("58", "2")


@on_sqlite
def test_who_sends_too_much_is_told_when_to_go_on(marketplace: Marketplace) -> None:
    marketplace.state.limits.reads.most = 3
    own, second = marketplace.as_("ana"), marketplace.token("ana")

    statuses = [marketplace.client.get(ME, headers=own).status_code for _ in range(3)]
    refused = marketplace.client.get(ME, headers={"Authorization": f"Bearer {second}"})

    assert statuses == [200] * 3
    assert (refused.status_code, code_of(refused)) == (429, "rate-limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 20  # a third of a minute, and it goes on
    assert refused.headers["ratelimit-remaining"] == "0"
    assert marketplace.client.get(ME, headers=marketplace.as_("bob")).status_code == 200
    assert marketplace.client.get("/api/v1/connectors").status_code == 200


@on_sqlite
def test_changes_are_counted_apart_from_reads(marketplace: Marketplace) -> None:
    marketplace.state.limits.writes.most = 1
    headers = marketplace.as_("admin")

    statuses = [
        marketplace.client.post(
            "/api/v1/teams", json={"slug": slug}, headers=headers
        ).status_code
        for slug in ("one", "two")
    ]

    assert statuses == [201, 429]
    assert marketplace.client.get("/api/v1/teams/two", headers=headers).status_code == 404


@on_sqlite
def test_who_is_not_known_is_counted_by_address(marketplace: Marketplace) -> None:
    marketplace.state.limits.reads.most = 1
    addresses = ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")

    statuses = [
        client_at(marketplace, address).get("/api/v1/connectors").status_code
        for address in addresses
    ]

    assert statuses == [200, 200, 200, 429, 200]


@on_sqlite
def test_hooks_health_and_static_files_are_not_counted_with_the_rest(
    marketplace: Marketplace,
) -> None:
    limits = marketplace.state.limits
    limits.reads.most = limits.writes.most = 1
    limits.hooks.most = 2
    client = marketplace.client

    health = [client.get(path).status_code for path in ("/healthz", "/readyz") * 3]
    hooks = [client.post("/hooks/payments/leads/x").status_code for _ in range(3)]

    assert set(health) == {200}
    assert hooks == [404, 404, 429]
    assert "ratelimit-limit" not in client.get("/static/none").headers


@on_sqlite
def test_without_a_limit_nothing_is_said(marketplace: Marketplace) -> None:
    answer = marketplace.client.get(ME, headers=marketplace.as_("ana"))

    assert "ratelimit-limit" not in answer.headers


def test_a_bucket_fills_again() -> None:
    watch = Watch()
    buckets = Buckets("requests", 60, watch)
    for _ in range(60):
        buckets.take("ana")
    empty = buckets.take("ana")

    watch.now += 2
    later = [buckets.take("ana").wait_s for _ in range(3)]

    assert empty.wait_s == 1
    assert later == [0, 0, 1]
    with pytest.raises(RateLimitedError):
        buckets.refuse(empty)


def test_the_callers_that_are_remembered_are_bounded() -> None:
    buckets = Buckets("requests", 2, Watch())

    for number in range(MOST_CALLERS + 50):
        buckets.take(f"address {number}")
        buckets.take("busy")

    assert len(buckets) == MOST_CALLERS
    assert buckets.take("busy").wait_s > 0


def test_streams_have_an_end_for_each_account_and_for_all() -> None:
    streams = Streams()

    with ExitStack() as held:
        for number in range(SERVER_STREAMS):
            held.enter_context(streams.one(f"account {number // ACCOUNT_STREAMS}"))

        for caller, whose in (("account 0", "one account"), ("new", "this server")):
            with pytest.raises(TooManyStreamsError, match=whose):
                held.enter_context(streams.one(caller))


def test_a_stream_that_ended_gives_its_place_back() -> None:
    streams = Streams()

    for _ in range(ACCOUNT_STREAMS + 1):
        with streams.one("ana"):
            pass

    assert not streams._open


def test_streams_are_where_the_gate_looks_for_them() -> None:
    found = {route.path for _, route in every_route() if is_stream(route.path)}

    assert found == {
        "/api/v1/operations/{operation}/events",
        "/api/v1/teams/{team}/instances/{name}/logs/events",
    }
