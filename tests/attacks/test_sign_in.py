"""Nobody is signed in by a provider's answer that is forged, borrowed, old or for others."""

import dataclasses
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from joserfc.jwk import RSAKey

from connectory.backends.db import open_engine
from marketplaces import Marketplace, opened, populate
from providers import CLIENT, LyingProvider, lying_provider

START = "/sign-in/provider"
BACK = f"{START}/back"
ME = "/api/v1/me"


@pytest.fixture(scope="module")
def served(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Marketplace, LyingProvider]]:
    """A marketplace that believes a provider which says what a test wants."""
    path = tmp_path_factory.mktemp("lured")
    shutil.copy(sqlite_template, path / "connectory.db")
    engine = open_engine(f"sqlite:///{path / 'connectory.db'}")
    with lying_provider() as liar:
        known = {"oidc_issuer": liar.issuer, "oidc_client_id": CLIENT}
        groups = {"oidc_groups": "eng=payments:member", "oidc_fresh_seconds": 0}
        with opened(path, engine, **known, **groups) as found:
            populate(found)
            yield found, liar
    engine.dispose()


@pytest.fixture
def liar(served: tuple[Marketplace, LyingProvider]) -> LyingProvider:
    """The provider, honest at first."""
    provider = served[1]
    fresh = LyingProvider(provider.issuer, provider.key)
    for one in dataclasses.fields(fresh):
        setattr(provider, one.name, getattr(fresh, one.name))
    return provider


@pytest.fixture
def lured(served: tuple[Marketplace, LyingProvider]) -> Marketplace:
    """The marketplace, which knows nothing of the provider yet; nobody is signed in."""
    found = served[0]
    found.client.cookies.clear()
    federation = found.state.federation
    federation.provider = dataclasses.replace(federation.provider)
    return found


def start(shop: Marketplace, back: str = "/") -> str:
    """Begin to sign in; return the address at the provider."""
    answer = shop.client.get(START, params={"back": back}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def lied_to(shop: Marketplace, liar: LyingProvider, **more: str) -> Response:
    """Sign in at the lying provider; `more` replaces what the browser comes back with."""
    answer = liar.approves(start(shop)) | more
    return shop.client.get(BACK, params=answer, follow_redirects=False)


def is_in(shop: Marketplace) -> bool:
    return shop.client.get(ME).status_code == 200


def test_the_request_has_all_that_protects_it(lured: Marketplace) -> None:
    asked = parse_qs(urlsplit(start(lured)).query)

    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"http://testserver{BACK}"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))


def test_an_honest_answer_signs_in(lured: Marketplace, liar: LyingProvider) -> None:
    answer = lied_to(lured, liar)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert is_in(lured)
    assert "connectory_session" in answer.headers["set-cookie"]


HOUR = timedelta(hours=1).total_seconds()
NOW = time.time()
LIES = {
    "for another client": {"aud": "other"},
    "by another issuer": {"iss": "https://evil.example"},
    "of another sign-in": {"nonce": "x"},
    "without a nonce": {"nonce": None},
    "expired": {"exp": int(NOW - HOUR)},
    "without an end": {"exp": None},
    "of the future": {"iat": int(NOW + HOUR)},
    "without a subject": {"sub": None},
    "made for somebody else": {"aud": [CLIENT, "other"], "azp": "other"},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_id_token_with_other_claims_is_refused(
    lured: Marketplace, liar: LyingProvider, lie: str
) -> None:
    liar.claims = LIES[lie]
    answer = lied_to(lured, liar)

    assert (answer.status_code, is_in(lured)) == (401, False)


@pytest.mark.parametrize("skew", [-30, 30])
def test_clocks_may_differ_a_little(lured: Marketplace, liar: LyingProvider, skew: int) -> None:
    now = int(time.time())
    liar.claims = {"iat": now + skew, "exp": now + skew + 60}

    assert lied_to(lured, liar).status_code == 303


@pytest.mark.parametrize("forgery", ["none", "public key as a shared secret", "another key"])
def test_a_forged_id_token_is_refused(
    lured: Marketplace, liar: LyingProvider, forgery: str
) -> None:
    if forgery == "none":
        liar.algorithm = "none"
    elif forgery == "another key":
        liar.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    else:
        liar.algorithm = "HS256"
    answer = lied_to(lured, liar)

    assert (answer.status_code, is_in(lured)) == (401, False)


def test_the_provider_may_change_its_keys(lured: Marketplace, liar: LyingProvider) -> None:
    lied_to(lured, liar)
    liar.key = RSAKey.generate_key(2048, {"kid": "two"})

    assert lied_to(lured, liar).status_code == 303


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "x"},
        {"state": ""},
        {"code": ""},
        {"error": "access_denied"},
        {"iss": "http://x"},
    ],
    ids=["state", "no state", "no code", "denied", "mix-up"],
)
def test_an_answer_that_does_not_belong_to_the_question_is_refused(
    lured: Marketplace, liar: LyingProvider, changed: dict[str, str]
) -> None:
    answer = lied_to(lured, liar, **changed)

    assert (answer.status_code, is_in(lured)) == (401, False)
    assert not liar.used


