"""Every route x every kind of caller: what each may reach, and nothing is left out.

`LEAST` gives each route the least caller that it lets in; what all others get follows. A route
that is not in the table fails the test.
"""

import re
from collections.abc import Iterable
from datetime import timedelta

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from httpx2 import Response
from sqlalchemy import update

from connectory.access import accounts, store
from connectory.access.actors import Requirement, _anybody
from connectory.access.limits import Buckets
from connectory.access.rules import Scope
from connectory.app import mounted
from connectory.app.build import inner
from connectory.web import routes
from marketplaces import Marketplace

ANYBODY, VISITOR, SIGNED_IN, PUBLISHER, OPERATOR = (
    "anybody",
    "visitor",
    "signed-in",
    "publisher",
    "operator",
)
BULK_PUBLISHER = "bulk-publisher"
VIEWER, MEMBER, OWNER, ADMIN = "team-viewer", "team-member", "team-owner", "admin"

V1 = "/api/v1"
CONNECTOR = f"{V1}/connectors/{{namespace}}/{{connector}}"
VERSION = f"{CONNECTOR}/versions/{{version}}"
TEAM = f"{V1}/teams/{{team}}"
INSTANCE = f"{TEAM}/instances/{{name}}"

LEAST = {
    ("GET", "/healthz"): ANYBODY,
    ("GET", "/readyz"): ANYBODY,
    ("GET", "/schemas/manifest/v1.json"): ANYBODY,
    ("GET", "/schemas/deploy/v1.json"): ANYBODY,
    ("GET", "/.well-known/connector-marketplace"): ANYBODY,
    ("POST", "/hooks/{team}/{name}/{path:path}"): ANYBODY,
    ("POST", "/hooks/git/{source}"): ANYBODY,
    ("POST", f"{V1}/auth/token-exchange"): ANYBODY,
    ("GET", f"{V1}/namespaces/{{namespace}}/publishers"): SIGNED_IN,
    ("POST", f"{V1}/namespaces/{{namespace}}/publishers"): OPERATOR,
    ("DELETE", f"{V1}/namespaces/{{namespace}}/publishers/{{publisher}}"): OPERATOR,
    ("GET", f"{V1}/sources"): SIGNED_IN,
    ("POST", f"{V1}/sources"): OPERATOR,
    ("GET", f"{V1}/sources/{{source}}"): SIGNED_IN,
    ("DELETE", f"{V1}/sources/{{source}}"): OPERATOR,
    ("PUT", f"{V1}/sources/{{source}}/sign-offs"): ADMIN,
    ("DELETE", f"{V1}/sources/{{source}}/sign-offs"): ADMIN,
    ("GET", f"{V1}/sources/{{source}}/syncs"): SIGNED_IN,
    ("POST", f"{V1}/sources/{{source}}/syncs"): OPERATOR,
    ("GET", f"{V1}/sources/{{source}}/syncs/{{sync}}"): SIGNED_IN,
    ("GET", f"{V1}/targets"): VISITOR,
    ("POST", "/osv/v1/query"): VISITOR,
    ("POST", "/osv/v1/querybatch"): VISITOR,
    ("GET", "/osv/v1/vulns/{identity}"): VISITOR,
    ("GET", f"{INSTANCE}/schedules"): VIEWER,
    ("POST", f"{INSTANCE}/schedules:run"): MEMBER,
    ("GET", f"{V1}/connectors"): VISITOR,
    ("GET", f"{V1}/connectors/{{connector}}"): VISITOR,
    ("GET", CONNECTOR): VISITOR,
    ("GET", f"{CONNECTOR}/versions"): VISITOR,
    ("GET", f"{CONNECTOR}/similar"): VISITOR,
    ("POST", f"{CONNECTOR}:permit"): ADMIN,
    ("GET", f"{V1}/sets"): VISITOR,
    ("GET", f"{V1}/sets/{{set_id}}"): VISITOR,
    ("PUT", f"{V1}/sets/{{set_id}}"): ADMIN,
    ("DELETE", f"{V1}/sets/{{set_id}}"): ADMIN,
    ("GET", f"{V1}/searches"): SIGNED_IN,
    ("POST", f"{V1}/searches"): OPERATOR,
    ("PATCH", f"{V1}/searches/{{search_id}}"): OPERATOR,
    ("DELETE", f"{V1}/searches/{{search_id}}"): OPERATOR,
    ("GET", VERSION): VISITOR,
    ("GET", f"{VERSION}/manifest"): VISITOR,
    ("GET", f"{VERSION}/readme"): VISITOR,
    ("GET", f"{VERSION}/runbook"): VISITOR,
    ("GET", f"{VERSION}/surface"): VISITOR,
    ("GET", f"{VERSION}/checks"): VISITOR,
    ("GET", f"{V1}/delegations"): SIGNED_IN,
    ("POST", f"{V1}/delegations"): OPERATOR,
    ("DELETE", f"{V1}/delegations/{{delegation}}"): OPERATOR,
    ("GET", f"{V1}/reviewers"): SIGNED_IN,
    ("PUT", f"{V1}/accounts/{{account}}/reviewer-roles/{{role}}"): ADMIN,
    ("DELETE", f"{V1}/accounts/{{account}}/reviewer-roles/{{role}}"): ADMIN,
    ("GET", f"{VERSION}/quarantine"): SIGNED_IN,
    ("POST", f"{VERSION}/quarantine"): OPERATOR,
    ("DELETE", f"{VERSION}/quarantine"): OPERATOR,
    ("GET", f"{VERSION}/alerts"): VISITOR,
    ("POST", f"{CONNECTOR}/similar:decide"): PUBLISHER,
    ("POST", f"{VERSION}/checks:run"): PUBLISHER,
    ("GET", f"{VERSION}/attestations"): SIGNED_IN,
    ("GET", f"{VERSION}/package"): VISITOR,
    ("GET", f"{VERSION}/sbom"): VISITOR,
    ("GET", f"{V1}/reviews"): SIGNED_IN,
    ("GET", f"{V1}/reviews/{{review_id}}"): SIGNED_IN,
    ("POST", f"{V1}/reviews/{{review_id}}/decisions"): OPERATOR,
    ("POST", f"{V1}/reviews/{{review_id}}/comments"): OPERATOR,
    ("GET", f"{VERSION}/review"): SIGNED_IN,
    ("GET", f"{V1}/waivers"): SIGNED_IN,
    ("POST", f"{V1}/waivers"): OPERATOR,
    ("DELETE", f"{V1}/waivers/{{waiver}}"): OPERATOR,
    ("GET", f"{V1}/policies"): VISITOR,
    ("GET", f"{V1}/policies/bundles"): SIGNED_IN,
    ("POST", f"{V1}/policies/bundles"): ADMIN,
    ("POST", f"{V1}/policies/bundles/{{digest}}:activate"): ADMIN,
    ("POST", f"{V1}/policies:evaluate"): SIGNED_IN,
    ("POST", f"{V1}/policies:impact"): ADMIN,
    ("GET", f"{V1}/decisions/{{decision}}"): SIGNED_IN,
    ("POST", f"{V1}/decisions/{{decision}}:replay"): SIGNED_IN,
    ("GET", f"{VERSION}/observed"): VISITOR,
    ("GET", f"{VERSION}/observed/manifest"): VISITOR,
    ("GET", f"{INSTANCE}/observed"): VIEWER,
    ("GET", f"{INSTANCE}/observed/manifest"): VIEWER,
    ("GET", f"{VERSION}/diff"): VISITOR,
    ("GET", f"{VERSION}/certificate"): VISITOR,
    ("POST", f"{VERSION}:rehearse"): OPERATOR,
    ("POST", f"{VERSION}:try"): OPERATOR,
    ("PATCH", f"{VERSION}/status"): ADMIN,
    ("POST", f"{V1}/connectors"): PUBLISHER,
    ("POST", f"{V1}/connectors:bulk"): BULK_PUBLISHER,
    ("POST", f"{V1}/connectors:validate"): PUBLISHER,
    ("POST", f"{V1}/plans"): OPERATOR,
    ("GET", f"{V1}/plans/{{plan_id}}"): SIGNED_IN,
    ("GET", f"{V1}/instances"): SIGNED_IN,
    ("GET", f"{TEAM}/instances"): VIEWER,
    ("PUT", INSTANCE): MEMBER,
    ("GET", INSTANCE): VIEWER,
    ("DELETE", INSTANCE): MEMBER,
    ("GET", f"{INSTANCE}/health"): VIEWER,
    ("POST", f"{INSTANCE}:run"): MEMBER,
    ("GET", f"{INSTANCE}/runs"): VIEWER,
    ("GET", f"{INSTANCE}/runs/{{run}}"): VIEWER,
    ("POST", f"{INSTANCE}/runs/{{run}}:again"): MEMBER,
    ("POST", f"{INSTANCE}/runs/{{run}}:redeliver"): MEMBER,
    ("POST", f"{INSTANCE}/runs/{{run}}:discard"): MEMBER,
    ("POST", f"{INSTANCE}/runs:redeliver"): MEMBER,
    ("POST", f"{INSTANCE}:pause"): MEMBER,
    ("POST", f"{INSTANCE}:resume"): MEMBER,
    ("POST", f"{INSTANCE}:restart"): MEMBER,
    ("POST", f"{INSTANCE}:rotate"): MEMBER,
    ("POST", f"{INSTANCE}:upgrade"): MEMBER,
    ("POST", f"{INSTANCE}:rollback"): MEMBER,
    ("POST", f"{INSTANCE}:hooks"): MEMBER,
    ("GET", f"{INSTANCE}/versions"): VIEWER,
    ("GET", f"{INSTANCE}/logs"): VIEWER,
    ("GET", f"{INSTANCE}/logs/events"): VIEWER,
    ("GET", f"{INSTANCE}/metrics"): VIEWER,
    ("GET", f"{INSTANCE}/metrics/prometheus"): VIEWER,
    ("GET", f"{INSTANCE}/alerts"): VIEWER,
    ("GET", "/sd/prometheus"): SIGNED_IN,
    ("GET", "/sd/rules.yml"): SIGNED_IN,
    ("GET", "/sd/datadog-monitors.json"): SIGNED_IN,
    ("GET", "/sd/grafana.json"): SIGNED_IN,
    ("GET", "/metrics"): ADMIN,
    ("GET", f"{TEAM}/secrets"): VIEWER,
    ("PUT", f"{TEAM}/secrets/{{name}}"): MEMBER,
    ("POST", f"{TEAM}/secrets/{{name}}:test"): MEMBER,
    ("DELETE", f"{TEAM}/secrets/{{name}}"): MEMBER,
    ("GET", f"{TEAM}/defaults"): VIEWER,
    ("PUT", f"{TEAM}/defaults"): OWNER,
    ("GET", f"{V1}/operations"): SIGNED_IN,
    ("GET", f"{V1}/operations/{{operation}}"): SIGNED_IN,
    ("GET", f"{V1}/operations/{{operation}}/events"): SIGNED_IN,
    ("POST", f"{V1}/operations/{{operation}}:cancel"): OPERATOR,
    ("POST", f"{V1}/operations/{{operation}}:retry"): OPERATOR,
    ("POST", f"{V1}/operations/{{operation}}:undo"): OPERATOR,
    ("GET", f"{V1}/me"): SIGNED_IN,
    ("GET", f"{V1}/me/sessions"): SIGNED_IN,
    ("DELETE", f"{V1}/me/sessions/{{session}}"): OPERATOR,
    ("POST", f"{V1}/me/sessions:end-others"): OPERATOR,
    ("GET", f"{V1}/me/preferences"): SIGNED_IN,
    ("PUT", f"{V1}/me/preferences"): OPERATOR,
    ("GET", f"{TEAM}/tokens"): OWNER,
    ("DELETE", f"{TEAM}/tokens/{{token_id}}"): OWNER,
    ("GET", f"{V1}/tokens"): SIGNED_IN,
    ("POST", f"{V1}/tokens"): OPERATOR,
    ("DELETE", f"{V1}/tokens/{{token_id}}"): OPERATOR,
    ("GET", f"{V1}/teams"): SIGNED_IN,
    ("POST", f"{V1}/teams"): ADMIN,
    ("GET", TEAM): VIEWER,
    ("PUT", f"{TEAM}/members/{{account}}"): OWNER,
    ("DELETE", f"{TEAM}/members/{{account}}"): OWNER,
    ("GET", f"{V1}/audit"): ADMIN,
    ("GET", f"{TEAM}/audit"): VIEWER,
    ("GET", f"{V1}/audit/verify"): ADMIN,
}

