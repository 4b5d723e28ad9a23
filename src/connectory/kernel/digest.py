"""Content addresses: `sha256:<64 hex digits>`."""

import hashlib
import json
import re

DIGEST = re.compile(r"\Asha256:[0-9a-f]{64}\Z")


def digest_of(content: bytes) -> str:
    """Return the content address of some bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def is_digest(text: str) -> bool:
    """Whether the text is a well-formed content address."""
    return DIGEST.match(text) is not None


def canonical_json(value: object) -> str:
    """Write JSON with sorted keys and no white space, so that equal values have equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
