"""Docs, error codes, API reference, patterns, static files, failures as pages."""

import gzip
import re

import pytest
from httpx2 import Response

from connectory.web.assets import ASSETS, FOR_EVER
from connectory.web.routes.api_docs import page_of
from marketplaces import Marketplace


def opened(marketplace: Marketplace, path: str, **headers: str) -> Response:
    return marketplace.client.get(path, headers={"Accept": "text/html", **headers})


@pytest.mark.parametrize(
    "path", ["/docs", "/docs/errors", "/api/docs", "/patterns", "/sign-in"]
)
def test_references_are_open_to_everybody(marketplace: Marketplace, path: str) -> None:
    assert opened(marketplace, path).status_code == 200


def test_the_problems_of_a_document_have_their_pages_too(marketplace: Marketplace) -> None:
    page = opened(marketplace, "/docs/errors/yaml-duplicate-key")

    assert (page.status_code, "is already on line" in page.text) == (200, True)


def test_every_error_code_has_its_page(marketplace: Marketplace) -> None:
    listed = re.findall(
        r'href="/docs/errors/([a-z-]+)"', opened(marketplace, "/docs/errors").text
    )

    answers = {code: opened(marketplace, f"/docs/errors/{code}").status_code for code in listed}

    assert len(answers) > 50
    assert set(answers.values()) == {200}


def test_an_unknown_code_leads_to_the_list(marketplace: Marketplace) -> None:
    page = opened(marketplace, "/docs/errors/no-such-code")

    assert page.status_code == 404
    assert "see /docs/errors" in page.text.lower()


def test_the_api_page_has_every_call(marketplace: Marketplace) -> None:
    page = opened(marketplace, "/api/docs").text
    description = marketplace.client.get("/openapi.json").json()

    for path, methods in description["paths"].items():
        for call in methods.values():
            assert f'id="{call["operationId"]}"' in page, path


def test_no_page_is_part_of_the_api(marketplace: Marketplace) -> None:
    paths = marketplace.client.get("/openapi.json").json()["paths"]

    assert not [path for path in paths if path.startswith(("/c/", "/t/", "/me/", "/docs"))]
    assert "/me" not in paths


def test_a_call_is_described_with_a_line_to_copy() -> None:
    send = {
        "operationId": "send",
        "description": "Send it.\n\nTwice changes nothing.",
        "parameters": [
            {
                "name": "q",
                "in": "query",
                "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
            {
                "name": "tag",
                "in": "query",
                "schema": {"type": "array", "items": {"type": "string"}},
            },
        ],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/x/Body"}}}},
        "responses": {"200": {"description": "Done"}},
    }
    description = {
        "info": {"title": "Sample", "version": "1"},
        "paths": {"/send": {"put": send}},
    }

    (group,) = page_of(description, "https://x.example").groups

    (call,) = group.calls
    assert (group.name, call.method, call.summary) == ("other", "PUT", "Send it.")
    assert [one.type for one in call.parameters] == ["string or null", "list of string"]
    assert call.curl.startswith("curl -X PUT -H")
    assert call.curl.endswith("-d '{…}' 'https://x.example/send'")


def test_a_static_file_is_kept_for_ever_under_its_digest(marketplace: Marketplace) -> None:
    answer = opened(marketplace, ASSETS.url("connectory.css"))

    assert answer.headers["cache-control"] == FOR_EVER
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


def test_a_static_file_is_compressed_for_whoever_takes_it_so(marketplace: Marketplace) -> None:
    url = ASSETS.url("connectory.js")

    plain = opened(marketplace, url, **{"Accept-Encoding": "identity"})
    packed = opened(marketplace, url, **{"Accept-Encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert (
        plain.content
        == packed.content
        == gzip.decompress(ASSETS.files["connectory.js"].gzipped)
    )


def test_an_old_digest_is_served_and_not_kept(marketplace: Marketplace) -> None:
    answer = opened(marketplace, "/static/0123456789ab/connectory.css")

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path", ["/static/x/nothing.css", "/patterns/nothing", "/c/nothing", "/nothing/here"]
)
def test_what_is_not_there_is_a_page_with_a_search(marketplace: Marketplace, path: str) -> None:
    page = opened(marketplace, path)

    assert page.status_code == 404
    assert f'href="/connectors?q={path.rpartition("/")[2]}"' in page.text


def test_a_page_that_needs_an_account_leads_to_the_sign_in_and_back(
    marketplace: Marketplace,
) -> None:
    page = opened(marketplace, "/operations?team=payments")

    assert page.status_code == 401
    assert 'href="/sign-in?back=/operations%3Fteam%3Dpayments"' in page.text


def test_a_failure_names_its_code_and_request(marketplace: Marketplace) -> None:
    page = opened(marketplace, "/c/nothing")

    assert 'href="/docs/errors/connector-missing"' in page.text
    assert page.headers["x-request-id"] in page.text
