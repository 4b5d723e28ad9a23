"""Behind a reverse proxy: whose word counts for who asked, by which scheme and name."""

from ipaddress import ip_address

import anyio
import pytest
from starlette.types import Message, Receive, Scope, Send

from connectory.app.build import inner
from connectory.app.forwarded import Forwarded
from connectory.settings import networks
from marketplaces import Marketplace

PROXY, CDN, STRANGER = "10.0.0.1", "192.0.2.7", "203.0.113.9"
TRUSTED = networks("10.0.0.0/8, 192.0.2.7, fd00::/8")
Headers = list[tuple[str, str]]


def seen(client: str, headers: Headers) -> Scope:
    """Return the scope that the application behind the layer is handed."""
    found: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  as ASGI calls it
        found.append(scope)

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    async def nowhere(message: Message) -> None:
        raise AssertionError(message)

    given = [("host", "shop.example"), *headers]
    scope = {
        "type": "http",
        "scheme": "http",
        "client": (client, 40_000),
        "headers": [(name.encode(), value.encode()) for name, value in given],
    }
    anyio.run(Forwarded(app, TRUSTED), scope, nothing, nowhere)
    return found[0]


def client_of(client: str, *hops: str) -> str:
    return seen(client, [("x-forwarded-for", hop) for hop in hops])["client"][0]


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        ([STRANGER], STRANGER),
        ([f"{STRANGER}:51234"], STRANGER),
        (["[2001:db8::1]:51234"], "2001:db8::1"),
        (["2001:db8::1"], "2001:db8::1"),
        ([f"{STRANGER}, {CDN}"], STRANGER),
        ([STRANGER, CDN], STRANGER),
        ([f"::ffff:{STRANGER}"], STRANGER),
        ([CDN], CDN),
        ([], "10.9.9.9"),
    ],
)
def test_the_client_is_the_last_address_before_our_proxies(
    hops: list[str], client: str
) -> None:
    assert client_of(PROXY, *hops, "10.9.9.9") == client


@pytest.mark.parametrize("claimed", ["127.0.0.1", "10.0.0.5", "198.51.100.1", "unknown"])
def test_what_a_client_writes_in_front_of_our_proxies_is_not_believed(claimed: str) -> None:
    assert client_of(PROXY, f"{claimed}, {STRANGER}") == STRANGER
    assert client_of(PROXY, claimed, f"{STRANGER}, {CDN}") == STRANGER


@pytest.mark.parametrize("nonsense", ["unknown", "_hidden", "1.2.3.4.5", "a" * 4000, "::g"])
def test_an_address_that_is_none_ends_the_search(nonsense: str) -> None:
    assert client_of(PROXY, f"{STRANGER}, {nonsense}, {CDN}") == CDN
    assert client_of(PROXY, nonsense) == PROXY


def test_a_stranger_is_not_believed_and_nothing_behind_sees_its_headers() -> None:
    forged = {
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "evil.example",
        "x-real-ip": "127.0.0.1",
        "forwarded": "for=127.0.0.1",
    }

    scope = seen(STRANGER, list(forged.items()))

    assert (scope["client"][0], scope["scheme"]) == (STRANGER, "http")
    assert scope["headers"] == [(b"host", b"shop.example")]


def test_scheme_and_name_are_those_that_the_nearest_proxy_wrote() -> None:
    scope = seen(
        "fd00::1",
        [
            ("x-forwarded-proto", "http, HTTPS"),
            ("x-forwarded-host", "evil.example, own.example"),
        ],
    )

    assert scope["scheme"] == "https"
    assert scope["headers"] == [(b"host", b"own.example")]


def test_a_scheme_that_is_none_is_left_out() -> None:
    assert seen(PROXY, [("x-forwarded-proto", "javascript")])["scheme"] == "http"


@pytest.fixture
def behind(marketplace: Marketplace) -> Marketplace:
    """A marketplace that is called by a proxy which it trusts."""
    trusted = networks("10.0.0.0/8")
    object.__setattr__(marketplace.served, "trusted", trusted)
    marketplace.client._transport.client = (PROXY, 40_000)
    return marketplace


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_wrong_credentials_are_counted_by_the_true_address(behind: Marketplace) -> None:
    wrong = {"Authorization": "Bearer nonsense", "X-Forwarded-For": STRANGER}
    behind.client.get("/api/v1/me", headers=wrong)

    counted = inner(behind.served).state.limits.wrong._levels

    assert list(counted) == [f"address {ip_address(STRANGER)}"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_forwarded_name_that_is_not_ours_is_refused(behind: Marketplace) -> None:
    refused = behind.client.get("/healthz", headers={"X-Forwarded-Host": "evil.example"})
    served = behind.client.get("/healthz", headers={"X-Forwarded-Host": "testserver"})

    assert (refused.status_code, refused.json()["code"]) == (421, "host-not-allowed")
    assert served.status_code == 200


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_rate_limit_is_not_dodged_with_another_address_in_each_request(
    marketplace: Marketplace,
) -> None:
    for number in range(3):
        forged = {"Authorization": "Bearer no", "X-Forwarded-For": f"198.51.100.{number}"}
        marketplace.client.get("/api/v1/me", headers=forged)

    assert len(inner(marketplace.served).state.limits.wrong) == 1
