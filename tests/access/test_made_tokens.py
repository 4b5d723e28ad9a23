"""What a token has made ends with it, whoever holds it and however it was handed on."""

from datetime import timedelta

import pytest

from connectory.access import session_store, signing_in, store
from connectory.access.rules import BadCredentialError
from connectory.access.signing_in import NewToken, TokenRequest
from connectory.work import Work, Works
from marketplaces import Marketplace, racing
from walks import OWN, on_sqlite


def make(marketplace: Marketplace, maker: str) -> dict[str, str]:
    answer = marketplace.client.post(
        "/api/v1/tokens",
        json={"name": "made", "days": 30},
        headers={"Authorization": f"Bearer {maker}"},
    )
    return answer.json()


def status_of(marketplace: Marketplace, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return marketplace.client.get("/api/v1/me", headers=headers).status_code


def test_revoking_a_token_ends_all_that_was_made_with_it(marketplace: Marketplace) -> None:
    first = marketplace.token("max")
    other = make(marketplace, marketplace.token("max"))
    child = make(marketplace, first)
    grandchild = make(marketplace, child["token"])

    answer = marketplace.client.delete(
        f"/api/v1/tokens/{child['id']}", headers={"Authorization": f"Bearer {first}"}
    )

    assert answer.status_code == 204
    ends = [status_of(marketplace, each["token"]) for each in (child, grandchild, other)]
    assert ends == [401, 401, 200]
    assert status_of(marketplace, first) == 200


def test_a_made_token_does_not_outlive_its_maker(marketplace: Marketplace) -> None:
    made = make(marketplace, marketplace.token("max"))

    assert made["expires_at"][:10] <= f"{timedelta(days=1) + _now(marketplace):%Y-%m-%d}"


def test_a_session_and_what_it_made_end_with_the_token_that_began_it(
    marketplace: Marketplace,
) -> None:
    token = marketplace.token("max")
    marketplace.client.post("/sign-in", data={"token": token}, headers=OWN)
    made = marketplace.client.post("/api/v1/tokens", json={"name": "made"}, headers=OWN).json()
    listed = marketplace.client.get("/api/v1/me/sessions").json()["items"]

    with marketplace.state.works.write() as work:
        own = store.token(work, session_store.session(work, listed[0]["id"]).made_by)
        signing_in.revoke_token(work, own.id, by=signing_in.actor_of_token(work, token))

    assert marketplace.client.get("/api/v1/me").status_code == 401
    assert status_of(marketplace, made["token"]) == 401


def test_a_token_that_is_superseded_leaves_what_it_made(works: Works) -> None:
    with works.write() as work:
        store.add_account(work, store.Account("ana", "Ana", is_admin=False, is_disabled=False))
        old, new = new_token(work), new_token(work)
        child = new_token(work, old)

        signing_in.supersede_token(work, old.token, new)

        assert store.token(work, old.token.id).revoked_at is not None
        assert store.token(work, child.token.id).made_by == new.token.id


def test_no_token_is_made_by_one_that_is_being_revoked(works: Works) -> None:
    with works.write() as work:
        store.add_account(work, store.Account("ana", "Ana", is_admin=False, is_disabled=False))
        first = new_token(work)

    def end_or_make(work: Work) -> object:
        if turns.pop():
            return len(store.revoke_token(work, first.token.id))
        return new_token(work, first)

    turns = [False, True]
    ended, refused = racing(works, end_or_make)
    turns, first = [True, False], new_token_in(works)
    made, both = racing(works, end_or_make)

    assert ended == 1
    assert isinstance(refused, BadCredentialError)
    assert isinstance(made, NewToken)
    assert both == 2


def new_token(work: Work, maker: NewToken | None = None) -> NewToken:
    by = maker.token.id if maker else ""
    return signing_in.create_token(work, TokenRequest("ana", "x", 1, made_by=by), most_days=90)


def new_token_in(works: Works) -> NewToken:
    with works.write() as work:
        return new_token(work)


def _now(marketplace: Marketplace):
    with marketplace.state.works.read() as work:
        return work.now


@on_sqlite
@pytest.mark.parametrize("path", ["/api/v1/tokens", "/me/tokens"])
def test_a_revoked_token_makes_none(marketplace: Marketplace, path: str) -> None:
    headers = marketplace.as_("max")
    with marketplace.state.works.write() as work:
        store.revoke_token(work, store.tokens_of(work, "max")[0].id)

    answer = marketplace.client.post(path, json={"name": "x"}, headers={**headers, **OWN})

    assert answer.status_code == 401
