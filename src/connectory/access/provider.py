"""The identity provider of the organisation: OpenID Connect, code flow with PKCE.

Every request to it goes through the gate. The configured issuer may be on a private network;
what its own documents point to elsewhere may not.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, cast
from urllib.parse import quote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from connectory.gates import http
from connectory.gates.http import Fetched, Policy
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret

DISCOVERY = "/.well-known/openid-configuration"
ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "RS384", "RS512", "PS384", "PS512"]
"""With public keys all: neither `none` nor what is signed with the client's secret."""
ADDRESSES = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
NAMES_ITSELF = "authorization_response_iss_parameter_supported"
SKEW_S = 60  # by which the clocks of provider and marketplace may differ
FRESH = timedelta(hours=1)  # of what the provider says about itself
SECONDS = 5.0
OK = 200
REFUSALS = range(400, 500)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SignInFailedError(ConnectoryError):
    """The identity provider did not vouch for whoever wants to sign in."""

    kind: ClassVar[Kind] = Kind.NOT_SIGNED_IN
    code: ClassVar[str] = "sign-in-failed"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the identity provider did not sign you in: {reason}",
            hint="begin again on the page /sign-in",
        )


class ProviderSilentError(ConnectoryError):
    """The identity provider does not answer, or not as one, so rights cannot be looked up."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "provider-silent"

    def __init__(self, issuer: str, reason: str) -> None:
        super().__init__(
            f"the identity provider {issuer} does not answer as it should: {reason}",
            hint="try again soon; admins with a local account can look at the settings",
        )


@dataclass(frozen=True, slots=True)
class Registration:
    """How this marketplace is known to its provider. Without a secret it is a public client."""

    issuer: str
    client: str
    secret: Secret | None
    scopes: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider hands out. `refresh` is empty if it gives none."""

    access: Secret
    refresh: Secret
    identity: str = ""  # the signed id token, at the end of a sign-in


@dataclass(slots=True)
class _Said:
    """What the provider says about itself, and when it said so."""

    addresses: Mapping[str, str]
    names_itself: bool  # in each answer that it sends a browser back with
    keys: KeySet
    at: datetime


