"""Who reaches what: rows B75-B79, B83 and B85-B90 of the threat model."""

import re
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from sqlalchemy import update

from connectory.access import accounts, session_store, store
from connectory.access.actors import Requirement
from connectory.access.rules import Scope
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
    install,
    known_names,
    on_sqlite,
    session_of,
)

BRIEF = (Path(__file__).parents[1] / "manifest/examples/brief.yaml").read_bytes()
DRAFT = re.sub(rb"id: .*|vetting_status: .*", b"", BRIEF) + b"id: secretplan-v1\n"


def test_b83_a_double_click_installs_once(shop: Marketplace) -> None:
    headers = shop.as_("max")
    answers: list[Response] = []

    def click() -> None:
        answers.append(shop.client.put(LEADS, json=ASKED, headers=headers))

    clicks = [threading.Thread(target=click) for _ in range(6)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()

    assert [a.status_code for a in answers] == [202] * len(clicks), [a.text for a in answers]
    assert len({a.json()["operation"] for a in answers}) == 1
    assert len(contents(shop)["instance"]) == len(contents(shop)["operation"]) == 1


@on_sqlite
def test_b75_a_draft_is_not_installed_by_the_api_either(shop: Marketplace) -> None:
    shop.client.post("/api/v1/connectors", files={"manifest": BRIEF}, headers=shop.as_("ana"))

    answer = install(shop, version="1.2.0")

    assert (answer.status_code, code_of(answer)) == (409, "not-approved")
    assert contents(shop)["instance"] == []


NO_TOKENS = {
    "B87-jwt-alg-none": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
    "B87-empty": "Bearer",
    "B87-basic": "Basic YWRtaW46YWRtaW4=",
    "B87-other-scheme": "Digest username=admin",
    "B89-prefix-alone": "Bearer cty_",
    "B89-bad-checksum": "Bearer cty_" + "A" * 38,
    "B89-nul": "Bearer cty_\x00",
    "B89-not-ascii": "Bearer cty_\xe9",
}


@on_sqlite
@pytest.mark.parametrize("header", NO_TOKENS.values(), ids=NO_TOKENS)
def test_what_is_no_token_is_refused_also_with_a_good_session(
    marketplace: Marketplace, header: str
) -> None:
    headers = {**session_of(marketplace, "admin"), "Authorization": header.encode("latin-1")}

    answer = marketplace.client.get("/api/v1/connectors", headers=headers)

    assert (answer.status_code, code_of(answer)) == (401, "bad-credential")


@on_sqlite
def test_b89_credentials_are_stored_as_fingerprints_alone(marketplace: Marketplace) -> None:
    token = marketplace.token("max")
    key = session_of(marketplace, "max")["Cookie"].partition("=")[2]

    stored = str(contents(marketplace))

    assert [value for value in (token, key) if value in stored] == []


@on_sqlite
@pytest.mark.parametrize("ago", [0, 1, 3600], ids=lambda s: f"B85-{s}s")
def test_a_token_ends_at_the_very_second(marketplace: Marketplace, ago: int) -> None:
    headers = marketplace.as_("max")
    with marketplace.state.works.write() as work:
        end = work.now - timedelta(seconds=ago)
        work.db.execute(update(store.TOKENS).values(expires_at=end))

    assert marketplace.client.get("/api/v1/me", headers=headers).status_code == 401


def end_of_membership(marketplace: Marketplace) -> None:
    with marketplace.state.works.write() as work:
        accounts.remove_member(work, "payments", "max")


def end_of_account(marketplace: Marketplace) -> None:
    with marketplace.state.works.write() as work:
        accounts.disable_account(work, "max")


def end_of_credential(marketplace: Marketplace) -> None:
    with marketplace.state.works.write() as work:
        past: datetime = work.now - timedelta(seconds=1)
        work.db.execute(update(store.TOKENS).values(revoked_at=past))
        work.db.execute(update(session_store.SESSIONS).values(expires_at=past))


ENDS = (end_of_membership, end_of_account, end_of_credential)


@pytest.mark.parametrize("kind", ["token", "session"])
@pytest.mark.parametrize("end", ENDS, ids=lambda end: f"B90-{end.__name__}")
def test_rights_end_with_the_next_request(
    shop: Marketplace,
    end: Callable[[Marketplace], None],
    kind: str,
) -> None:
    operation = install(shop).headers["Location"]
    headers = shop.as_("max") if kind == "token" else {**session_of(shop, "max"), **OWN}
    paths = (LEADS, f"{LEADS}/logs", f"{LEADS}/logs/events", operation, f"{operation}/events")
    assert shop.client.get(LEADS, headers=headers).status_code == 200

    end(shop)

    answers = [shop.client.get(path, headers=headers) for path in paths]
    answers.append(shop.client.delete(LEADS, headers=headers))
    assert {a.status_code for a in answers} <= {401, 404}
    assert shop.client.get(LEADS, headers=shop.as_("kim")).json()["state"] == "installing"


@on_sqlite
@pytest.mark.parametrize(
    "has",
    [{s} for s in Scope] + [{Scope.READ, Scope.PUBLISH}],
    ids=lambda scopes: "+".join(sorted(scopes)),
)
def test_b76_a_token_never_makes_a_stronger_one(
    marketplace: Marketplace, has: set[Scope]
) -> None:
    token = marketplace.token("admin", frozenset(has))
    headers = {"Authorization": f"Bearer {token}"}

    for wanted in [[], *([scope] for scope in Scope), list(Scope)]:
        body = {"name": "child", "scopes": wanted, "as": "admin"}
        answer = marketplace.client.post("/api/v1/tokens", json=body, headers=headers)

        made = set(answer.json()["scopes"]) if answer.status_code == 201 else set()
        assert made <= has, wanted


@on_sqlite
def test_b76_only_an_admin_makes_tokens_for_others(marketplace: Marketplace) -> None:
    weak = marketplace.token("admin", frozenset({Scope.READ, Scope.OPERATE}))

    codes = [
        code_of(marketplace.client.post("/api/v1/tokens", json=body, headers=headers))
        for headers in (marketplace.as_("ana"), {"Authorization": f"Bearer {weak}"})
        for body in [{"name": "x", "as": "max"}]
    ]

    assert codes == ["not-admin", "token-scope"]


@on_sqlite
def test_b76_nobody_ends_the_tokens_of_others(marketplace: Marketplace) -> None:
    headers = marketplace.as_("max")
    (token,) = marketplace.client.get("/api/v1/tokens", headers=headers).json()["items"]

    answer = marketplace.client.delete(
        f"/api/v1/tokens/{token['id']}", headers=marketplace.as_("ana")
    )

    assert (answer.status_code, code_of(answer)) == (404, "token-missing")
    assert marketplace.client.get("/api/v1/me", headers=headers).status_code == 200


def test_b78_no_change_is_guarded_by_the_permission_to_read() -> None:
    guarded = [
        (method, route.path)
        for method, route in every_route()
        if method not in SAFE
        for needed in route.dependant.dependencies
        if isinstance(needed.call, Requirement) and needed.call.scope is Scope.READ
    ]

    # These change nothing but cookies of the browser that asks, and its own session; OSV's
    # interface asks its questions by POST, and questions to policies bring documents along.
    questions = [
        ("POST", "/api/v1/decisions/{decision}:replay"),
        ("POST", "/api/v1/policies:evaluate"),
        ("POST", "/api/v1/policies:impact"),
        ("POST", "/osv/v1/query"),
        ("POST", "/osv/v1/querybatch"),
    ]
    own = [("POST", "/first-steps/hide"), ("POST", "/sign-out")]
    assert sorted(guarded) == sorted([*own, *questions])


@on_sqlite
def test_b78_reading_changes_nothing(shop: Marketplace) -> None:
    known = known_names(shop)
    callers = (shop.as_("admin"), {**session_of(shop, "admin"), **HTML})
    shop.state.stopping.set()  # so that streams end
    shop.follow()
    before = contents(shop)

    statuses = {
        path: shop.client.get(path, headers=headers).status_code
        for headers in callers
        for method, route in every_route()
        if method in SAFE and (path := filled(route, known))
    }

    shop.follow()
    assert contents(shop) == before
    assert {path for path, code in statuses.items() if code == 500} == set()


def test_b77_no_list_or_filter_shows_another_team(shop: Marketplace) -> None:
    known = known_names(shop)
    shop.client.post("/api/v1/connectors", files={"manifest": DRAFT}, headers=shop.as_("max"))
    shop.follow()
    first = shop.client.get("/api/v1/operations?limit=1", headers=shop.as_("admin")).json()

    bodies = {
        path: shop.client.get(path, headers=shop.as_("ana"))
        for path in (
            "/api/v1/instances",
            "/api/v1/instances?team=payments",
            "/api/v1/operations",
            "/api/v1/operations?team=payments",
            "/api/v1/operations?kind=install&state=waiting",
            f"/api/v1/operations?cursor={first['next'] or ''}",
            "/api/v1/connectors?q=secretplan",
            "/api/v1/connectors?team=payments",
            "/api/v1/connectors?status=draft",
            "/api/v1/teams",
            "/api/v1/tokens",
            "/api/v1/teams/bizops/audit",
            "/",
            "/operations",
            "/operations?team=payments",
            "/connectors?team=payments",
        )
    }

    secret = ("payments/leads", "secretplan", known["operation"], '"total":1')
    shown = [
        (path, word)
        for path, answer in bodies.items()
        for word in secret
        if word in answer.text and "q=secretplan" not in path
    ]
    assert shown == []
    assert bodies["/api/v1/connectors?q=secretplan"].json()["total"] == 0
    for path in ("/api/v1/instances?team=payments", "/api/v1/operations?team=payments"):
        assert bodies[path].json() == {"items": [], "next": None}


@on_sqlite
def test_b77_another_team_looks_like_one_that_does_not_exist(shop: Marketplace) -> None:
    known = known_names(shop)
    shop.state.stopping.set()
    headers = shop.as_("ana")
    nobody = {**known, "team": "nobody", "operation": "op_0", "plan_id": "plan_0"}
    private = [
        (method, route)
        for method, route in every_route()
        if {"{team}", "{operation}", "{plan_id}"} & set(re.findall(r"{\w+}", route.path))
        and not route.path.startswith("/hooks/")
    ]

    differ = []
    for method, route in private:
        real = shop.client.request(method, filled(route, known), headers=headers)
        fake = shop.client.request(method, filled(route, nobody), headers=headers)
        told = [_told(real, known), _told(fake, nobody)]
        if told[0] != told[1] or real.status_code not in {404, 422}:
            differ.append((method, route.path, *told))

    assert differ == []


def _told(answer: Response, names: Mapping[str, str]) -> tuple[int, str]:
    """Return an answer without what the caller knew before and without what is ever new."""
    text = re.sub(r"req_\w+", "", answer.text)
    for name in ("team", "operation", "plan_id"):
        text = text.replace(names[name], name)
    return answer.status_code, text
