"""Problem documents of a server, read back into errors."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import NotRequired, TypedDict

from connectory.client.errors import RefusedError, ServerUnreachableError, UnexpectedAnswerError
from connectory.kernel.errors import ConnectoryError, Kind, Problem

KINDS: Mapping[int, Kind] = {
    HTTPStatus.BAD_REQUEST: Kind.MALFORMED,
    HTTPStatus.UNAUTHORIZED: Kind.NOT_SIGNED_IN,
    HTTPStatus.FORBIDDEN: Kind.NOT_ALLOWED,
    HTTPStatus.NOT_FOUND: Kind.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: Kind.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT: Kind.TIMED_OUT,
    HTTPStatus.CONFLICT: Kind.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Kind.TOO_LARGE,
    HTTPStatus.PRECONDITION_FAILED: Kind.OUTDATED,
    HTTPStatus.MISDIRECTED_REQUEST: Kind.MISDIRECTED,
    HTTPStatus.UNPROCESSABLE_ENTITY: Kind.USAGE,
    HTTPStatus.TOO_MANY_REQUESTS: Kind.RATE_LIMITED,
    HTTPStatus.SERVICE_UNAVAILABLE: Kind.UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT: Kind.TIMED_OUT,
    HTTPStatus.INSUFFICIENT_STORAGE: Kind.STORAGE_FULL,
}
"""The kind behind a status, where the document does not name it."""


class ProblemBody(TypedDict):
    """One thing that is wrong."""

    code: str
    message: str
    hint: str
    path: NotRequired[str]
    line: NotRequired[int | None]
    column: NotRequired[int | None]
    severity: NotRequired[str]


def refusal(url: str, status: int, content: bytes) -> ConnectoryError:
    """Return the error that a server's refusal stands for."""
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if isinstance(body, dict) and "code" in body and "detail" in body:
        return RefusedError(
            str(body["detail"]),
            hint=str(body.get("hint", "")),
            kind=_kind(str(body.get("kind", "")), status),
            code=str(body["code"]),
            request_id=str(body.get("request_id", "")),
            problems=tuple(problem(one) for one in body.get("errors", ())),
        )
    if status in {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}:
        return ServerUnreachableError(url, f"what stands before it answers {status}")
    return UnexpectedAnswerError(url, f"status {status} without a problem document")


def problem(body: Mapping[str, object]) -> Problem:
    """Read one problem of a refused document."""
    line, column = body.get("line"), body.get("column")
    return Problem(
        code=str(body.get("code", "")),
        message=str(body.get("message", "")),
        hint=str(body.get("hint") or ""),
        path=str(body.get("path") or ""),
        line=line if isinstance(line, int) else None,
        column=column if isinstance(column, int) else None,
        severity=str(body.get("severity") or "error"),
    )


def _kind(name: str, status: int) -> Kind:
    if name in set(Kind):
        return Kind(name)
    return KINDS.get(
        status, Kind.USAGE if status < HTTPStatus.INTERNAL_SERVER_ERROR else Kind.FAILED
    )
