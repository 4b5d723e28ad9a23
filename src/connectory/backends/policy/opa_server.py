"""An OPA server: its REST interface, https://www.openpolicyagent.org/docs/rest-api.

One bundle at a time is on the server, below `connectory/`, with a marker that says which. Each
question asks for the marker and the rules at once, so that no other bundle can answer for it.
The server is for one marketplace: two with different bundles would drive each other out.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from connectory.backends.policy import picked
from connectory.gates import http
from connectory.gates.http import Fetched
from connectory.kernel.errors import ConnectoryError
from connectory.kernel.secret import Secret
from connectory.policy.engine import Answer, PolicyEngineError

SECONDS = 2.0
MOST_BYTES = 8 * 1024 * 1024
FOLDER = "connectory/"
MARKER = "connectory_marker"
NO_TOKEN = Secret("")
LAST = "~.rego"
TRIES = 2  # to ask; before the second the bundle is loaded


class OpaServer:
    """Asks an OPA server; one on this machine, or one that the public internet knows."""

    def __init__(self, url: str, token: Secret = NO_TOKEN) -> None:
        """Note where it is; nothing is asked yet."""
        self._url = url.rstrip("/")
        self._token = token
        self._turn = threading.Lock()
        host = urlsplit(url).hostname or ""
        self._policy = http.Policy(
            frozenset({host}), loopback=True, seconds=SECONDS, max_bytes=MOST_BYTES
        )

    @property
    def name(self) -> str:
        """Where it is, for people and for records of decisions."""
        return f"OPA server at {self._url}"

    def evaluate(
        self, digest: str, files: Mapping[str, str], given: object, rules: Sequence[str]
    ) -> list[Answer]:
        """Ask rules about an input.

        Raises:
            PolicyEngineError: If the server is not there, refuses the bundle, or a rule fails.
        """
        with self._turn:
            for _ in range(TRIES):
                found = self._asked(given)
                if _value(found, MARKER) == {"digest": digest}:
                    return picked(found, rules)
                self._load(digest, files)
        raise PolicyEngineError(f"others change the policies of the {self.name}")

    def close(self) -> None:
        """Leave the server as it is."""

    def _asked(self, given: object) -> Mapping[str, Any]:
        path = "/v1/data?strict-builtin-errors=true"
        answer = self._send("POST", path, json.dumps({"input": given}).encode())
        return _value(json.loads(answer.body), "result")

    def _load(self, digest: str, files: Mapping[str, str]) -> None:
        """Replace the bundle that is there: the marker is the first to go, the last to come."""
        there = json.loads(self._send("GET", "/v1/policies").body).get("result", [])
        ours = (one["id"] for one in there if one["id"].startswith(FOLDER))
        for name in sorted(ours, reverse=True):
            self._send("DELETE", f"/v1/policies/{quote(name)}")
        marker = f'package {MARKER}\n\ndigest := "{digest}"\n'
        for name, text in (*files.items(), (LAST, marker)):
            path = f"/v1/policies/{FOLDER}{quote(name)}"
            self._send("PUT", path, text.encode(), "text/plain")

    def _send(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> Fetched:
        headers = {"Content-Type": kind} if body is not None else {}
        if self._token != NO_TOKEN:
            headers["Authorization"] = f"Bearer {self._token.reveal()}"
        try:
            answer = http.fetch(
                method, self._url + path, headers=headers, body=body, policy=self._policy
            )
        except ConnectoryError as failure:
            raise PolicyEngineError(f"{self.name}: {failure.message}") from failure
        is_gone = method == "DELETE" and answer.status == HTTPStatus.NOT_FOUND
        if answer.status != HTTPStatus.OK and not is_gone:
            raise PolicyEngineError(f"{self.name} answers {answer.status}: {_why(answer.body)}")
        return answer


def _value(document: object, name: str) -> dict[str, Any]:
    value = document.get(name) if isinstance(document, dict) else None
    return value if isinstance(value, dict) else {}


def _why(body: bytes) -> str:
    """Return what OPA says is wrong, cut short."""
    try:
        told = json.loads(body)
    except ValueError:
        return "nothing that can be read"
    errors = told.get("errors") if isinstance(told, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else told
    return str(first.get("message", ""))[:300] if isinstance(first, dict) else ""
