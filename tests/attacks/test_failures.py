"""Every failure of every route is a problem document, however strange the request."""

import re
from collections.abc import Iterable
from typing import Any

import pytest
from httpx2 import Response

from marketplaces import Marketplace
from walks import SAFE, api_routes, filled, known_names

FIXED = {"type", "title", "status", "code", "detail", "hint", "field", "line", "request_id"}
HOSTILE_QUERIES = (
    "limit=0",
    "limit=99999999999999999999999",
    "after=-1",
    "after=99999999999999999999999",
    "cursor=x",
    "cursor=%00",
    "unknown=1",
    "team=%00",
    "q=%00",
    "from=%00",
    "environment=%00",
    "text=%00",
    "kind=%00&kinds=%00",
    "level=%ff",
)
HOSTILE_NAMES = ("%00", "a%00b", "%ff", "..%2f..%2fetc", "x" * 3000, "%F0%9F%92%A9", "'--")
HOSTILE_BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/json", b""),
    ("application/json", b"{"),
    ("application/json", b"[]"),
    ("application/json", b'{"a": NaN}'),
    ("application/json", b"\xff"),
    ("application/json", b"[" * 100_000),
    ("application/json", b'{"slug": "a\\u0000b", "name": "\\ud800", "days": 1e400}'),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
    ("application/x-www-form-urlencoded", b"a=%00&b=%ff"),
    ("text/plain", b"\x00"),
)


def failures(
    shop: Marketplace, asked: Iterable[tuple[str, str, dict[str, Any]]]
) -> list[object]:
    """Send requests; return those whose failure is no problem document, or a defect."""
    shop.state.stopping.set()
    wrong: list[object] = []
    for method, path, more in asked:
        answer = shop.client.request(method, path, follow_redirects=False, **more)
        if answer.status_code >= 400 and not _is_problem(answer):
            wrong.append((method, path[:200], answer.status_code, answer.text[:200]))
    return wrong


def _is_problem(answer: Response) -> bool:
    if answer.headers.get("content-type") != "application/problem+json":
        return False
    body = answer.json()
    return (
        set(body) >= FIXED
        and body["status"] == answer.status_code != 500
        and body["request_id"] == answer.headers["x-request-id"]
        and re.fullmatch(r"[a-z][a-z0-9-]+", body["code"]) is not None
        and bool(body["detail"] and body["hint"] and body["title"])
    )


@pytest.mark.parametrize("caller", ["nobody", "zoe", "max", "admin"])
def test_every_failure_is_a_problem_document(shop: Marketplace, caller: str) -> None:
    headers = {} if caller == "nobody" else shop.as_(caller)
    bodies = HOSTILE_BODIES if caller == "admin" else HOSTILE_BODIES[:1]

    asked = [
        (method, filled(route, {"team": "payments", "name": "leads"}), more)
        for method, route in api_routes()
        for kind, content in (bodies if method not in SAFE else [("", b"")])
        for more in [{"headers": {**headers, "Content-Type": kind}, "content": content}]
    ]

    assert failures(shop, asked) == []


def test_no_name_or_query_is_too_strange_for_a_problem_document(shop: Marketplace) -> None:
    known = known_names(shop)
    headers = shop.as_("admin")
    paths = [filled(route, known) for method, route in api_routes() if method in SAFE]
    queries = [(f"{path}?{query}") for path in paths for query in HOSTILE_QUERIES]
    names = [
        (method, filled(route, {**known, placeholder: name}))
        for method, route in api_routes()
        for placeholder in re.findall(r"{(\w+)", route.path)
        for name in HOSTILE_NAMES
        if method in SAFE or method == "DELETE"
    ]
    streams = [(path, "9" * 5000) for path in paths if path.endswith("/events")]

    asked = [
        *(("GET", path, {"headers": headers}) for path in queries),
        *((method, path, {"headers": headers}) for method, path in names),
        *(("GET", p, {"headers": {**headers, "Last-Event-ID": seen}}) for p, seen in streams),
    ]

    assert failures(shop, asked) == []


def test_what_is_not_there_is_a_problem_document_too(shop: Marketplace) -> None:
    headers = shop.as_("admin")
    paths = ("/nothing", "/api/v1/nothing", "/api/v1/me/", "/static/x", "/api/v1/%2e%2e/x")
    methods = ("TRACE", "PATCH", "DELETE", "OPTIONS", "BREW")

    asked = [
        *(("GET", path, {"headers": headers}) for path in paths),
        *((method, "/api/v1/me", {"headers": headers}) for method in methods),
    ]

    assert failures(shop, asked) == []
