"""Calls to the HTTP API of another system, as a good guest of it."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage
from typing import IO

from connectory_sdk.events import TryLaterError
from connectory_sdk.health import Health
from connectory_sdk.logs import log
from connectory_sdk.masking import Secret

TIMEOUT_S = 10
TRIES = 4
LONGEST_WAIT_S = 4  # for one Retry-After; all tries fit into the deadline of a run
LATER_S = 60  # until a person may have repaired what is wrong
LARGEST_ANSWER = 1_000_000  # bytes
PASSING = frozenset({429, 500, 502, 503, 504})
DENIED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the key would go along to wherever it points."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        """Say that there is nowhere to go."""


OPENER = urllib.request.build_opener(_NoRedirects)


@dataclass(frozen=True)
class JsonApi:
    """An API that speaks JSON and takes a bearer token, or a key in what it is told.

    It waits and repeats where the system asks for it, and health says what is wrong until a
    call succeeds again.
    """

    title: str  # `the CRM`
    url: str
    key: Secret | None  # the bearer token, if it takes one
    health: Health
    part: str  # of health, and of the names of its settings: `crm` has `crm_api_url`, ..._key

    def ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, also: int = 0
    ) -> tuple[int, dict[str, object]]:
        """Send a request until it is answered; return status and object if 2xx or `also`.

        Raises:
            TryLaterError: If it is not answered so, or not with a JSON object.
        """
        tries = 1
        status, wait_s, content = self._once(method, path, body)
        while status in PASSING:
            if tries == TRIES or wait_s > LONGEST_WAIT_S:
                raise TryLaterError(f"{self.title} answered {status}", after_s=wait_s)
            log.warn(f"{self.title} is busy", status=status, retry_in_s=wait_s)
            time.sleep(wait_s)
            tries += 1
            status, wait_s, content = self._once(method, path, body)
        if status >= HTTPStatus.MULTIPLE_CHOICES and status != also:
            raise self._trouble(status)
        self.health.clear(self.part)
        return status, content

    def _once(
        self, method: str, path: str, body: Mapping[str, object] | None
    ) -> tuple[int, int, dict[str, object]]:
        """Send a request; return status, seconds to wait before a repetition, and content."""
        token = {"Authorization": f"Bearer {self.key.reveal()}"} if self.key else {}
        request = urllib.request.Request(  # noqa: S310  the address is the team's own setting
            self.url.rstrip("/") + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **token},
        )
        try:
            with OPENER.open(request, timeout=TIMEOUT_S) as answer:
                return answer.status, 0, self._object(answer.read(LARGEST_ANSWER))
        except urllib.error.HTTPError as error:
            with error:
                wait_s = _wait_s(error.headers.get("Retry-After", ""))
                return error.code, wait_s, _details(error.read(LARGEST_ANSWER))
        except (OSError, HTTPException) as error:
            self.health.fail(self.part, f"{self.title} does not answer: {error}")
            raise TryLaterError(f"{self.title} does not answer") from error

    def _trouble(self, status: int) -> TryLaterError:
        is_denied = self.key is not None and status in DENIED
        repair = "replace the secret" if is_denied else "check"
        setting = f"{self.part}_api_key" if is_denied else f"{self.part}_api_url"
        said = f"{self.title} answered {status}"
        self.health.fail(self.part, f"{said}; {repair} {setting}")
        return TryLaterError(said, after_s=LATER_S)

    def _object(self, raw: bytes) -> dict[str, object]:
        try:
            content = json.loads(raw) if raw else {}
        except ValueError:
            raise TryLaterError(f"{self.title}'s answer is not JSON") from None
        if not isinstance(content, dict):
            raise TryLaterError(f"{self.title}'s answer is not a JSON object")
        return content


def _details(raw: bytes) -> dict[str, object]:
    """Return what a refusal says; empty when that is no JSON object, as of a gateway."""
    try:
        content = json.loads(raw)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _wait_s(retry_after: str) -> int:
    return int(retry_after) if retry_after.isdecimal() else 1
