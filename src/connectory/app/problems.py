"""Failures as answers: RFC 9457 problem documents for programs, pages for people."""

import dataclasses
import json
import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match
from starlette.types import Scope

from connectory.access.gate import BodyTimedOutError
from connectory.gates.disk import StorageFullError
from connectory.kernel.errors import ConnectoryError, Kind, Problem
from connectory.web.failures import error_page
from connectory.web.parts import Trouble

LOG = logging.getLogger("connectory.http")
MEDIA_TYPE = "application/problem+json"
SQLITE_FULL = "database or disk is full"
POSTGRESQL_FULL = "53100"  # SQLSTATE disk_full
METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")

STATUS: Mapping[Kind, HTTPStatus] = {
    Kind.MALFORMED: HTTPStatus.BAD_REQUEST,
    Kind.USAGE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Kind.NOT_SIGNED_IN: HTTPStatus.UNAUTHORIZED,
    Kind.NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.BLOCKED: HTTPStatus.CONFLICT,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.OUTDATED: HTTPStatus.PRECONDITION_FAILED,
    Kind.MISDIRECTED: HTTPStatus.MISDIRECTED_REQUEST,
    Kind.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.TIMED_OUT: HTTPStatus.GATEWAY_TIMEOUT,
    Kind.STORAGE_FULL: HTTPStatus.INSUFFICIENT_STORAGE,
    Kind.FAILED: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The one place that gives a kind of failure its HTTP status."""


class RequestRefusedError(ConnectoryError):
    """The body or the query of a request has fields that the route cannot take."""

    kind = Kind.USAGE
    code = "request-refused"


class RouteMissingError(ConnectoryError):
    """There is nothing at this address, or not for this method."""

    kind = Kind.NOT_FOUND
    code = "route-missing"


class RequestUnreadableError(ConnectoryError):
    """The body of a request cannot be read as what it says it is."""

    kind = Kind.MALFORMED
    code = "request-unreadable"


class StorageUnavailableError(ConnectoryError):
    """The database does not answer."""

    kind = Kind.UNAVAILABLE
    code = "storage-unavailable"


class InternalError(ConnectoryError):
    """The server has a defect; the request id leads to its trace in the log."""

    kind = Kind.FAILED
    code = "internal"


def status_of(error: type[ConnectoryError]) -> HTTPStatus:
    """Return the status of a class of failures."""
    if issubclass(error, BodyTimedOutError):
        return HTTPStatus.REQUEST_TIMEOUT  # it was the caller who took too long, no backend
    return STATUS[error.kind]


def answer(error: ConnectoryError, scope: Scope, status: HTTPStatus | None = None) -> Response:
    """Turn a failure into the answer that this caller understands.

    `status` is only given where the kind of the failure does not say it.
    """
    status = status or status_of(type(error))
    body = problem(error, status, scope.get("state", {}).get("request_id", ""))
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else {}
    if "retry_after_s" in error.facts:
        headers["Retry-After"] = str(error.facts["retry_after_s"])
    if status is HTTPStatus.REQUEST_TIMEOUT:
        headers["Connection"] = "close"  # the rest of the body may still come
    if _wants_page(scope):
        return HTMLResponse(
            error_page(body, _troubles(error), scope), status_code=status, headers=headers
        )
    return Response(
        json.dumps(body), status_code=status, media_type=MEDIA_TYPE, headers=headers
    )


def problem(error: ConnectoryError, status: HTTPStatus, request_id: str) -> dict[str, object]:
    """Return the problem document of a failure.

    A document that was refused for several reasons has the code of the first one; all of them
    are under `errors`.
    """
    first = error.problems[0] if error.problems else Problem(error.code, "", "")
    return {
        **error.facts,
        "type": f"/docs/errors/{first.code}",
        "title": status.phrase,
        "status": int(status),
        "code": first.code,
        "kind": error.kind,
        "detail": error.message,
        "hint": error.hint,
        "field": error.field or first.path,
        "line": first.line,
        "request_id": request_id,
        "errors": [dataclasses.asdict(one) for one in error.problems],
    }


def on_connectory_error(request: Request, error: Exception) -> Response:
    """Answer an expected failure."""
    if not isinstance(error, ConnectoryError):
        raise error
    if error.kind is Kind.STORAGE_FULL:
        request.app.state.reserve.give_up()
    return answer(error, request.scope)


def on_validation_error(request: Request, error: Exception) -> Response:
    """Answer a body or query that pydantic refused, all problems at once, echoing no value."""
    if not isinstance(error, RequestValidationError):
        raise error
    found = tuple(
        Problem(
            code="request-refused",
            message=str(one["msg"])[:1].lower() + str(one["msg"])[1:],
            hint="see /openapi.json for what this route takes",
            path=".".join(str(part) for part in one["loc"][1:]),
        )
        for one in error.errors()
    )
    where = found[0].path or "the request"
    refused = RequestRefusedError(
        f"{where}: {found[0].message}",
        hint=found[0].hint,
        field=found[0].path,
        problems=found,
    )
    return answer(refused, request.scope)


def on_http_exception(request: Request, error: Exception) -> Response:
    """Answer what the framework itself refuses: unknown paths, methods, broken bodies."""
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error.__cause__, ConnectoryError):
        return answer(error.__cause__, request.scope)
    if error.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
        missing = RouteMissingError(
            f"there is nothing for {request.method} at {request.url.path[:200]}",
            hint="see /api/docs for every route",
        )
        reply = answer(missing, request.scope, HTTPStatus(error.status_code))
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            reply.headers["Allow"] = ", ".join(_allowed(request))
        return reply
    broken = RequestUnreadableError(
        f"the request cannot be read: {error.detail}",
        hint="send the body in the form that its Content-Type says",
    )
    return answer(broken, request.scope)


def on_database_error(request: Request, error: Exception) -> Response:
    """Answer when the database is full, locked or away; the transaction was rolled back."""
    return on_connectory_error(request, storage_trouble(error))


def storage_trouble(error: Exception) -> ConnectoryError:
    """Turn a failure of the database into one that says what to do, and log what it was."""
    LOG.error("database: %s", error)
    cause = getattr(error, "orig", None)
    if SQLITE_FULL in str(cause) or getattr(cause, "sqlstate", "") == POSTGRESQL_FULL:
        return StorageFullError("the database")
    return StorageUnavailableError(
        "the database did not take the change; nothing was changed",
        hint="try again; if it stays, the operator should look at the log",
    )


def on_data_error(request: Request, error: Exception) -> Response:
    """Answer when the database cannot hold a value: a character, or a number too large."""
    LOG.warning("database: %s", error)
    broken = RequestUnreadableError(
        "the request has a value that cannot be stored; nothing was changed",
        hint="remove control characters, and send smaller numbers",
    )
    return answer(broken, request.scope)


def on_defect(request: Request, error: Exception) -> Response:
    """Answer a defect without telling its insides; the trace goes to the log."""
    LOG.error("defect in %s %s", request.method, request.url.path, exc_info=error)
    defect = InternalError(
        "the server has a defect and could not answer",
        hint="report it with the request id; the operator finds the trace in the log",
    )
    return answer(defect, request.scope)


HANDLERS = {
    ConnectoryError: on_connectory_error,
    RequestValidationError: on_validation_error,
    HTTPException: on_http_exception,
    OperationalError: on_database_error,
    PoolTimeoutError: on_database_error,
    DataError: on_data_error,
    Exception: on_defect,
}


def _allowed(request: Request) -> list[str]:
    """Return the methods of a path; the framework names those of one route that has it."""
    return [
        method
        for method in METHODS
        for scope in [{**request.scope, "method": method}]
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]


def _troubles(error: ConnectoryError) -> tuple[Trouble, ...]:
    return tuple(Trouble(one.message, one.hint, one.path) for one in error.problems)


def _wants_page(scope: Scope) -> bool:
    if scope["path"].startswith(("/api/", "/hooks/", "/osv/", "/v1/", "/v2/")):
        return False
    accepted = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
    return "text/html" in accepted
