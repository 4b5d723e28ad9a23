"""Publishing many manifests at once: each on its own, all in one transaction."""

import json
from pathlib import Path

import pytest

from connectory.access.rules import Scope
from connectory.publishing.bulk_api import MOST_LINES
from marketplaces import Marketplace

BRIEF = (Path(__file__).parents[1] / "manifest/examples/brief.yaml").read_text()
ROUTE = "/api/v1/connectors:bulk"
BULK = frozenset({Scope.READ, Scope.BULK})


def line(manifest: str, **texts: str) -> str:
    return json.dumps({"manifest": manifest, **texts})


def bulk(marketplace: Marketplace, *lines: str, account: str = "ana") -> list[dict[str, dict]]:
    headers = {"Authorization": f"Bearer {marketplace.token(account, BULK)}"}
    answer = marketplace.client.post(ROUTE, content="\n".join(lines), headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(one) for one in answer.text.splitlines()]


def test_each_line_is_answered_on_its_own_and_in_order(marketplace: Marketplace) -> None:
    other = BRIEF.replace("version: 1.2.0", "version: 1.3.0")
    lines = [
        line(BRIEF),
        "no JSON",
        line(BRIEF),
        line("id: x"),
        line(BRIEF + "\n"),
        line(other),
    ]

    told = bulk(marketplace, *lines)

    assert [one["result"] for one in told] == [
        *("created", "refused", "identical", "refused", "refused", "created")
    ]
    codes = [one["error"]["code"] for one in told if one["error"]]
    assert codes == ["bulk-line", "manifest-refused", "version-exists"]
    assert told[3]["error"]["problems"][0]["code"]


def test_what_was_published_in_bulk_is_found_and_logged(marketplace: Marketplace) -> None:
    bulk(marketplace, line(BRIEF, readme="# Leads"))
    marketplace.follow()

    found = marketplace.client.get("/api/v1/connectors", params={"q": "leads"}).json()
    shown = found["items"][0]
    readme = marketplace.client.get(
        f"/api/v1/connectors/{shown['namespace']}/{shown['id']}/versions/{shown['version']}/readme"
    )
    log = marketplace.client.get("/api/v1/audit", headers=marketplace.as_("admin")).json()
    assert readme.text == "# Leads"
    assert [one["actor"] for one in log["items"] if one["kind"] == "VersionPublished"] == [
        "ana"
    ]


def test_a_namespace_of_others_is_closed_in_bulk_too(marketplace: Marketplace) -> None:
    (told,) = bulk(marketplace, line(BRIEF + "namespace: payments\n"))

    assert told["error"]["code"] == "not-namespace-member"


def test_lines_that_depend_on_each_other_are_published_one_after_the_other(
    marketplace: Marketplace,
) -> None:
    def named(slug: str, namespace: str, version: str = "1.2.0") -> str:
        text = BRIEF.replace("id: crm-to-slack-v1", f"id: {slug}")
        return line(text.replace("version: 1.2.0", f"version: {version}") + namespace)

    own, others = "namespace: bizops\n", "namespace: payments\n"
    lines = [
        named("leads-to-mail-v1", own),
        named("leads-to-mai1-v1", others),
        named("leads-to-mail-v1", others),
        named("leads-to-mail-v1", own, "1.3.0"),
        named("leads-to-mail-v1", own, "1.3.0"),
        named("leads-to-mai1-v1", own),
    ]

    told = bulk(marketplace, *lines, account="admin")

    assert [one["result"] for one in told] == [
        *("created", "refused", "created", "created", "identical", "created")
    ]
    assert told[1]["error"]["code"] == "id-too-similar"


def test_more_lines_than_allowed_are_refused_whole(marketplace: Marketplace) -> None:
    headers = {"Authorization": f"Bearer {marketplace.token('ana', BULK)}"}
    content = "\n".join([line(BRIEF)] * (MOST_LINES + 1))

    answer = marketplace.client.post(ROUTE, content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "bulk-too-long")


@pytest.mark.parametrize("account", ["ana", "admin"])
def test_no_credential_may_publish_in_bulk_unless_made_for_it(
    marketplace: Marketplace, account: str
) -> None:
    answer = marketplace.client.post(
        ROUTE, content=line(BRIEF), headers=marketplace.as_(account)
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "token-scope")


def test_an_admin_makes_a_token_for_bulk_and_others_do_not(marketplace: Marketplace) -> None:
    wanted = {"name": "load", "scopes": ["read", "bulk"], "as": "ana"}

    made = marketplace.client.post(
        "/api/v1/tokens", json=wanted, headers=marketplace.as_("admin")
    )
    own = marketplace.client.post("/api/v1/tokens", json=wanted, headers=marketplace.as_("ana"))

    assert made.json()["scopes"] == ["bulk", "read"]
    assert own.status_code == 403
