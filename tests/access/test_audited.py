"""Every route that changes something leaves a row in the event log, and no other does: row R22.

The steps below use each route of the API that is not a GET once, with success. A route that no
step uses fails the test, so a new one cannot be forgotten.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from httpx2 import Response

from connectory.access import accounts
from connectory.access.rules import Reviewer, Scope
from connectory.backends.targets import Answer
from connectory.gates.http import Policy
from connectory.vetting import review_store
from connectory.vetting.examine import catch_up
from connectory.vetting.review_store import Review
from connectory.vetting.rules import ReviewState
from issuers import Issuer, serving
from ledger import keep_books
from marketplaces import Marketplace
from osv import advisory, mirror
from releases import publish
from rulebooks import packed
from walks import ASKED, SAFE, api_routes, filled, session_of

V1 = "/api/v1"
CONNECTOR = f"{V1}/connectors/{{namespace}}/{{connector}}"
VERSION = f"{CONNECTOR}/versions/{{version}}"
TEAM = f"{V1}/teams/{{team}}"
INSTANCE = f"{TEAM}/instances/{{name}}"
RUN = f"{INSTANCE}/runs/{{run}}"
REVIEWER = f"{V1}/accounts/{{account}}/reviewer-roles"
OPERATION = f"{V1}/operations/{{operation}}"
BRIEF = (
    (Path(__file__).parents[1] / "manifest/examples/brief.yaml")
    .read_bytes()
    .replace(b"crm-to-slack-v1", b"audited-v1")
)
LINE = json.dumps({"manifest": BRIEF.decode().replace("audited", "bulky")}).encode()
ABOUT = {"package": {"ecosystem": "PyPI", "name": "jinja2"}, "version": "3.1.5"}
MARKET = {"name": "market", "url": "https://git.example.com/market", "team": "bizops"}
BESIDE = {"other": "bizops/slack-alerts", "decision": "justify", "reason": "Other systems"}
MANUAL = "{type: manual}"
DIGEST = "the digest under review"
REASON = {"reason": "a test"}
ISSUER, JOB = "who vouches for jobs", "the identity token of a job"
HELD = {DIGEST: "digest", ISSUER: "issuer", JOB: "job"}  # in place of what is known later
TRUSTED = {
    "name": "market",
    "issuer": ISSUER,
    "repository": "acme/market",
    "workflow": "connectors.yml",
}
PUBLISHERS = f"{V1}/namespaces/{{namespace}}/publishers"
NOTHING = ""  # the route answers a question; what is sent with it is not kept


@dataclass(frozen=True)
class Step:
    """One request, and the kind of row that it leaves."""

    method: str
    path: str
    leaves: str
    sent: object = None
    by: str = "max"
    named: str = ""  # what a placeholder of later steps stands for: the `id` of the answer
    has_ended: bool = True  # what the request began, before the next step


STEPS = (
    Step("POST", f"{V1}/connectors:validate", NOTHING, BRIEF, by="ana"),
    Step("POST", f"{V1}/connectors:bulk", "VersionPublished", LINE, by="ana"),
    Step("POST", f"{VERSION}/checks:run", "ChecksAsked", by="ana"),
    Step("POST", f"{CONNECTOR}/similar:decide", "SimilarDecided", BESIDE, by="ana"),
    Step("POST", "/osv/v1/query", NOTHING, ABOUT),
    Step("POST", "/osv/v1/querybatch", NOTHING, {"queries": [ABOUT]}),
    Step("POST", f"{V1}/policies:evaluate", NOTHING, {"manifest": BRIEF.decode()}),
    Step("POST", f"{V1}/policies:impact", NOTHING, packed(), by="admin"),
    Step("POST", f"{V1}/policies/bundles", "PolicyUploaded", packed(), "admin", "bundle"),
    Step(
        "POST",
        f"{V1}/policies/bundles/{{bundle}}:activate",
        "PolicyActivated",
        by="admin",
    ),
    Step("POST", f"{V1}/plans", NOTHING, {**ASKED, "team": "payments"}),
    Step("POST", f"{V1}/decisions/{{decision}}:replay", NOTHING),
    Step("POST", f"{VERSION}:try", "VersionTried"),
    Step("POST", f"{VERSION}:rehearse", "OperationBegun", by="ana", has_ended=False),
    Step("POST", f"{OPERATION}:cancel", "OperationCancelAsked", by="ana"),
    Step("PUT", INSTANCE, "OperationBegun", {**ASKED, "version": "1.3.0"}, has_ended=False),
    Step("POST", f"{OPERATION}:cancel", "OperationCancelAsked"),
    Step("POST", f"{OPERATION}:retry", "OperationRetried"),
    Step("POST", f"{INSTANCE}:run", "InstanceRun", {"event": {}}),
    Step("POST", f"{RUN}:redeliver", "RunsRedelivered"),
    Step("POST", f"{INSTANCE}:run", "InstanceRun", {"event": {}}),
    Step("POST", f"{INSTANCE}/runs:redeliver", "RunsRedelivered"),
    Step("POST", f"{RUN}:again", "RunRepeated", named="run"),
    Step("POST", f"{RUN}:discard", "RunDiscarded"),
    Step("POST", f"{INSTANCE}:hooks", "HookKeyShown"),
    Step("POST", "/hooks/{team}/{name}/{path}?key={key}", NOTHING, {}),
    Step("POST", f"{INSTANCE}:restart", "OperationBegun"),
    Step("POST", f"{INSTANCE}:rotate", "OperationBegun"),
    Step(
        "POST",
        f"{INSTANCE}:upgrade",
        "OperationBegun",
        {"version": "1.4.0", "accept_permissions": True},
    ),
    Step("POST", f"{INSTANCE}/schedules:run", "ScheduleRun", {}),
    Step("POST", f"{INSTANCE}:rollback", "OperationBegun"),
    Step("POST", f"{INSTANCE}:pause", "OperationBegun"),
    Step("POST", f"{INSTANCE}:resume", "OperationBegun"),
    Step("POST", f"{OPERATION}:undo", "OperationUndone"),
    Step("DELETE", INSTANCE, "OperationBegun"),
    Step("POST", f"{V1}/teams", "TeamCreated", {"slug": "new", "title": "New"}, by="admin"),
    Step("PUT", f"{TEAM}/members/{{account}}", "MemberSet", {"role": "member"}, by="kim"),
    Step("DELETE", f"{TEAM}/members/{{account}}", "MemberRemoved", by="kim"),
    Step("PUT", f"{TEAM}/secrets/{{secret}}", "SecretSet", {"value": "x"}),
    Step("POST", f"{TEAM}/secrets/{{secret}}:test", NOTHING),
    Step("DELETE", f"{TEAM}/secrets/{{secret}}", "SecretDeleted"),
    Step("PUT", f"{TEAM}/defaults", "DefaultsSet", {"inputs": {"x": "y"}}, by="kim"),
    Step("POST", f"{V1}/tokens", "TokenCreated", {"name": "one"}, named="token_id"),
    Step("DELETE", f"{V1}/tokens/{{token_id}}", "TokenRevoked"),
    Step(
        "POST",
        f"{V1}/tokens",
        "TokenCreated",
        {"name": "two", "scopes": ["publish"], "namespace": "payments"},
        named="token_id",
    ),
    Step("DELETE", f"{TEAM}/tokens/{{token_id}}", "TokenRevoked", by="kim"),
    Step("DELETE", f"{V1}/me/sessions/{{session}}", "SignedOut"),
    Step("POST", f"{V1}/me/sessions:end-others", "SignedOut"),
    Step("PUT", f"{V1}/me/preferences", "PreferencesChosen", {"theme": "dark"}),
    Step("PUT", f"{V1}/sets/{{set_id}}", "SetPut", {"title": "First"}, by="admin"),
    Step("DELETE", f"{V1}/sets/{{set_id}}", "SetDeleted", by="admin"),
    Step(
        "POST",
        f"{V1}/searches",
        "SearchSaved",
        {"title": "Slack", "query": "q=slack"},
        named="search_id",
    ),
    Step("PATCH", f"{V1}/searches/{{search_id}}", "SearchRenamed", {"title": "All"}),
    Step("DELETE", f"{V1}/searches/{{search_id}}", "SearchDeleted"),
    Step(
        "POST",
        f"{V1}/connectors/{{namespace}}/{{connector}}:permit",
        "IdPermitted",
        REASON,
        by="admin",
    ),
    Step(
        "POST",
        f"{V1}/waivers",
        "CheckWaived",
        {"connector": "*", "check": "licences", "reason": "a test", "days": 1},
        by="kim",
        named="waiver",
    ),
    Step("PUT", f"{REVIEWER}/{{role}}", "ReviewerMade", by="admin"),
    Step("DELETE", f"{REVIEWER}/{{role}}", "ReviewerEnded", by="admin"),
    Step(
        "POST",
        f"{V1}/delegations",
        "ReviewDelegated",
        {"to": "zoe", "role": "ops", "days": 1},
        by="kim",
        named="delegation",
    ),
    Step("DELETE", f"{V1}/delegations/{{delegation}}", "DelegationRevoked", by="kim"),
    Step("DELETE", f"{V1}/waivers/{{waiver}}", "WaiverRevoked", by="kim"),
    Step(
        "POST",
        f"{V1}/reviews/{{review}}/decisions",
        "ReviewDecided",
        {"role": "ops", "decision": "abstain", "digest": DIGEST},
        "kim",
    ),
    Step("POST", f"{VERSION}/quarantine", "VersionStatusChanged", {"reason": "a test"}, "kim"),
    Step(
        "DELETE", f"{VERSION}/quarantine", "VersionStatusChanged", {"reason": "a test"}, "kim"
    ),
    Step(
        "POST",
        f"{V1}/reviews/{{review}}/comments",
        "ReviewCommented",
        {"text": "which scope is for what?"},
        "kim",
    ),
    Step(
        "PATCH",
        f"{VERSION}/status",
        "VersionStatusChanged",
        {"status": "deprecated", "message": "old"},
        "admin",
    ),
    Step("POST", f"{V1}/connectors", "VersionPublished", BRIEF, by="ana"),
    Step("POST", f"{V1}/sources", "SourceAdded", MARKET, by="ana", named="source"),
    Step("POST", f"{V1}/sources/{{source}}/syncs", "SyncAsked", {}, by="ana"),
    Step("POST", "/hooks/git/{source}", "SyncAsked", {"ref": "refs/heads/main"}),
    Step(
        "PUT",
        f"{V1}/sources/{{source}}/sign-offs",
        "MergesCounted",
        {"roles": ["ops"]},
        "admin",
    ),
    Step("DELETE", f"{V1}/sources/{{source}}/sign-offs", "MergesCounted", by="admin"),
    Step("DELETE", f"{V1}/sources/{{source}}", "SourceRemoved", by="ana"),
    Step("POST", PUBLISHERS, "PublisherAdded", TRUSTED, by="ana", named="publisher"),
    Step("POST", f"{V1}/auth/token-exchange", "TokenCreated", {"token": JOB}),
    Step("DELETE", f"{PUBLISHERS}/{{publisher}}", "PublisherRemoved", by="ana"),
)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving() as served:
        yield served


def test_every_change_leaves_its_row_and_no_question_leaves_one(
    site: Marketplace, tmp_path: Path, issuer: Issuer
) -> None:
    known = prepare(site, tmp_path) | {"issuer": issuer.url, "job": issuer.token()}
    site.state.issuers.policy = Policy(loopback=True)

    wrong = []
    for step in STEPS:
        headers = headers_of(site, step, known)
        before = kinds(site)
        answer = take(site, step, known, headers)
        left = [kind for event, kind in kinds(site).items() if event not in before]
        if not answer.is_success or (step.leaves or None) not in (left or [None]):
            wrong.append((step.method, step.path, left, answer.text[:300]))
        learn(site, step, answer, known)

    assert wrong == [], "\n".join(map(str, wrong))


def test_reading_leaves_no_row(site: Marketplace, tmp_path: Path) -> None:
    known = prepare(site, tmp_path)
    before = kinds(site)

    for method, route in api_routes():
        if method in SAFE and not route.path.endswith("/events"):
            site.client.get(filled(route, known), headers=site.as_("admin"))

    assert kinds(site) == before


def test_each_route_that_is_no_question_is_a_step() -> None:
    routes = {(method, shape(r.path)) for method, r in api_routes() if method not in SAFE}

    assert {(step.method, shape(step.path)) for step in STEPS} == routes


def prepare(shop: Marketplace, path: Path) -> dict[str, str]:
    """Make a marketplace with all that the steps need; return what placeholders stand for."""
    mirror(shop.state.settings.data, advisory())
    books = keep_books(shop, path)
    books.answer = lambda _: Answer(422, "application/json", b"{}")  # so there are dead letters
    publish(shop, "1.4.0", {MANUAL: f"{MANUAL}\n  - {{type: schedule, cron: '@daily'}}"})
    shop.state.tries._uncontained = True
    for _ in range(2):
        session_of(shop, "max")
    mine = shop.client.get(f"{V1}/me/sessions", headers=shop.as_("max")).json()["items"]
    review = under_review(shop)
    return {
        "review": review.id,
        "digest": review.digest,
        "team": "payments",
        "name": "leads",
        "namespace": "bizops",
        "connector": "crm-to-slack-v1",
        "version": "1.4.0",
        "account": "zoe",
        "role": "ops",
        "secret": "extra",
        "set_id": "first",
        "session": mine[0]["id"],
        "path": "lead",
    }


def under_review(shop: Marketplace) -> Review:
    """Publish a version that waits for its review, and give kim the role to decide in it."""
    publish(shop, "1.5.0", approve=False)
    shop.follow()
    with shop.state.works.write() as work:
        for kind in (Reviewer.OPS, Reviewer.SECURITY):
            accounts.make_reviewer(work, "kim", kind)
        while catch_up(work):
            pass
        [review] = review_store.reviews(work, {ReviewState.OPEN}, 2)
    return review


def headers_of(shop: Marketplace, step: Step, known: dict[str, str]) -> dict[str, str]:
    """Return the headers of a step. Making its token leaves a row of its own."""
    headers = shop.as_(step.by)
    if step.path.endswith(":bulk"):
        token = shop.token(step.by, frozenset({Scope.READ, Scope.BULK}))
        headers = {"Authorization": f"Bearer {token}"}
    if step.method == "DELETE":
        headers = headers | {"If-Match": '"1"'}  # a set is deleted by who has read it
    if step.path.startswith("/hooks/git/"):
        headers = {"X-Gitlab-Token": known["hook_secret"]}
    if isinstance(step.sent, bytes):
        headers = headers | {"Content-Type": "application/yaml"}
    return headers


def take(
    shop: Marketplace, step: Step, known: dict[str, str], headers: dict[str, str]
) -> Response:
    """Send the request of a step."""
    path = step.path.format(**known)
    if isinstance(step.sent, bytes):
        return shop.client.request(step.method, path, content=step.sent, headers=headers)
    sent = step.sent
    if isinstance(sent, dict):
        sent = {name: known.get(HELD.get(str(one), ""), one) for name, one in sent.items()}
    return shop.client.request(step.method, path, json=sent, headers=headers)


def learn(shop: Marketplace, step: Step, answer: Response, known: dict[str, str]) -> None:
    """Keep what later steps need of an answer, and bring to an end what it began."""
    body = answer.json() if answer.content else {}
    if step.named:
        known[step.named] = next(body[key] for key in ("id", "digest", "name") if key in body)
    if "hook_secret" in body:
        known["hook_secret"] = body["hook_secret"]
    if "operation" in body:
        known["operation"] = body["operation"]
    if "policy" in body:
        known["decision"] = body["policy"]["decision"]
    if "run" in body:
        known["run"] = body["run"]
    if step.has_ended:
        shop.turn()
    if step.path.endswith(":hooks"):
        known["key"] = body["urls"][0].partition("?key=")[2]


def kinds(shop: Marketplace) -> dict[str, str]:
    """Return the kind of each row of the event log, by its id."""
    with shop.state.works.read() as work:
        found = work.db.exec_driver_sql("SELECT id, kind FROM event")
        return {row.id: row.kind for row in found}


def shape(path: str) -> str:
    """Return a path without the names of its placeholders and without its query."""
    return re.sub(r"\{[^}]*\}", "{}", path.partition("?")[0])
