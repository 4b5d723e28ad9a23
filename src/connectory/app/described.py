"""The OpenAPI document: what FastAPI derives from the routes, and every way they can refuse."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from connectory.access.actors import OPTIONAL_TOKEN, TOKEN
from connectory.access.streams import is_stream
from connectory.app.problems import MEDIA_TYPE

SAFE = {"get", "head", "options"}
ALWAYS = (400, 401, 421, 429, 503)
CHANGING = (404, 408, 409, 413, 507)
UNCHANGED = {"description": "What you have is what there is"}
FRAMEWORK = ("HTTPValidationError", "ValidationError")  # what FastAPI says and nothing answers

Document = dict[str, Any]  # OpenAPI is JSON of many shapes; it is only passed on from here


class OneProblem(BaseModel):
    """One of several reasons for which a document was refused."""

    code: str
    message: str
    hint: str
    path: str
    line: int | None
    column: int | None
    severity: str


class ProblemDocument(BaseModel):
    """Why a request was refused (RFC 9457). Some codes have further members of their own."""

    model_config = ConfigDict(title="Problem", extra="allow")

    type: str
    title: str
    status: int
    code: str
    kind: str
    detail: str
    hint: str
    field: str
    line: int | None
    request_id: str
    errors: list[OneProblem]


class Described(FastAPI):
    """The application. Its description names the refusals that no route declares by itself."""

    def openapi(self) -> Document:
        """Return the OpenAPI document; it is made once."""
        if self.openapi_schema is None:
            describe(super().openapi())
        return super().openapi()


def describe(document: Document) -> None:
    """Give every call of a document its problem answers, in place of what FastAPI assumes."""
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = document.setdefault("components", {})
    parts["schemas"] = {
        **{k: v for k, v in parts.get("schemas", {}).items() if k not in FRAMEWORK},
        **schema.pop("$defs"),
        "Problem": schema,
    }
    parts["responses"] = {}
    parts["securitySchemes"].pop(OPTIONAL_TOKEN)
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            _let_visitors_in(call)
            _add_preview(call)
            if method == "get" and not is_stream(path):
                call["responses"].setdefault("304", UNCHANGED)
            call["responses"].pop("422", None)  # FastAPI's own, which nothing here answers
            for status in sorted(set(_refusals(path, method, call))):
                name = HTTPStatus(status).name.title().replace("_", "")
                parts["responses"][name] = _refusal(status)
                reference = {"$ref": f"#/components/responses/{name}"}
                call["responses"].setdefault(str(status), reference)


def _refusals(path: str, method: str, call: Mapping[str, Any]) -> Iterator[int]:
    yield from ALWAYS
    if method not in SAFE:
        yield from CHANGING
    if "{" in path:
        yield 404
    if "security" in call:
        yield 403
    if "parameters" in call or "requestBody" in call:
        yield 422
    if any(one["name"].lower() == "if-match" for one in call.get("parameters", ())):
        yield 412


def _let_visitors_in(call: Document) -> None:
    """Say that a token may be left out, where the settings decide."""
    if call.get("security") == [{OPTIONAL_TOKEN: []}]:
        call["security"] = [{TOKEN: []}, {}]


def _add_preview(call: Document) -> None:
    """Say that a call with `dry_run` answers 200, not 202."""
    if any(one["name"] == "dry_run" for one in call.get("parameters", ())):
        begun = call["responses"]["202"]
        call["responses"]["200"] = {**begun, "description": "What would change; nothing did"}


def _refusal(status: int) -> Document:
    return {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
