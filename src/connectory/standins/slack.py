"""Plays the part of Slack's Web API that connectors use, as docs.slack.dev describes it.

Methods: `auth.test`, `chat.postMessage`, `conversations.list`, under `/api/`. Errors are
answered with status 200, `{"ok": false, "error": "..."}`; a rate limit with 429 and
`Retry-After`. The token comes as `Authorization: Bearer` or as the form field `token`.

It is a workspace in which every well-formed channel exists, so that a demo never fails on a
name; only names that begin with `missing` do not, so that the error can be shown on purpose.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl

from connectory.kernel import clock
from connectory.standins.serving import Answer, Call, RateLimit

SLACK_TOKEN = "xoxb-demo-connectory"  # noqa: S105  opens nothing but this stand-in
SLACK_TOKEN_WITHOUT_SCOPES = "xoxb-demo-without-scopes"  # noqa: S105  as above
SCOPES: Mapping[str, frozenset[str]] = {
    SLACK_TOKEN: frozenset({"chat:write", "channels:read"}),
    SLACK_TOKEN_WITHOUT_SCOPES: frozenset(),
}
CHANNELS = ("alerts", "general", "leads", "ops", "random", "sales", "security")
CHANNEL_NAME = re.compile(r"#?(?!missing)[a-z0-9_-]{1,80}")
LONGEST_TEXT = 40_000  # characters
CALLS_PER_S = 50  # per token; Slack allows about one message per second and channel
PAGE = 100
USUAL_ERRORS: Mapping[int, str] = {
    HTTPStatus.TOO_MANY_REQUESTS: "ratelimited",
    HTTPStatus.SERVICE_UNAVAILABLE: "service_unavailable",
}
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Method:
    run: Callable[[Fields], Answer]
    scope: str = ""


class _SlackError(Exception):
    """Ends a method with `ok: false`."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.content: dict[str, object] = {"ok": False, "error": code, **facts}


class Slack:
    """One workspace, kept in memory."""

    def __init__(self, calls_per_s: int = CALLS_PER_S) -> None:
        self._limit = RateLimit(calls_per_s)
        self._lock = threading.Lock()
        self._posted: list[dict[str, object]] = []
        self._count = 0
        self._methods = {
            "/api/auth.test": _Method(_auth_test),
            "/api/chat.postMessage": _Method(self._post_message, scope="chat:write"),
            "/api/conversations.list": _Method(_list_channels, scope="channels:read"),
        }

    def answer(self, call: Call) -> Answer:
        """Answer a Web API method."""
        try:
            return self._call(call)
        except _SlackError as error:
            return Answer(HTTPStatus.OK, error.content)

    def failure(self, status: int, error: str, retry_after: int) -> Answer:
        """Return a failure as Slack words it."""
        code = error or USUAL_ERRORS.get(status, "internal_error")
        limited = status == HTTPStatus.TOO_MANY_REQUESTS
        headers = {"Retry-After": str(retry_after)} if limited else {}
        return Answer(status, {"ok": False, "error": code}, headers)

    def received(self) -> list[dict[str, object]]:
        """Return the posted messages, oldest first."""
        with self._lock:
            return list(self._posted)

    def forget(self) -> None:
        """Forget the posted messages."""
        with self._lock:
            self._posted.clear()

    def close(self) -> None:
        """Nothing goes on in the background."""

    def _call(self, call: Call) -> Answer:
        method = self._methods.get(call.path)
        if method is None:
            raise _SlackError("unknown_method", req_method=call.path.removeprefix("/api/"))
        fields = _fields(call)
        token = call.bearer() or str(fields.get("token", ""))
        if not token:
            raise _SlackError("not_authed")
        if token not in SCOPES:
            raise _SlackError("invalid_auth")
        if not self._limit.allows(token):
            return self.failure(HTTPStatus.TOO_MANY_REQUESTS, "", 1)
        if method.scope and method.scope not in SCOPES[token]:
            provided = ",".join(sorted(SCOPES[token]))
            raise _SlackError("missing_scope", needed=method.scope, provided=provided)
        return method.run(fields)

    def _post_message(self, fields: Fields) -> Answer:
        channel, text = fields.get("channel"), fields.get("text", "")
        if not channel:
            missing = {"messages": ["[ERROR] missing required field: channel"]}
            raise _SlackError("invalid_arguments", response_metadata=missing)
        if not _exists(str(channel)):
            raise _SlackError("channel_not_found")
        if not (text or fields.get("blocks") or fields.get("attachments")):
            raise _SlackError("no_text")
        if len(str(text)) > LONGEST_TEXT:
            raise _SlackError("msg_too_long")
        message = self._keep(str(channel), str(text), fields)
        answer = {"ok": True, "channel": _id(str(channel)), "ts": message["ts"]}
        return Answer(HTTPStatus.OK, {**answer, "message": {"type": "message", **message}})

    def _keep(self, channel: str, text: str, fields: Fields) -> dict[str, object]:
        now = clock.now()
        extra = {name: fields[name] for name in ("blocks", "thread_ts") if name in fields}
        with self._lock:
            self._count += 1
            message: dict[str, object] = {
                "text": text,
                "channel": channel,
                "at": clock.rfc3339(now),
                "ts": f"{int(now.timestamp())}.{self._count:06d}",
                **extra,
            }
            self._posted.append(message)
        return message


def _fields(call: Call) -> Fields:
    """Return the arguments: JSON, or a form, or the query; no body is no arguments."""
    kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" and call.body:
        try:
            return call.object()
        except json.JSONDecodeError:
            raise _SlackError("invalid_json") from None
        except ValueError:
            raise _SlackError("json_not_object") from None
    try:
        return {**call.query, **dict(parse_qsl(call.body.decode(), keep_blank_values=True))}
    except UnicodeDecodeError:
        raise _SlackError("invalid_form_data") from None


def _auth_test(_given: Fields) -> Answer:
    identity = {
        "url": "https://demo.slack.com/",
        "team": "Demo",
        "user": "connectory",
        "team_id": "T00000DEMO",
        "user_id": "U00000DEMO",
        "bot_id": "B00000DEMO",
        "is_enterprise_install": False,
    }
    return Answer(HTTPStatus.OK, {"ok": True, **identity})


def _list_channels(fields: Fields) -> Answer:
    cursor = str(fields.get("cursor") or "0")
    limit = str(fields.get("limit") or PAGE)
    if not cursor.isdecimal():
        raise _SlackError("invalid_cursor")
    if not limit.isdecimal() or not 1 <= int(limit) <= 1000:  # noqa: PLR2004  Slack's own limit
        raise _SlackError("invalid_limit")
    start, end = int(cursor), int(cursor) + int(limit)
    channels = [{"id": _id(name), "name": name, "is_channel": True} for name in CHANNELS]
    following = str(end) if end < len(channels) else ""
    content = {
        "ok": True,
        "channels": channels[start:end],
        "response_metadata": {"next_cursor": following},
    }
    return Answer(HTTPStatus.OK, content)


def _exists(channel: str) -> bool:
    known = {_id(name) for name in CHANNELS}
    return channel in known or CHANNEL_NAME.fullmatch(channel) is not None


def _id(channel: str) -> str:
    """Return the id of a channel; an id stays what it is."""
    if CHANNEL_NAME.fullmatch(channel) is None:
        return channel
    return "C" + hashlib.sha256(channel.removeprefix("#").encode()).hexdigest()[:10].upper()
