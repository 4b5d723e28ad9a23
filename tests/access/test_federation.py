"""People sign in with their organisation, and their groups say what they may do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from httpx2 import Response
from sqlalchemy import Engine

from connectory.access import accounts, mapping, signing_in
from connectory.access.streams import Reader
from marketplaces import Marketplace, opened, populate
from providers import CLIENT, LyingProvider, RealProvider, lying_provider, real_provider

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


def test_other_settings_count_without_a_change_of_groups(
    shop: Marketplace, provider: RealProvider
) -> None:
    provider.knows("b2", preferred_username="jo", groups=["eng"])
    sign_in(shop, provider, "b2")
    shop.state.federation.groups = mapping.read("eng=payments:viewer, eng=review:ops")

    assert roles(shop) == {"payments": "viewer"}
    assert me(shop)["reviewer"] == ["ops"]


def test_groups_are_not_asked_for_again_at_once(
    shop: Marketplace, provider: RealProvider
) -> None:
    shop.state.federation.fresh = timedelta(minutes=1)
    provider.knows("b3", preferred_username="kai", groups=["eng"])
    sign_in(shop, provider, "b3")
    provider.knows("b3", preferred_username="kai", groups=[])
    at_once = roles(shop)
    works = shop.state.federation.works
    shop.state.federation.works = replace(
        works, clock=lambda: works.clock() + timedelta(minutes=2)
    )

    assert (at_once, roles(shop)) == ({"payments": "member"}, {})


def test_groups_are_asked_for_before_each_change(
    shop: Marketplace, provider: RealProvider
) -> None:
    shop.state.federation.fresh = timedelta(hours=1)
    provider.knows("b5", preferred_username="mo", groups=["leads"])
    sign_in(shop, provider, "b5")
    defaults = "/api/v1/teams/payments/defaults"
    headers = {"Sec-Fetch-Site": "same-origin"}
    before = shop.client.put(defaults, json={"inputs": {}}, headers=headers).status_code
    provider.knows("b5", preferred_username="mo", groups=[])
    read = shop.client.get(defaults).status_code

    after = shop.client.put(defaults, json={"inputs": {}}, headers=headers)

    assert (before, read) == (200, 200)
    assert (after.status_code, after.json()["code"]) == (404, "team-missing")
    assert roles(shop) == {}


def test_an_open_stream_ends_with_the_rights_to_it(
    shop: Marketplace, provider: RealProvider
) -> None:
    provider.knows("b4", preferred_username="lou", groups=["eng"])
    sign_in(shop, provider, "b4")
    with shop.state.works.read() as work:
        actor = signing_in.actor_of_session(work, shop.client.cookies["connectory_session"])
    reader = Reader(shop.state.works, actor, "payments", shop.state.renew)
    before = reader.may_read()
    provider.knows("b4", preferred_username="lou", groups=[])

    assert (before, reader.may_read()) == (True, False)


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


def test_nobody_keeps_rights_while_the_provider_is_silent(
    lured: Marketplace, liar: LyingProvider
) -> None:
    liar.person = {"sub": "s1", "groups": ["eng"]}
    lured.client.get(BACK, params=liar.approves(start(lured)), follow_redirects=False)
    liar.is_down = True
    answer = lured.client.get("/api/v1/teams/payments/secrets")

    assert (answer.status_code, answer.json()["code"]) == (503, "provider-silent")
