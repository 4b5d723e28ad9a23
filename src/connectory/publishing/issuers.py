"""Whether an identity token of a CI job is genuine: signed by its issuer, for us, and now."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from connectory.gates import http
from connectory.gates.http import Policy
from connectory.kernel.errors import ConnectoryError
from connectory.publishing.publisher_rules import JobRefusedError

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
"""With public keys all: neither `none` nor what is signed with a shared secret."""
DISCOVERY = "/.well-known/openid-configuration"
SKEW_S = 60  # by which the clocks may differ
FRESH = timedelta(hours=1)  # of keys
PAUSE = timedelta(minutes=1)  # before keys are fetched anew for a token that does not fit
MOST_BYTES = 16_384  # of a token
OK = 200


@dataclass(slots=True)
class Issuers:
    """Knows the keys of issuers. Safe to use from several threads."""

    audience: str
    clock: Callable[[], datetime]
    policy: Policy
    _known: dict[str, tuple[KeySet, datetime]] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def claims(self, token: str, issuer: str) -> Mapping[str, Any]:
        """Return what a token says, if its issuer signed it for this marketplace and now.

        Raises:
            JobRefusedError: If not, or if the issuer's keys cannot be had.
        """
        try:
            return self._claims(token, issuer)
        except (JoseError, ValueError) as failure:
            said = getattr(failure, "error", "") or "it cannot be read"
            raise JobRefusedError(str(said)) from None

    def _claims(self, token: str, issuer: str) -> Mapping[str, Any]:
        found = self._decoded(token, issuer)
        jwt.JWTClaimsRegistry(
            now=int(self.clock().timestamp()),
            leeway=SKEW_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": self.audience},
            exp={"essential": True},
            iat={"essential": True},
            jti={"essential": True},
        ).validate(found.claims)
        return found.claims

    def _decoded(self, token: str, issuer: str) -> jwt.Token:
        """Verify the signature; if that fails, once more with newer keys if there may be."""
        keys, at = self._keys(issuer, FRESH)
        try:
            return jwt.decode(token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            newer, now = self._keys(issuer, PAUSE)
            if now == at:
                raise
            return jwt.decode(token, newer, algorithms=ALGORITHMS)

    def _keys(self, issuer: str, age: timedelta) -> tuple[KeySet, datetime]:
        """Return the keys of an issuer that are not older than `age`, and of when they are."""
        with self._lock:
            now, known = self.clock(), self._known.get(issuer)
            if known is None or not timedelta(0) <= now - known[1] < age:
                known = self._known[issuer] = (self._fetched(issuer), now)
            return known

    def _fetched(self, issuer: str) -> KeySet:
        about = self._json(issuer.rstrip("/") + DISCOVERY)
        if about.get("issuer") != issuer:
            raise JobRefusedError("its issuer calls itself by another name")
        keys = self._json(str(about.get("jwks_uri", "")))
        try:
            return KeySet.import_key_set(cast("KeySetSerialization", keys))
        except (JoseError, ValueError, KeyError, TypeError):
            raise JobRefusedError("the keys of its issuer cannot be read") from None

    def _json(self, url: str) -> dict[str, object]:
        try:
            answer = http.fetch("GET", url, policy=self.policy)
            said = json.loads(answer.body) if answer.status == OK else None
        except (ConnectoryError, ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise JobRefusedError("its issuer does not answer as one")
        return said


def issuer_of(token: str) -> str:
    """Return who a token says has issued it; nothing of it is verified yet.

    Raises:
        JobRefusedError: If it is no token.
    """
    try:
        said = json.loads(jws.extract_compact(token[:MOST_BYTES].encode()).payload)
        issuer = said.get("iss") if isinstance(said, dict) else None
    except (JoseError, ValueError, RecursionError):
        issuer = None
    if len(token) > MOST_BYTES or not isinstance(issuer, str):
        raise JobRefusedError("it is no identity token")
    return issuer