CALLERS = {
    "anonymous": {ANYBODY, VISITOR},
    "zoe": {ANYBODY, VISITOR, SIGNED_IN, PUBLISHER, OPERATOR},
    "max": {ANYBODY, VISITOR, SIGNED_IN, PUBLISHER, OPERATOR},
    "vic": {ANYBODY, VISITOR, SIGNED_IN, PUBLISHER, OPERATOR, VIEWER},
    "bob": {ANYBODY, VISITOR, SIGNED_IN, PUBLISHER, OPERATOR, VIEWER, MEMBER},
    "ana": {ANYBODY, VISITOR, SIGNED_IN, PUBLISHER, OPERATOR, VIEWER, MEMBER, OWNER},
    "admin": {ANYBODY, VISITOR, SIGNED_IN, PUBLISHER, OPERATOR, VIEWER, MEMBER, OWNER, ADMIN},
    "reader-token": {ANYBODY, VISITOR, SIGNED_IN, VIEWER},
    "bulk-token": {ANYBODY, VISITOR, SIGNED_IN, VIEWER, BULK_PUBLISHER},
}
"""Who gets past the permission of a route about the team bizops; afterwards a 404, 409 or 422
may follow, because the table is about permission only."""

FILL = {"team": "bizops", "namespace": "bizops", "name": "none", "path:path": "x"}


