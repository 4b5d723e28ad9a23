from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from connectory.app.build import build, inner
from connectory.backends.search import Search
from connectory.settings import Settings
from connectory.work import Works

URL = "/api/v1/connectors"


@pytest.fixture
def app(works: Works, tmp_path: Path) -> FastAPI:
    """The application, without its background work: the index follows when told to."""
    data = tmp_path / "data"
    data.mkdir()
    return inner(build(Settings(data=data), works.engine))


@pytest.fixture
def search(app: FastAPI) -> Search:
    found: Search = app.state.backends.search
    return found


@pytest.fixture
def client(app: FastAPI, stocked: None) -> TestClient:  # noqa: ARG001  filled before
    return TestClient(app.state.served, base_url="http://127.0.0.1")


def test_a_search_answers_with_items_facets_and_total(client: TestClient) -> None:
    answer = client.get(URL, params={"q": "slack"}).json()

    (item,) = answer["items"]
    assert (answer["total"], answer["next"]) == (1, None)
    assert item == {
        "namespace": "bizops",
        "id": "crm-to-slack-v1",
        "version": "1.0.0",
        "name": "CRM -> Slack: new lead",
        "description": "Sends new CRM leads to a team channel",
        "owner": "bizops@example.com",
        "team": "bizops",
        "status": "approved",
        "tags": ["crm", "slack", "alert", "risk:low", "domain:sales"],
        "runtime": "serverless",
        "risk": "low",
        "why": ["id “slack”", "name “Slack”", "tag “slack”"],
        "highlights": item["highlights"],
        "url": "/c/bizops/crm-to-slack-v1",
    }
    assert item["highlights"]["name"] == [
        ["CRM -> ", False],
        ["Slack", True],
        [": new lead", False],
    ]
    assert {"value": "alert", "count": 1} in answer["facets"]["tag"]


def test_filters_may_be_parameters_or_part_of_the_text(client: TestClient) -> None:
    typed = client.get(URL, params={"q": "tag:alert -status:review"}).json()
    chosen = client.get(URL, params={"tag": ["alert", "none"], "status": "approved"}).json()

    assert [item["id"] for item in typed["items"]] == ["crm-to-slack-v1"]
    assert [item["id"] for item in chosen["items"]] == ["crm-to-slack-v1"]


def test_next_continues_the_same_search_only(client: TestClient) -> None:
    first = client.get(URL, params={"limit": 1, "sort": "name"}).json()
    cursor = first["next"]

    second = client.get(URL, params={"limit": 5, "sort": "name", "cursor": cursor})
    other = client.get(URL, params={"limit": 1, "sort": "updated", "cursor": cursor})
    forged = client.get(URL, params={"limit": 1, "sort": "name", "cursor": cursor[:-2] + "AA"})

    assert [item["id"] for item in (*first["items"], *second.json()["items"])] == [
        "cost-monitor-v1",
        "crm-to-slack-v1",
    ]
    assert second.json()["next"] is None
    for refused in (other, forged):
        assert (refused.status_code, refused.json()["code"]) == (400, "bad-cursor")


def test_an_unchanged_answer_is_not_sent_again(client: TestClient) -> None:
    tag = client.get(URL).headers["ETag"]

    same = client.get(URL, headers={"If-None-Match": f'"other", W/{tag}'})
    other = client.get(URL, params={"q": "slack"}, headers={"If-None-Match": tag})

    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": 101}, "limit"),
        ({"limit": 0}, "limit"),
        ({"sort": "size"}, "sort"),
        ({"x": 1}, "x"),
    ],
)
def test_parameters_that_do_not_exist_are_refused_by_name(
    client: TestClient, params: dict[str, object], field: str
) -> None:
    refused = client.get(URL, params=params)

    assert (refused.status_code, refused.json()["code"]) == (422, "request-refused")
    assert refused.json()["field"] == field


def test_anonymous_readers_see_no_drafts_in_any_number(client: TestClient) -> None:
    answer = client.get(URL, params={"status": "draft"}).json()

    assert (answer["items"], answer["total"]) == ([], 0)
    assert answer["facets"]["team"] == []
