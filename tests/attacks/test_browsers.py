"""What pages of other sites can do with a browser: rows B80-B82, B91, T-11 and T-12."""

import re

import pytest

from connectory.app.build import OPEN_BODIES
from marketplaces import Marketplace
from walks import (
    ASKED,
    HTML,
    LEADS,
    OWN,
    SAFE,
    code_of,
    contents,
    every_route,
    filled,
    on_sqlite,
    session_of,
)

INSTALL_PAGE = "/c/bizops/crm-to-slack-v1/install"

CROSS_SITE = {
    "form": {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": "https://evil.example",
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
    },
    "fetch-no-cors": {"Content-Type": "text/plain", "Sec-Fetch-Site": "cross-site"},
    "other-port": {"Origin": "http://testserver:8080"},
    "sibling-host": {"Origin": "http://testserver", "Sec-Fetch-Site": "same-site"},
    "longer-host": {"Origin": "http://testserver.evil.example"},
    "user-part": {"Origin": "http://testserver@evil.example"},
    "sandboxed-frame": {"Origin": "null"},
    "typed-by-hand": {"Sec-Fetch-Site": "none"},
    "silent": {},
    "referer-alone": {"Referer": "http://testserver/"},
}

OPEN = (*OPEN_BODIES, "/osv/")  # whose questions are asked by POST and change nothing


@on_sqlite
@pytest.mark.parametrize(
    "sent", CROSS_SITE.values(), ids=[f"B80-{name}" for name in CROSS_SITE]
)
def test_no_other_site_changes_anything_with_a_session(
    marketplace: Marketplace, sent: dict[str, str]
) -> None:
    headers = {**session_of(marketplace, "admin"), **sent}
    before = contents(marketplace)

    answers = {
        (method, path): marketplace.client.request(
            method, path, headers=headers, content=b"name=leads"
        )
        for method, route in every_route()
        if method not in SAFE
        and not (path := filled(route, {"team": "payments"})).startswith(OPEN)
    }

    let_in = {at: a.status_code for at, a in answers.items() if code_of(a) != "cross-site"}
    assert let_in == {}
    assert contents(marketplace) == before


@on_sqlite
@pytest.mark.parametrize("name", ["form", "fetch-no-cors", "other-port", "sandboxed-frame"])
def test_no_other_site_signs_a_browser_in(marketplace: Marketplace, name: str) -> None:
    token = marketplace.token("max")

    answer = marketplace.client.post(
        "/sign-in",
        content=f"token={token}",
        headers={**CROSS_SITE[name], "Content-Type": "application/x-www-form-urlencoded"},
    )

    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@on_sqlite
def test_an_own_page_changes_what_its_session_may(shop: Marketplace) -> None:
    headers = {**session_of(shop, "max"), **OWN, "Sec-Fetch-Site": "same-origin"}

    answer = shop.client.put(LEADS, json=ASKED, headers=headers)

    assert answer.status_code == 202


@on_sqlite
@pytest.mark.parametrize("query", ["?install=1", "?team=payments&install=1&slack_channel=%23x"])
def test_b81_a_link_only_fills_the_form_in(shop: Marketplace, query: str) -> None:
    headers = {**session_of(shop, "max"), **HTML}
    before = contents(shop)

    answer = shop.client.get(INSTALL_PAGE + query, headers=headers)

    assert answer.status_code == 200
    assert contents(shop) == before


@on_sqlite
@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/nothing", "/api/v1/me", "/healthz", "/docs"]
)
@pytest.mark.parametrize("host", ["testserver", "evil.example"])
def test_b82_no_answer_can_be_framed(marketplace: Marketplace, path: str, host: str) -> None:
    answer = marketplace.client.get(path, headers={**HTML, "Host": host})

    policy = answer.headers["content-security-policy"].split("; ")
    assert {"frame-ancestors 'none'", "form-action 'self'", "object-src 'none'"} <= set(policy)
    assert answer.headers["x-content-type-options"] == "nosniff"


@on_sqlite
def test_the_session_cookie_is_out_of_reach_of_scripts_and_sites(
    marketplace: Marketplace,
) -> None:
    answer = marketplace.client.post(
        "/sign-in", data={"token": marketplace.token("max")}, follow_redirects=False
    )

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@on_sqlite
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:7600",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "testserver@evil.example",
        "evil.example/127.0.0.1",
        "169.254.169.254",
        "[::2]",
        "localhost.",
        "",
    ],
)
def test_t12_another_host_is_not_answered_for(marketplace: Marketplace, host: str) -> None:
    headers = {**marketplace.as_("admin"), "Host": host}

    answers = [
        marketplace.client.get("/api/v1/me", headers=headers),
        marketplace.client.post("/api/v1/teams", json={"slug": "evil"}, headers=headers),
    ]

    assert [(a.status_code, code_of(a)) for a in answers] == [(421, "host-not-allowed")] * 2


@on_sqlite
@pytest.mark.parametrize(
    "host", ["127.0.0.1:1", "localhost", "[::1]:7600", "[::1]", "TESTSERVER"]
)
def test_t12_loopback_and_the_own_name_are_answered_for(
    marketplace: Marketplace, host: str
) -> None:
    assert marketplace.client.get("/healthz", headers={"Host": host}).status_code == 200


ELSEWHERE = (
    "//evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "https:evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    " //evil.example",
    "evil.example",
    "",
)


@on_sqlite
@pytest.mark.parametrize("wanted", ELSEWHERE, ids=lambda wanted: f"B91-{wanted!r}")
def test_b91_no_form_leads_to_another_site(marketplace: Marketplace, wanted: str) -> None:
    forms = {
        "/sign-in": {"token": marketplace.token("max"), "back": wanted},
        "/theme": {"theme": "dark", "back": wanted},
    }

    ways = [
        marketplace.client.post(path, data=form, follow_redirects=False).headers["location"]
        for path, form in forms.items()
    ]

    page = marketplace.client.get("/sign-in", params={"back": wanted}, headers=HTML).text
    kept = re.findall(r'name="back" value="([^"]*)"', page)
    assert ways == ["/", "/"]
    assert kept
    assert all(way == "/" or way.startswith("/sign-in?back=") for way in kept)