def routes_of(routers: Iterable[APIRouter]) -> list[APIRoute]:
    return [r for router in routers for r in router.routes if isinstance(r, APIRoute)]


def test_every_route_is_in_the_table_and_the_table_has_no_others() -> None:
    found = {(method, r.path) for r in routes_of(mounted.ROUTERS) for method in r.methods}

    assert found == set(LEAST)


def test_every_route_and_page_names_its_actor_in_its_signature() -> None:
    without = [
        route.path
        for route in routes_of((*mounted.ROUTERS, *routes.ROUTERS))
        if not any(_is_actor(d.call) for d in route.dependant.dependencies)
    ]

    assert without == []


def test_nothing_is_mounted_beside_the_routers(marketplace: Marketplace) -> None:
    beside = [getattr(r, "path", None) for r in inner(marketplace.served).routes]

    assert [path for path in beside if path is not None] == ["/openapi.json"]


def _is_actor(call: object) -> bool:
    return isinstance(call, Requirement) or call is _anybody


@pytest.mark.parametrize("caller", CALLERS)
def test_a_caller_reaches_exactly_what_the_table_allows(
    marketplace: Marketplace, caller: str
) -> None:
    headers = _headers(marketplace, caller)

    wrong = []
    for (method, path), least in LEAST.items():
        if path.endswith("/events") or path.startswith("/hooks"):
            continue
        answer = marketplace.client.request(method, _filled(path), headers=headers)
        is_refused = answer.status_code in {401, 403} or _hides_team(answer)
        if is_refused is (least in CALLERS[caller]):
            wrong.append((method, path, answer.status_code, answer.text[:200]))

    assert wrong == [], caller


