"""Checks requests that were signed with AWS Signature Version 4, in `Authorization`."""

import hashlib
import hmac
import re

from connectory.standins.serving import Call

SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/ ]+)/(?P<scope>[^, ]+/aws4_request), ?"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
NEEDED = frozenset({"host", "x-amz-date"})
WRONG_KEY = (
    "UnrecognizedClientException",
    "The security token included in the request is invalid.",
)
WRONG_SIGNATURE = (
    "InvalidSignatureException",
    "The request signature we calculated does not match the signature you provided.",
)


def trouble(call: Call, key: str, secret: str) -> tuple[str, str] | None:
    """Return the error that AWS answers, as code and message; None for a good signature.

    Only paths and queries that need no encoding are understood; AWS JSON has `/` alone.
    """
    given = SIGNED.fullmatch(call.headers.get("authorization", ""))
    if given is None:
        return "MissingAuthenticationTokenException", "Missing Authentication Token"
    if given["key"] != key:
        return WRONG_KEY
    names = given["headers"].split(";")
    if not set(names) >= NEEDED or not set(names) <= set(call.headers):
        return WRONG_SIGNATURE
    wanted = _signature(call, names, given["scope"], secret)
    return None if hmac.compare_digest(wanted, given["signature"]) else WRONG_SIGNATURE


def _signature(call: Call, names: list[str], scope: str, secret: str) -> str:
    headers = "".join(f"{name}:{' '.join(call.headers[name].split())}\n" for name in names)
    body = hashlib.sha256(call.body).hexdigest()
    request = "\n".join((call.method, call.path, "", headers, ";".join(names), body))
    about = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256", call.headers["x-amz-date"], scope, about))
    signer = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        signer = hmac.digest(signer, part.encode(), "sha256")
    return hmac.digest(signer, text.encode(), "sha256").hex()
