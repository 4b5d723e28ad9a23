"""People sign in with their organisation, and their groups say what they may do."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from joserfc.jwk import RSAKey
from sqlalchemy import Engine

from connectory.access import accounts
from marketplaces import Marketplace, opened, populate
from providers import (
    CLIENT,
    LyingProvider,
    RealProvider,
    lying_provider,
    real_provider,
    shared_secret,
)

GROUPS = "eng=payments:member, leads=payments:owner, sec=review:security"
START = "/sign-in/provider"
BACK = f"{START}/back"
ME = "/api/v1/me"


@pytest.fixture(scope="module")
def provider() -> Iterator[RealProvider]:
    """A real provider, as a process."""
    with real_provider() as found:
        yield found


@pytest.fixture
def liar() -> Iterator[LyingProvider]:
    """A provider that says what a test wants."""
    with lying_provider() as found:
        yield found


@pytest.fixture
def shop(provider: RealProvider, tmp_path: Path, engine: Engine) -> Iterator[Marketplace]:
    """A marketplace that the real provider signs people in to; it is asked each time."""
    secret = tmp_path / "client-secret"
    secret.write_text("not that secret\n")
    yield from _opened(tmp_path, engine, provider.issuer, oidc_secret_file=str(secret))


@pytest.fixture
def lured(liar: LyingProvider, tmp_path: Path, engine: Engine) -> Iterator[Marketplace]:
    """A marketplace that believes the lying provider."""
    yield from _opened(tmp_path, engine, liar.issuer)


def _opened(path: Path, engine: Engine, issuer: str, **more: object) -> Iterator[Marketplace]:
    more |= {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_groups": GROUPS}
    with opened(path, engine, oidc_fresh_seconds=0, oidc_title="Example", **more) as found:
        populate(found)
        yield found


def start(shop: Marketplace, back: str = "/") -> str:
    """Begin to sign in; return the address at the provider."""
    answer = shop.client.get(START, params={"back": back}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def finish(shop: Marketplace, answer: str) -> Response:
    """Come back from the real provider."""
    parts = urlsplit(answer)
    return shop.client.get(f"{parts.path}?{parts.query}", follow_redirects=False)


def sign_in(shop: Marketplace, provider: RealProvider, subject: str) -> dict:
    """Sign somebody in; return who the marketplace says that they are."""
    answer = finish(shop, provider.approves(start(shop), subject))
    assert answer.status_code == 303, answer.text
    return me(shop)


def me(shop: Marketplace) -> dict:
    return shop.client.get(ME).json()


def roles(shop: Marketplace) -> dict[str, str]:
    return {team["slug"]: team["role"] for team in me(shop)["teams"]}


def test_groups_become_roles_and_sign_offs(shop: Marketplace, provider: RealProvider) -> None:
    provider.knows("a1", preferred_username="Ada.L@x.example", groups=["eng", "sec", "other"])
    found = sign_in(shop, provider, "a1")

    assert (found["account"], found["via"]) == ("ada-l", "session")
    assert roles(shop) == {"payments": "member"}
    assert found["reviewer"] == ["security"]


def test_of_two_roles_the_larger_one_counts(shop: Marketplace, provider: RealProvider) -> None:
    provider.knows("a2", preferred_username="bo", groups=["leads", "eng"])
    sign_in(shop, provider, "a2")

    assert roles(shop) == {"payments": "owner"}


def test_leaving_a_group_ends_rights_at_the_next_request(
    shop: Marketplace, provider: RealProvider
) -> None:
    provider.knows("a3", preferred_username="cy", groups=["eng", "sec"])
    sign_in(shop, provider, "a3")
    secrets = "/api/v1/teams/payments/secrets"
    before = shop.client.get(secrets).status_code
    provider.knows("a3", preferred_username="cy", groups=[])
    after = shop.client.get(secrets).status_code

    assert (before, after) == (200, 404)
    assert (me(shop)["teams"], me(shop)["reviewer"]) == ([], [])


def test_a_token_has_the_rights_of_its_person_as_well(
    shop: Marketplace, provider: RealProvider
) -> None:
    provider.knows("a4", preferred_username="di", groups=["eng"])
    sign_in(shop, provider, "a4")
    shop.client.cookies.clear()
    secrets = "/api/v1/teams/payments/secrets"
    before = shop.client.get(secrets, headers=shop.as_("di")).status_code
    provider.knows("a4", preferred_username="di", groups=[])
    after = shop.client.get(secrets, headers=shop.as_("di")).status_code

    assert (before, after) == (200, 404)


def test_joining_a_group_gives_rights_at_the_next_request(
    shop: Marketplace, provider: RealProvider
) -> None:
    provider.knows("a5", preferred_username="ed", groups=[])
    sign_in(shop, provider, "a5")
    provider.knows("a5", preferred_username="ed", groups=["eng"])

    assert roles(shop) == {"payments": "member"}


def test_who_is_vouched_for_no_more_has_to_sign_in_again(
    shop: Marketplace, provider: RealProvider
) -> None:
    provider.knows("a6", preferred_username="fay", groups=["eng"])
    sign_in(shop, provider, "a6")
    token = shop.as_("fay")
    provider.forgets_tokens("a6")
    first, then = shop.client.get(ME), shop.client.get(ME)
    shop.client.cookies.clear()
    by_token = shop.client.get(ME, headers=token)

    assert (first.status_code, first.json()["code"]) == (401, "sign-in-again")
    assert (then.status_code, by_token.json()["code"]) == (401, "sign-in-again")
    assert sign_in(shop, provider, "a6")["teams"] == [{"slug": "payments", "role": "member"}]


def test_an_access_token_that_ended_is_renewed(
    shop: Marketplace, provider: RealProvider
) -> None:
    provider.knows("a7", preferred_username="gus", groups=["eng"])
    sign_in(shop, provider, "a7")
    secrets, path = shop.state.backends.secrets, "identities/gus"
    kept = secrets.read(path)
    _without_access(shop, path)

    assert roles(shop) == {"payments": "member"}
    assert secrets.read(path) != kept
    assert len(secrets.entries("identities/")) == 1


def _without_access(shop: Marketplace, path: str) -> None:
    secrets = shop.state.backends.secrets
    kept = secrets.read(path).reveal()
    changed = type(secrets.read(path))(kept.replace('"access": "', '"access": "x'))
    secrets.put(path, changed, by="test", at=shop.state.works.clock())


def test_a_local_account_of_the_same_name_stays_its_owners(
    shop: Marketplace, provider: RealProvider
) -> None:
    provider.knows("a8", preferred_username="admin", groups=[])
    found = sign_in(shop, provider, "a8")

    assert found["account"].startswith("admin-")
    assert found["admin"] is False
    assert sign_in(shop, provider, "a8")["account"] == found["account"]


def test_rights_that_no_group_stands_for_are_left_to_people(
    shop: Marketplace, provider: RealProvider
) -> None:
    provider.knows("a9", preferred_username="hal", groups=["eng"])
    sign_in(shop, provider, "a9")
    member = "/api/v1/teams/bizops/members/hal"
    shop.client.put(member, json={"role": "viewer"}, headers=shop.as_("admin"))

    assert roles(shop) == {"bizops": "viewer", "payments": "member"}


def test_a_disabled_account_is_not_let_in(shop: Marketplace, provider: RealProvider) -> None:
    provider.knows("b1", preferred_username="ian", groups=["eng"])
    sign_in(shop, provider, "b1")
    with shop.state.works.write() as work:
        accounts.disable_account(work, "ian")
    answer = finish(shop, provider.approves(start(shop), "b1"))

    assert answer.status_code == 401


def test_local_accounts_need_no_provider(lured: Marketplace, liar: LyingProvider) -> None:
    liar.is_down = True
    answer = lured.client.get(ME, headers=lured.as_("ana"))

    assert answer.status_code == 200


def test_the_page_offers_the_provider_by_its_name(lured: Marketplace) -> None:
    page = lured.client.get("/sign-in", params={"back": "/operations?team=x"}).text

    assert 'href="/sign-in/provider?back=/operations%3Fteam%3Dx"' in page
    assert "Sign in with Example" in page


def test_without_a_provider_there_is_only_the_usual_page(marketplace: Marketplace) -> None:
    page = marketplace.client.get("/sign-in").text
    answers = [
        marketplace.client.get(path, follow_redirects=False).headers["location"]
        for path in (START, BACK)
    ]

    assert START not in page
    assert answers == ["/sign-in", "/sign-in"]


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
    now = int(NOW)
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
        liar.algorithm, liar.signs_with = "HS256", shared_secret(liar)
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


def test_nobody_keeps_rights_while_the_provider_is_silent(
    lured: Marketplace, liar: LyingProvider
) -> None:
    liar.person = {"sub": "s1", "groups": ["eng"]}
    lied_to(lured, liar)
    liar.is_down = True
    answer = lured.client.get("/api/v1/teams/payments/secrets")

    assert (answer.status_code, answer.json()["code"]) == (503, "provider-silent")


@pytest.mark.parametrize("groups", [None, "eng", {"eng": 1}, 7])
def test_groups_that_are_no_list_give_nothing(
    lured: Marketplace, liar: LyingProvider, groups: object
) -> None:
    liar.person = {"sub": "s1", "groups": groups}
    lied_to(lured, liar)

    assert me(lured)["teams"] == []
