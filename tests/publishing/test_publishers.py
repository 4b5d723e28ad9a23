"""Trusted publishing: a job's identity token is exchanged for one of fifteen minutes."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from httpx2 import Response
from joserfc.jwk import RSAKey

from connectory.gates.http import Policy
from connectory.kernel import clock
from connectory.publishing.publisher_rules import Host, Publisher, fits
from issuers import AUDIENCE, Issuer, serving
from marketplaces import Marketplace
from pulled import manifest

V1 = "/api/v1"
ALL = f"{V1}/namespaces/bizops/publishers"


@pytest.fixture(scope="module")
def served() -> Iterator[Issuer]:
    with serving() as issuer:
        yield issuer


@pytest.fixture
def shop(marketplace: Marketplace, served: Issuer) -> Marketplace:
    """A marketplace that trusts one workflow."""
    marketplace.state.issuers.policy = Policy(loopback=True)
    answer = add(marketplace, served)
    assert answer.status_code == 201, answer.text
    return marketplace


@pytest.fixture
def issuer(served: Issuer) -> Iterator[Issuer]:
    key = served.key
    yield served
    served.key, served.name = key, ""


def add(shop: Marketplace, served: Issuer, by: str = "ana", **changed: str) -> Response:
    body = {
        "name": "market",
        "issuer": served.url,
        "repository": "acme/market",
        "workflow": "connectors.yml",
        "environment": "production",
        **changed,
    }
    return shop.client.post(ALL, json=body, headers=shop.as_(by))


def exchange(shop: Marketplace, token: str) -> Response:
    return shop.client.post(f"{V1}/auth/token-exchange", json={"token": token})


def publish(shop: Marketplace, token: str, name: str = "one") -> Response:
    headers = {"Authorization": f"Bearer {token}"}
    files = {"manifest": manifest(name)}
    return shop.client.post(f"{V1}/connectors", files=files, headers=headers)


def test_a_job_publishes_with_what_it_gets_for_its_identity(
    shop: Marketplace, issuer: Issuer
) -> None:
    got = exchange(shop, issuer.token()).json()

    added = publish(shop, got["token"])

    assert (got["account"], got["namespace"]) == ("ci-market", "bizops")
    life = datetime.fromisoformat(got["expires_at"]) - clock.now()
    assert timedelta(minutes=14) < life <= timedelta(minutes=15)
    assert added.status_code == 201, added.text
    headers = {"Authorization": f"Bearer {got['token']}"}
    assert shop.client.post(f"{V1}/teams", json={}, headers=headers).status_code == 403


def test_an_identity_is_exchanged_once(shop: Marketplace, issuer: Issuer) -> None:
    token = issuer.token()

    first, again = exchange(shop, token), exchange(shop, token)

    assert first.status_code == 200
    assert (again.status_code, again.json()["code"]) == (409, "job-replayed")


WRONG: tuple[dict[str, object], ...] = (
    {"aud": "https://pypi.org"},
    {"aud": [AUDIENCE + "/"]},
    {"aud": None},
    {"iss": "https://evil.example"},
    {"jti": None},
    {"exp": None},
    {"exp": int(time.time()) - 61},
    {"iat": int(time.time()) + 3600},
    {"nbf": int(time.time()) + 3600},
    {"repository": "acme/market2"},
    {"repository": "ACME/market"},
    {"ref": "refs/heads/dev"},
    {"ref": "refs/tags/main", "ref_type": "tag"},
    {"ref": "refs/pull/1/merge"},
    {"event_name": "pull_request_target"},
    {"event_name": "pull_request"},
    {"event_name": ["push"]},
    {"workflow_ref": "acme/market/.github/workflows/other.yml@refs/heads/main"},
    {"workflow_ref": "acme/market/.github/workflows/connectors.yml@refs/heads/dev"},
    {"environment": "staging"},
    {"environment": None},
)


def test_a_claim_that_is_not_as_it_has_to_be_is_refused(
    shop: Marketplace, issuer: Issuer
) -> None:
    answers = [exchange(shop, issuer.token(**changed)) for changed in WRONG]

    told = {(answer.status_code, answer.json()["code"]) for answer in answers}
    assert told == {(401, "job-refused")}


def test_a_signature_that_everybody_can_make_is_none(shop: Marketplace, issuer: Issuer) -> None:
    answers = [exchange(shop, forged) for forged in (issuer.unsigned(), issuer.by_public_key())]

    assert [answer.json()["code"] for answer in answers] == ["job-refused", "job-refused"]


def test_another_key_with_the_same_id_is_refused(shop: Marketplace, issuer: Issuer) -> None:
    liar = Issuer(issuer.url, key=RSAKey.generate_key(2048, {"kid": "one"}))

    assert exchange(shop, liar.token()).status_code == 401


def test_the_same_claims_from_another_issuer_are_refused_unasked(shop: Marketplace) -> None:
    with serving() as other:
        answer = exchange(shop, other.token(sub="repo:acme/market:ref:refs/heads/main"))

        assert answer.status_code == 401
        assert other.asked == []


def test_an_issuer_that_calls_itself_otherwise_is_not_believed(
    shop: Marketplace, issuer: Issuer
) -> None:
    issuer.name = "https://token.actions.githubusercontent.com"

    answer = exchange(shop, issuer.token())

    assert answer.status_code == 401
    assert "another name" in answer.json()["detail"]


def test_clocks_may_differ_by_a_minute(shop: Marketplace, issuer: Issuer) -> None:
    now = int(time.time())

    assert exchange(shop, issuer.token(exp=now - 30)).status_code == 200
    assert exchange(shop, issuer.token(iat=now + 30, nbf=now + 30)).status_code == 200


def test_keys_are_asked_for_again_when_they_were_changed_and_not_at_each_forgery(
    shop: Marketplace, issuer: Issuer
) -> None:
    assert exchange(shop, issuer.token()).status_code == 200
    issuer.key = RSAKey.generate_key(2048, {"kid": "two"})
    asked = len(issuer.asked)

    too_early = exchange(shop, issuer.token())
    unasked = len(issuer.asked)
    issuers = shop.state.issuers
    issuers.clock = lambda: clock.now() + timedelta(minutes=2)
    later = exchange(shop, issuer.token())

    assert (too_early.status_code, unasked) == (401, asked)
    assert (later.status_code, len(issuer.asked)) == (200, asked + 2)


def test_what_is_no_token_is_refused(shop: Marketplace) -> None:
    for token in ("x", "a.b.c", "e30.e30.", "x" * 16_000):
        assert exchange(shop, token).json()["code"] == "job-refused"


def test_removing_a_publisher_ends_the_tokens_of_its_jobs(
    shop: Marketplace, issuer: Issuer
) -> None:
    token = exchange(shop, issuer.token()).json()["token"]

    removed = shop.client.delete(f"{ALL}/market", headers=shop.as_("ana"))

    assert removed.status_code == 204
    assert publish(shop, token).status_code == 401
    assert exchange(shop, issuer.token()).status_code == 401
    assert add(shop, issuer).json()["code"] == "publisher-exists"  # never a name twice


def test_owners_of_the_namespace_say_who_is_trusted(shop: Marketplace, issuer: Issuer) -> None:
    [listed] = shop.client.get(ALL, headers=shop.as_("vic")).json()["items"]

    assert (listed["account"], listed["audience"]) == ("ci-market", AUDIENCE)
    for by in ("bob", "kim"):
        assert add(shop, issuer, by, name="more").json()["code"] == "publisher-missing"
        assert shop.client.delete(f"{ALL}/market", headers=shop.as_(by)).status_code == 404
    assert shop.client.get(ALL, headers=shop.as_("kim")).status_code == 404


REFUSED = (
    ({"name": "A b"}, "publisher-refused"),
    ({"repository": "acme"}, "publisher-refused"),
    ({"repository": "acme/../x"}, "publisher-refused"),
    ({"workflow": "a@b"}, "publisher-refused"),
    ({"branch": "a@b"}, "publisher-refused"),
    ({"issuer": "ftp://example.com"}, "url-not-allowed"),
    ({"name": "market"}, "publisher-exists"),
)


def test_what_could_be_read_as_something_else_is_not_trusted(
    shop: Marketplace, issuer: Issuer
) -> None:
    for changed, code in REFUSED:
        answer = add(shop, issuer, **{"name": "other", **changed})
        assert answer.json()["code"] == code, changed


def test_jobs_of_gitlab_have_other_claims() -> None:
    wish = Publisher(
        name="market",
        namespace="bizops",
        host=Host.GITLAB,
        issuer="https://gitlab.corp.example",
        repository="acme/tools/market",
        workflow=".gitlab-ci.yml",
        branch="main",
        environment="",
        added_by="ana",
        added_at=clock.now(),
    )
    place = "gitlab.corp.example/acme/tools/market//.gitlab-ci.yml"
    job = {
        "iss": "https://gitlab.corp.example",
        "project_path": "acme/tools/market",
        "ref": "main",
        "ref_type": "branch",
        "ci_config_ref_uri": f"{place}@refs/heads/main",
        "pipeline_source": "push",
    }

    assert fits(wish, job)
    for name in job:
        assert not fits(wish, {**job, name: "other"})
        assert not fits(wish, {key: value for key, value in job.items() if key != name})
    assert not fits(wish, {**job, "pipeline_source": "merge_request_event"})
