"""ETags, 304 and HEAD on every GET."""

import pytest
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from connectory.app.unchanged import Unchanged
from marketplaces import Marketplace

CRM = "/api/v1/connectors/bizops/crm-to-slack-v1"
VERSION = f"{CRM}/versions/1.3.0"
TAGGED = [
    "/api/v1/connectors",
    CRM,
    f"{CRM}/versions",
    f"{CRM}/similar",
    f"{VERSION}/manifest",
    f"{VERSION}/readme",
    "/api/v1/teams",
    "/api/v1/operations",
    "/schemas/manifest/v1.json",
    "/openapi.json",
    "/",
    "/connectors",
    "/c/bizops/crm-to-slack-v1",
    "/t/payments",
]


@pytest.mark.parametrize("path", TAGGED)
def test_what_the_caller_has_already_is_not_sent_again(site: Marketplace, path: str) -> None:
    who = site.as_("max")
    first = site.client.get(path, headers=who)

    tag = first.headers["ETag"]
    again = site.client.get(path, headers={**who, "If-None-Match": f'"other", W/{tag}'})

    assert first.status_code == 200
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)


def test_other_bytes_have_another_tag(site: Marketplace) -> None:
    tag = site.client.get("/api/v1/teams", headers=site.as_("max")).headers["ETag"]

    other = site.client.get("/api/v1/teams", headers={**site.as_("ana"), "If-None-Match": tag})

    assert other.status_code == 200


def test_nobody_but_the_caller_may_keep_an_answer(site: Marketplace) -> None:
    for path in ("/api/v1/teams", "/connectors", CRM):
        headers = site.client.get(path, headers=site.as_("max")).headers

        assert headers["Cache-Control"] == "private, no-cache"
        assert headers["Vary"] == "Authorization, Cookie"


def test_a_refusal_and_a_change_have_no_tag(site: Marketplace) -> None:
    refused = site.client.get("/api/v1/teams", headers={"If-None-Match": "*"})
    made = site.client.post(
        "/api/v1/tokens", json={"name": "x"}, headers={**site.as_("max"), "If-None-Match": "*"}
    )

    assert (refused.status_code, made.status_code) == (401, 201)
    assert "ETag" not in {**refused.headers, **made.headers}


def test_head_is_a_get_without_its_body(site: Marketplace) -> None:
    for path in (CRM, "/connectors", f"{VERSION}/package"):
        got, head = site.client.get(path), site.client.head(path)

        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["Content-Type"] == got.headers["Content-Type"]
        assert head.headers.get("ETag") == got.headers.get("ETag")


def test_a_stream_is_left_alone(site: Marketplace) -> None:
    path = "/api/v1/operations/op_none/events"

    assert site.client.head(path, headers=site.as_("max")).status_code == 405


def test_an_answer_in_pieces_ends_at_once_for_whom_it_is_not_new() -> None:
    def whole(_: object) -> StreamingResponse:
        return StreamingResponse(iter([b"one", b"two"]), headers={"ETag": '"v1"'})

    client = TestClient(Unchanged(Starlette(routes=[Route("/", whole)])))

    seen = client.get("/", headers={"If-None-Match": '"v1"'})
    new = client.get("/", headers={"If-None-Match": '"v0"'})

    assert (seen.status_code, seen.content) == (304, b"")
    assert (new.status_code, new.content) == (200, b"onetwo")


def test_a_page_that_is_kept_keeps_the_policy_of_pages(site: Marketplace) -> None:
    headers = site.as_("max") | {"Accept": "text/html"}
    first = site.client.get("/connectors", headers=headers)

    again = site.client.get(
        "/connectors", headers=headers | {"If-None-Match": first.headers["ETag"]}
    )

    assert again.status_code == 304
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert "sandbox" not in again.headers["Content-Security-Policy"]