@dataclass(slots=True)
class Provider:
    """Asks one provider. Safe to use from several threads."""

    registration: Registration
    clock: Callable[[], datetime]
    _said: _Said | None = field(default=None, init=False)

    def address(self, back: str, flow: Mapping[str, str]) -> str:
        """Return where a browser is sent to sign in; `back` is where it comes back to."""
        verifier = hashlib.sha256(flow["verifier"].encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.registration.client,
            "redirect_uri": back,
            "scope": self.registration.scopes,
            "state": flow["state"],
            "nonce": flow["nonce"],
            "code_challenge": base64.urlsafe_b64encode(verifier).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        address = self._now().addresses["authorization_endpoint"]
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def is_other(self, issuer: str | None) -> bool:
        """Whether an answer comes from another provider than the one asked (RFC 9207)."""
        if issuer is None:
            return self._now().names_itself
        return issuer != self.registration.issuer

    def redeem(self, code: str, verifier: str, back: str) -> Tokens:
        """Trade the code that a browser brought.

        Raises:
            SignInFailedError: If the provider does not take it.
            ProviderSilentError: If it does not answer.
        """
        tokens = self._tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "code_verifier": verifier,
                "redirect_uri": back,
            }
        )
        if tokens is None or not tokens.identity:
            raise SignInFailedError("it does not take the code")
        return tokens

    def renewed(self, refresh: Secret) -> Tokens | None:
        """Trade a refresh token; None if it ended.

        Raises:
            ProviderSilentError: If the provider does not answer.
        """
        if not refresh.reveal():
            return None
        found = self._tokens({"grant_type": "refresh_token", "refresh_token": refresh.reveal()})
        if found is None or found.refresh.reveal():
            return found
        return Tokens(found.access, refresh)

    def subject(self, identity: str, nonce: str) -> str:
        """Return whom an id token names, if it was made for this marketplace and this sign-in.

        Raises:
            SignInFailedError: If it was not, or is not genuine.
            ProviderSilentError: If the provider does not answer.
        """
        try:
            return self._subject(identity, nonce)
        except (JoseError, ValueError) as failure:
            said = getattr(failure, "error", "") or "it cannot be read"
            raise SignInFailedError(f"its id token is refused ({said})") from None

    def person(self, access: Secret, subject: str) -> Mapping[str, object] | None:
        """Return what the provider says of somebody now; None if the token ended.

        Raises:
            ProviderSilentError: If it does not answer, or about somebody else.
        """
        headers = {"Authorization": f"Bearer {access.reveal()}"}
        answer = self._ask("GET", self._now().addresses["userinfo_endpoint"], headers)
        if answer.status in REFUSALS:
            return None
        said = self._json(answer)
        if said.get("sub") != subject:
            raise ProviderSilentError(self.registration.issuer, "it speaks of somebody else")
        return said

    def _subject(self, identity: str, nonce: str) -> str:
        token = self._decoded(identity)
        claims = jwt.JWTClaimsRegistry(
            now=int(self.clock().timestamp()),
            leeway=SKEW_S,
            iss={"essential": True, "value": self.registration.issuer},
            aud={"essential": True, "value": self.registration.client},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        claims.validate(token.claims)
        party = token.claims.get("azp", self.registration.client)
        if party != self.registration.client:
            raise SignInFailedError("its id token was made for somebody else")
        return str(token.claims["sub"])

    def _decoded(self, identity: str) -> jwt.Token:
        """Verify the signature; if that fails, once more with the keys of now."""
        try:
            return jwt.decode(identity, self._now().keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            self._said = None
            return jwt.decode(identity, self._now().keys, algorithms=ALGORITHMS)

    def _tokens(self, form: dict[str, str]) -> Tokens | None:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        known = self.registration
        if known.secret is None:
            form["client_id"] = known.client
        else:
            pair = f"{quote_plus(known.client)}:{quote_plus(known.secret.reveal())}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        address = self._now().addresses["token_endpoint"]
        answer = self._ask("POST", address, headers, urlencode(form).encode())
        if answer.status in REFUSALS:
            return None
        said = self._json(answer)
        access, refresh = said.get("access_token"), said.get("refresh_token") or ""
        return Tokens(Secret(str(access)), Secret(str(refresh)), str(said.get("id_token", "")))

    def _now(self) -> _Said:
        """Return what the provider says about itself; ask it when that is old."""
        said, now = self._said, self.clock()
        if said is None or not timedelta(0) <= now - said.at < FRESH:
            self._said = said = self._asked(now)
        return said

    def _asked(self, now: datetime) -> _Said:
        issuer = self.registration.issuer
        metadata = self._json(self._ask("GET", issuer.rstrip("/") + DISCOVERY))
        if metadata.get("issuer") != issuer:
            raise ProviderSilentError(issuer, "it calls itself by another name")
        addresses = {name: metadata.get(name) for name in ADDRESSES}
        known = {name: found for name, found in addresses.items() if isinstance(found, str)}
        if len(known) < len(ADDRESSES):
            raise ProviderSilentError(issuer, f"it does not name all of {', '.join(ADDRESSES)}")
        keys = self._json(self._ask("GET", known["jwks_uri"]))
        try:
            read = KeySet.import_key_set(cast(KeySetSerialization, keys))
            return _Said(known, bool(metadata.get(NAMES_ITSELF)), read, now)
        except (JoseError, ValueError, KeyError, TypeError):
            raise ProviderSilentError(issuer, "its keys cannot be read") from None

    def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Fetched:
        host = (urlsplit(self.registration.issuer).hostname or "").lower()
        policy = Policy(private=frozenset({host}), loopback=host in LOOPBACK, seconds=SECONDS)
        try:
            return http.fetch(method, url, headers=headers, body=body, policy=policy)
        except ConnectoryError as failure:
            raise ProviderSilentError(self.registration.issuer, failure.message) from None

    def _json(self, answer: Fetched) -> dict[str, object]:
        try:
            said = json.loads(answer.body) if answer.status == OK else None
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            reason = f"it answered {answer.status} without a JSON object"
            raise ProviderSilentError(self.registration.issuer, reason)
        return said
