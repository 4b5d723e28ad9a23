"""GET /api/docs: the HTTP API as a page, built from its OpenAPI description."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from connectory.access.actors import Anybody
from connectory.web.answering import show
from connectory.web.pages.api_docs import Answer, ApiDocsPage, Call, CallGroup, Parameter

router = APIRouter(include_in_schema=False)

METHODS = ("get", "post", "put", "patch", "delete")
Json = Mapping[str, Any]  # the description is JSON of many shapes; it never leaves this file


@router.get("/api/docs")
def api_docs(request: Request, by: Anybody) -> HTMLResponse:
    """Show every call with its parameters, body, answers and a curl line."""
    return show(request, page_of(request.app.openapi(), request.app.state.settings.url))


def page_of(description: Json, base: str) -> ApiDocsPage:
    """Return the page for an OpenAPI 3.1 description; `base` is put before each path."""
    groups: dict[str, list[Call]] = {}
    for path, methods in description["paths"].items():
        for method in METHODS:
            if method in methods:
                call = methods[method]
                name = call.get("tags", ["other"])[0]
                groups.setdefault(name, []).append(_call(method, path, call, base))
    return ApiDocsPage(
        title=f"{description['info']['title']} API",
        version=description["info"]["version"],
        groups=tuple(CallGroup(name, tuple(calls)) for name, calls in groups.items()),
    )


def _call(method: str, path: str, call: Json, base: str) -> Call:
    schema = _body_schema(call)
    summary, _, more = call.get("description", "").partition("\n")
    return Call(
        anchor=call["operationId"],
        method=method.upper(),
        path=path,
        summary=summary,
        description=more.strip(),
        parameters=tuple(_parameter(one) for one in call.get("parameters", ())),
        body=json.dumps(schema, indent=2) if schema else "",
        answers=tuple(_answers(call.get("responses", {}))),
        curl=" ".join(_curl(method, base + path, call)),
    )


def _answers(responses: Json) -> Iterator[Answer]:
    """Yield what a call answers; the refusals, which all calls share, in one line."""
    refusals = [status for status, answer in responses.items() if "$ref" in answer]
    for status, answer in sorted(responses.items()):
        if status not in refusals:
            yield Answer(status, answer.get("description", ""))
    if refusals:
        yield Answer(", ".join(sorted(refusals)), "A problem, as application/problem+json")


def _parameter(one: Json) -> Parameter:
    return Parameter(
        name=one["name"],
        where=one["in"],
        type=_type(one.get("schema", {})),
        required=one.get("required", False),
        description=one.get("description", ""),
    )


def _type(schema: Json) -> str:
    choices = schema.get("anyOf", ())
    if choices:
        return " or ".join(_type(choice) for choice in choices)
    name: str = schema.get("$ref", "").rpartition("/")[2] or schema.get("type", "any")
    return f"list of {_type(schema.get('items', {}))}" if name == "array" else name


def _body_schema(call: Json) -> Json | None:
    content: Json = call.get("requestBody", {}).get("content", {})
    return next((media.get("schema") for media in content.values()), None)


def _curl(method: str, url: str, call: Json) -> Iterator[str]:
    yield "curl"
    if method != "get":
        yield f"-X {method.upper()}"
    yield '-H "Authorization: Bearer $CONNECTORY_TOKEN"'
    if "application/json" in call.get("requestBody", {}).get("content", {}):
        yield "-H 'Content-Type: application/json' -d '{…}'"
    yield f"'{url}'"
