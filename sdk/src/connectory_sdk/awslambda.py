"""A connector as an AWS Lambda function, called by Lambda's own runtime client.

    handler = LambdaFunction(app)

What invokes the function says what runs:

- a call of its function URL or of an HTTP API (payload version 2.0): the webhook of that
  path, if the call brings the hook key as `?key=` or in `X-Connectory-Hook-Key`; nothing else
  of the connector can be reached from outside;
- a schedule of EventBridge: the function registered with `app.schedule`;
- anything else: the function registered with `app.manual`, with the event as its body.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from http import HTTPStatus

from connectory_sdk.app import RESERVED, App
from connectory_sdk.environment import current
from connectory_sdk.runs import Reply, failure
from connectory_sdk.server import Request

SCHEDULED = "Scheduled Event"  # what EventBridge calls its rules and its schedules alike
KEY_HEADER = "x-connectory-hook-key"


class FailedRunError(Exception):
    """A run that nobody waits for did not work; Lambda counts it and tries it again."""


class LambdaFunction:
    """What Lambda calls: name it as the handler in the settings of the function.

    Args:
        app: The connector.
        environment: Where to read the hook key; the process environment unless given.
    """

    def __init__(self, app: App, *, environment: Mapping[str, str] | None = None) -> None:
        given = current() if environment is None else environment
        self._app = app
        self._key = given.get("CONNECTORY_HOOK_KEY", "")
        self._is_started = False

    def __call__(self, event: object, _context: object) -> object:
        """Run once; the first time, call the start hooks before it.

        Raises:
            FailedRunError: If it did not work and the caller is not one by HTTP.
            Exception: What a start hook raises; the next call starts again.
        """
        if not self._is_started:
            self._app.start()
            self._is_started = True
        told = event if isinstance(event, Mapping) else {}
        http = _map(_map(told.get("requestContext")).get("http"))
        if http:
            return _http(self._webhook(told, str(http.get("method"))))
        if told.get("detail-type") == SCHEDULED:
            resources = told.get("resources")
            schedule = str(resources[0]) if isinstance(resources, list) and resources else ""
            body = {"schedule": schedule, "planned": told.get("time")}
            return self._run("/run/schedule", body)
        return self._run("/run", event)

    def _webhook(self, call: Mapping[str, object], method: str) -> Reply:
        query = {
            name: str(value) for name, value in _map(call.get("queryStringParameters")).items()
        }
        headers = {
            name.lower(): str(value) for name, value in _map(call.get("headers")).items()
        }
        key = headers.get(KEY_HEADER) or query.pop("key", "")
        if not self._key or not hmac.compare_digest(key.encode(), self._key.encode()):
            return failure(HTTPStatus.FORBIDDEN, "the key of the hook is missing or wrong")
        path = str(call.get("rawPath"))
        if path in RESERVED:
            return failure(HTTPStatus.NOT_FOUND, f"nothing answers at {path}")
        try:
            body = _body(call)
        except (binascii.Error, ValueError):
            return failure(HTTPStatus.BAD_REQUEST, "the body is not base64")
        return self._app.answer(Request(method, path, query, body))

    def _run(self, path: str, body: object) -> object:
        answer = self._app.answer(Request("POST", path, {}, json.dumps(body).encode()))
        content = json.loads(answer.body)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise FailedRunError(f"{answer.status.value}: {content['message']}")
        return content


def _body(call: Mapping[str, object]) -> bytes:
    text = str(call.get("body") or "").encode()
    return base64.b64decode(text, validate=True) if call.get("isBase64Encoded") else text


def _http(answer: Reply) -> dict[str, object]:
    headers = {"Content-Type": answer.content_type, **answer.headers}
    return {"statusCode": answer.status.value, "headers": headers, "body": answer.body.decode()}


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