def _headers(marketplace: Marketplace, caller: str) -> dict[str, str]:
    if caller == "anonymous":
        return {}
    if caller.endswith("-token"):
        scopes = {Scope.READ} if caller == "reader-token" else {Scope.READ, Scope.BULK}
        token = marketplace.token("ana", frozenset(scopes))
        return {"Authorization": f"Bearer {token}"}
    return marketplace.as_(caller)


def _filled(path: str) -> str:
    return re.sub(r"\{([^}]+)\}", lambda m: FILL.get(m[1], "nothing"), path)


def _hides_team(answer: Response) -> bool:
    return answer.status_code == 404 and answer.json()["code"] == "team-missing"


@pytest.mark.parametrize("kind", ["unknown", "revoked", "expired", "disabled"])
def test_a_dead_credential_opens_nothing(marketplace: Marketplace, kind: str) -> None:
    headers = _dead(marketplace, kind)
    marketplace.state.limits.wrong = Buckets("wrong credentials", 1000)  # one for each route

    reached = [
        (method, path)
        for (method, path) in LEAST
        if not path.endswith("/events")
        and marketplace.client.request(method, _filled(path), headers=headers).status_code
        != 401
    ]

    assert reached == []


def _dead(marketplace: Marketplace, kind: str) -> dict[str, str]:
    headers = marketplace.as_("bob")
    with marketplace.state.works.write() as work:
        if kind == "disabled":
            accounts.disable_account(work, "bob")
        elif kind == "revoked":
            store.revoke_token(work, store.tokens_of(work, "bob")[0].id)
        elif kind == "expired":
            past = work.now - timedelta(seconds=1)
            work.db.execute(update(store.TOKENS).values(expires_at=past))
        else:
            headers = {"Authorization": "Bearer cty_" + "0" * 38}
    return headers
