"""The HTTP exchange in words, for `--verbose`, without anything that opens a door."""

import json
import re
from collections.abc import Mapping

from connectory.kernel.secret import MASK

MAX_SHOWN = 2000  # characters of a body
SHOWN_HEADERS = ("content-type", "x-request-id", "retry-after", "location", "etag")
SECRET_FIELDS = {"token", "value", "secret", "password", "key", "event", "output"}
KEY_IN_URL = re.compile(r"([?&](?:key|token)=)[^&\s\"#]+")


def request_lines(method: str, url: str, body: object, *, signed_in: bool) -> list[str]:
    """Describe a request; the token is never among the arguments."""
    lines = [f"> {method} {masked_text(url)}"]
    if signed_in:
        lines.append(f"> authorization: Bearer {MASK}")
    if body is not None:
        lines.append(f"> {_shown(body)}")
    return lines


def answer_lines(status: str, headers: Mapping[str, str], content: bytes) -> list[str]:
    """Describe an answer; bodies that are not JSON are only measured."""
    shown = [name for name in SHOWN_HEADERS if name in headers]
    lines = [f"< {status}", *(f"< {name}: {masked_text(headers[name])}" for name in shown)]
    if not content:
        return lines
    if "json" in headers.get("content-type", ""):
        try:
            return [*lines, f"< {_shown(json.loads(content))}"]
        except ValueError:
            pass  # it is not what its header says; its size is all that is shown
    return [*lines, f"< ({len(content):,} bytes)"]


def masked(value: object) -> object:
    """Return a JSON value with every field that can hold a secret replaced by `***`."""
    if isinstance(value, Mapping):
        return {
            name: MASK if name in SECRET_FIELDS and inner else masked(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [masked(inner) for inner in value]
    return masked_text(value) if isinstance(value, str) else value


def masked_text(text: str) -> str:
    """Replace the keys in the addresses of a text by `***`."""
    return KEY_IN_URL.sub(rf"\g<1>{MASK}", text)


def _shown(body: object) -> str:
    text = body if isinstance(body, str) else json.dumps(masked(body))
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}... ({len(text):,} in all)"