def test_a_provider_that_names_itself_has_to_do_it(
    lured: Marketplace, liar: LyingProvider
) -> None:
    liar.metadata = {"authorization_response_iss_parameter_supported": True}
    without, named = lied_to(lured, liar), lied_to(lured, liar, iss=liar.issuer)

    assert (without.status_code, named.status_code) == (401, 303)


def test_an_answer_to_another_browser_signs_nobody_in(
    lured: Marketplace, liar: LyingProvider
) -> None:
    answer = liar.approves(start(lured))
    lured.client.cookies.clear()
    alone = lured.client.get(BACK, params=answer, follow_redirects=False)
    start(lured)
    other = lured.client.get(BACK, params=answer, follow_redirects=False)

    assert (alone.status_code, other.status_code, is_in(lured)) == (401, 401, False)


def test_a_code_is_of_use_once(lured: Marketplace, liar: LyingProvider) -> None:
    answer = liar.approves(start(lured))
    flow = lured.client.cookies["connectory_sign_in"]
    first = lured.client.get(BACK, params=answer, follow_redirects=False)
    lured.client.cookies.clear()
    without = lured.client.get(BACK, params=answer, follow_redirects=False)
    headers = {"Cookie": f"connectory_sign_in={flow}"}
    again = lured.client.get(BACK, params=answer, headers=headers, follow_redirects=False)

    assert (first.status_code, without.status_code, again.status_code) == (303, 401, 401)
    assert len(liar.refusals) == 1


@pytest.mark.parametrize("cookie", ["", "x", "e30=", "bnVsbA==", "é"])
def test_a_damaged_cookie_is_no_sign_in(lured: Marketplace, cookie: str) -> None:
    headers = {"Cookie": f"connectory_sign_in={cookie}".encode()}
    answer = lured.client.get(BACK, params={"code": "x", "state": ""}, headers=headers)

    assert answer.status_code == 401


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_to_another_site(
    lured: Marketplace, liar: LyingProvider, back: str
) -> None:
    answer = liar.approves(start(lured, back))
    done = lured.client.get(BACK, params=answer, follow_redirects=False)

    assert done.headers["location"] == "/"


def test_a_provider_that_speaks_of_somebody_else_is_not_believed(
    lured: Marketplace, liar: LyingProvider
) -> None:
    liar.person = {"sub": "s2", "groups": ["leads"]}
    answer = lied_to(lured, liar)

    assert (answer.status_code, is_in(lured)) == (503, False)


def test_a_provider_that_calls_itself_otherwise_is_not_believed(
    lured: Marketplace, liar: LyingProvider
) -> None:
    liar.metadata = {"issuer": "https://other.example"}
    answer = lured.client.get(START, follow_redirects=False)

    assert answer.status_code == 503
    assert "another name" in answer.text


@pytest.mark.parametrize("address", ["http://10.0.0.1/keys", "https://169.254.169.254/keys"])
def test_the_provider_cannot_send_the_server_elsewhere(
    lured: Marketplace, liar: LyingProvider, address: str
) -> None:
    liar.metadata = {"jwks_uri": address}
    answer = lured.client.get(START, follow_redirects=False)

    assert answer.status_code == 503
    assert "not allowed" in answer.text


@pytest.mark.parametrize("groups", [None, "eng", {"eng": 1}, 7])
def test_groups_that_are_no_list_give_nothing(
    lured: Marketplace, liar: LyingProvider, groups: object
) -> None:
    liar.person = {"sub": "s1", "groups": groups}
    lied_to(lured, liar)

    assert lured.client.get(ME).json()["teams"] == []
