"""What an account has of its own: sessions that end at once, and what it prefers."""

import pytest

from connectory.access import browsers
from connectory.access.gate import COOKIE
from marketplaces import Marketplace
from walks import OWN, code_of, on_sqlite

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131 Safari/537.36 Edg/131"


def browser(marketplace: Marketplace, account: str, agent: str) -> dict[str, str]:
    """Sign in as a browser would, with a token; return the headers of its requests."""
    marketplace.client.cookies.clear()
    marketplace.client.post(
        "/sign-in",
        data={"token": marketplace.token(account)},
        headers={**OWN, "User-Agent": agent},
    )
    key = marketplace.client.cookies[COOKIE]
    marketplace.client.cookies.clear()
    return {**OWN, "Cookie": f"{COOKIE}={key}"}


def sessions(marketplace: Marketplace, headers: dict[str, str]) -> list[dict[str, object]]:
    return marketplace.client.get("/api/v1/me/sessions", headers=headers).json()["items"]


def test_sessions_are_listed_in_words_and_b90_an_ended_one_is_refused(
    marketplace: Marketplace,
) -> None:
    desk = browser(marketplace, "max", FIREFOX)
    other = browser(marketplace, "max", EDGE)

    seen = {each["browser"]: each for each in sessions(marketplace, desk)}
    ended = marketplace.client.delete(
        f"/api/v1/me/sessions/{seen['Edge on Windows']['id']}", headers=desk
    )

    assert (ended.status_code, seen["Firefox on Linux"]["current"]) == (204, True)
    assert marketplace.client.get("/api/v1/me", headers=other).status_code == 401
    assert marketplace.client.get("/api/v1/me", headers=desk).status_code == 200


def test_all_others_end_and_this_one_stays(marketplace: Marketplace) -> None:
    desk, *others = [browser(marketplace, "max", agent) for agent in (FIREFOX, EDGE, "curl/8")]
    foreign = browser(marketplace, "kim", FIREFOX)

    ended = marketplace.client.post("/api/v1/me/sessions:end-others", headers=desk).json()

    assert ended == {"ended": 2}
    left = [
        marketplace.client.get("/api/v1/me", headers=each).status_code
        for each in (desk, foreign, *others)
    ]
    assert left == [200, 200, 401, 401]


@on_sqlite
def test_nobody_ends_the_session_of_somebody_else(marketplace: Marketplace) -> None:
    desk = browser(marketplace, "max", FIREFOX)
    wanted = sessions(marketplace, desk)[0]["id"]

    answer = marketplace.client.delete(
        f"/api/v1/me/sessions/{wanted}", headers=marketplace.as_("admin")
    )

    assert (answer.status_code, code_of(answer)) == (404, "session-missing")


def test_preferences_are_kept_per_account(marketplace: Marketplace) -> None:
    wanted = {"theme": "dark", "density": "compact", "zone": "Europe/Berlin"}

    marketplace.client.put(
        "/api/v1/me/preferences", json=wanted, headers=marketplace.as_("max")
    )

    me = marketplace.client.get("/api/v1/me", headers=marketplace.as_("max")).json()
    page = marketplace.client.get(
        "/me", headers={**marketplace.as_("max"), "Accept": "text/html"}
    )
    assert me["preferences"] == wanted
    assert 'data-theme="dark" data-density="compact" data-zone="Europe/Berlin"' in page.text
    assert "(Europe/Berlin)" in page.text


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("theme", "pink", "preference-unknown"),
        ("density", "dense", "preference-unknown"),
        ("zone", "Mars/Olympus", "zone-unknown"),
        ("zone", "../../etc/passwd", "zone-unknown"),
    ],
)
def test_what_cannot_be_chosen_is_refused(
    marketplace: Marketplace, field: str, value: str, code: str
) -> None:
    answer = marketplace.client.put(
        "/api/v1/me/preferences", json={field: value}, headers=marketplace.as_("max")
    )

    assert (answer.status_code, code_of(answer)) == (422, code)


@pytest.mark.parametrize(
    ("agent", "words"),
    [(FIREFOX, "Firefox on Linux"), (EDGE, "Edge on Windows"), ("", "A browser")],
)
def test_a_browser_is_named(agent: str, words: str) -> None:
    assert browsers.in_words(agent) == words
