import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from connectory.app.build import build, inner
from connectory.app.jobs import follow as follow_jobs
from connectory.backends.search import Search
from connectory.catalog import decide, store
from connectory.catalog.rules import Name, Status
from connectory.listing.api import FoundList
from connectory.settings import Settings
from connectory.work import Works

URL = "/api/v1/connectors"
Publish = Callable[..., Name]
Follow = Callable[[], int]


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


@pytest.mark.parametrize("words", ["slack", "there-is-no-such-word"])
def test_an_answer_is_as_the_api_describes_it(client: TestClient, words: str) -> None:
    answer = client.get(URL, params={"q": words, "team": "bizops"}).content

    described = FoundList.model_validate_json(answer, strict=True)
    assert json.loads(described.model_dump_json()) == json.loads(answer)


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


def test_a_list_is_paged_as_it_was_while_others_publish(
    client: TestClient, publish: Publish, follow: Follow
) -> None:
    for n in range(7):
        publish(f"number-{n}", name=f"Number {n}")
    follow()
    there = {item["id"] for item in client.get(URL).json()["items"]}
    seen: list[str] = []
    asked = {"limit": 2, "sort": "updated"}

    page = client.get(URL, params=asked).json()
    while True:
        seen += [item["id"] for item in page["items"]]
        if not page["next"]:
            break
        publish(f"new-{len(seen)}")
        follow()
        page = client.get(URL, params={**asked, "cursor": page["next"]}).json()

    assert sorted(seen) == sorted(there)


def test_samples_of_use_and_times_narrow_a_search(client: TestClient) -> None:
    found = client.get(URL, params={"updated_since": "2026-01-01"}).json()
    later = client.get(URL, params={"q": "updated_since:2999-01-01T00:00:00Z"}).json()
    sample = client.get(URL, params={"example": "invoice"}).json()

    assert (found["total"], later["total"], sample["total"]) == (2, 0, 0)
    assert {"part": "updated_since", "total": 2} in later["wider"]
    assert {"part": "example", "total": 2} in sample["wider"]


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-11-24T07:15:00", "1"])
def test_what_is_no_time_is_refused(client: TestClient, text: str) -> None:
    refused = client.get(URL, params={"updated_since": text})

    assert (refused.status_code, refused.json()["code"]) == (422, "bad-moment")
    assert refused.json()["field"] == "updated_since"


def test_nothing_found_says_what_each_part_costs(client: TestClient) -> None:
    answer = client.get(URL, params={"q": "slack", "tag": "cost", "risk": "high"}).json()
    deprecated = client.get(URL, params={"q": "hook status:draft"}).json()
    hidden = client.get(URL, params={"q": "hook"}).json()

    assert answer["wider"] == []
    assert client.get(URL, params={"q": "slack", "tag": "cost"}).json()["wider"] == [
        {"part": "tag", "total": 1},
        {"part": "words", "total": 1},
    ]
    assert deprecated["wider"] == []
    assert {"part": "deprecated", "total": 1} in hidden["wider"]


def test_b77_what_to_leave_out_counts_no_drafts_of_others(client: TestClient) -> None:
    answer = client.get(URL, params={"q": "pager", "team": "payments"}).json()

    assert (answer["total"], answer["wider"]) == (0, [])
    assert client.get(URL, params={"q": "pager", "example": "x"}).json()["wider"] == []


def test_mistyped_words_are_told(client: TestClient) -> None:
    assert client.get(URL, params={"q": "slakc"}).json()["instead"] == "slack"
    assert client.get(URL, params={"q": "slac"}).json()["instead"] == ""


def test_a_list_tells_a_decision_before_the_index_has_followed(
    app: FastAPI, client: TestClient, publish: Publish
) -> None:
    publish("young-v1", status=Status.REVIEW)
    follow_jobs(app.state)

    with app.state.works.write() as work:
        release = store.release(work, Name("bizops", "young-v1"), "1.0.0")
        assert release is not None
        decide.set_status(work, release, Status.APPROVED, "looked at")
    (item,) = client.get(URL, params={"q": "young"}).json()["items"]

    assert item["status"] == "approved"


@pytest.mark.parametrize("is_later_page", [False, True], ids=["first page", "later page"])
def test_what_became_a_draft_is_hidden_at_once_and_for_good(
    app: FastAPI, client: TestClient, publish: Publish, *, is_later_page: bool
) -> None:
    for n in (1, 2):
        publish(f"young-v{n}", name="Young", status=Status.REVIEW)
    follow_jobs(app.state)
    asked = {"q": "young", "limit": 1 if is_later_page else 2}
    first = client.get(URL, params=asked).json()

    with app.state.works.write() as work:
        for n in (1, 2):
            release = store.release(work, Name("bizops", f"young-v{n}"), "1.0.0")
            assert release is not None
            decide.set_status(work, release, Status.DRAFT, "not yet")
    if is_later_page:  # of the state in which they were to be seen
        follow_jobs(app.state)
        asked["cursor"] = first["next"]

    assert (first["total"], client.get(URL, params=asked).json()["items"]) == (2, [])


def test_a_connector_is_told_as_it_is_before_and_after_the_index_has_followed(
    app: FastAPI, client: TestClient, publish: Publish
) -> None:
    publish("young-v1", status=Status.REVIEW)
    follow_jobs(app.state)
    one = f"{URL}/bizops/young-v1"
    first = client.get(one).json()

    with app.state.works.write() as work:
        release = store.release(work, Name("bizops", "young-v1"), "1.0.0")
        assert release is not None
        decide.set_status(work, release, Status.APPROVED, "looked at")
    at_once = client.get(one)
    follow_jobs(app.state)
    later = client.get(one)

    assert (first["status"]["effective"], first["latest"]) == ("review", None)
    assert at_once.json()["status"]["reason"] == "looked at"
    assert at_once.json()["latest"] == at_once.json()["versions"][0]
    assert (at_once.content, at_once.headers["ETag"]) == (later.content, later.headers["ETag"])


def test_a_connector_with_a_draft_is_told_to_each_as_they_may_see_it(
    app: FastAPI, client: TestClient, publish: Publish
) -> None:
    publish("young-v1", status=Status.DRAFT)
    follow_jobs(app.state)

    answer = client.get(f"{URL}/bizops/young-v1")

    assert (answer.status_code, answer.json()["code"]) == (404, "connector-missing")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=", "limit=3&limit=x", "sort=worst", "tags=crm", "limit=5&q=a&other=1"],
)
def test_a_query_that_cannot_be_taken_is_refused_with_its_parameter(
    client: TestClient, query: str
) -> None:
    answer = client.get(f"{URL}?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "request-refused")
    assert answer.json()["field"] == query.rsplit("&", maxsplit=1)[-1].partition("=")[0]


def test_of_a_parameter_that_is_no_list_the_last_value_counts(client: TestClient) -> None:
    answer = client.get(f"{URL}?limit=50&limit=1&tag=crm&tag=cost&sort=name").json()

    assert (len(answer["items"]), answer["total"]) == (1, 2)
