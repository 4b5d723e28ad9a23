"""Identity providers: a real one as a process, and one in this process that lies on demand."""

import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import RSAKey

RUNNING = re.compile(r"http://127\.0\.0\.1:\d+")
CLIENT = "connectory"


@dataclass(frozen=True)
class RealProvider:
    """The provider of the package oidc-provider-mock, running as a process of its own."""

    issuer: str

    def knows(self, subject: str, **claims: object) -> None:
        """Let the provider say this of somebody from now on."""
        answer = httpx2.put(f"{self.issuer}/users/{subject}", json=claims)
        assert answer.status_code == 204, answer.text

    def forgets_tokens(self, subject: str) -> None:
        """End all that somebody was given."""
        httpx2.post(f"{self.issuer}/users/{subject}/revoke-tokens")

    def approves(self, address: str, subject: str) -> str:
        """Sign somebody in, as they do in their browser; return where it is sent then."""
        answer = httpx2.post(address, data={"sub": subject})
        return str(answer.headers["location"])


@contextmanager
def real_provider() -> Iterator[RealProvider]:
    """Run the provider until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", "0", "--token-max-age", "3600"],
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        text=True,
    )
    assert process.stdout is not None
    try:
        found = next(filter(None, map(RUNNING.search, process.stdout)))
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield RealProvider(found[0])
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


@dataclass
class LyingProvider:
    """Issues what a test wants it to. Checks PKCE, and takes each code once."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signs_with: object = None  # another key than the published one
    algorithm: str = "RS256"
    claims: dict[str, object] = field(default_factory=dict)  # in place of the honest ones
    person: dict[str, object] = field(default_factory=lambda: {"sub": "s1", "groups": []})
    metadata: dict[str, object] = field(default_factory=dict)
    is_down: bool = False
    used: set[str] = field(default_factory=set)
    refusals: list[str] = field(default_factory=list)

    def approves(self, address: str, **more: str) -> dict[str, str]:
        """Return what a browser comes back with: the code carries what was asked."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = base64.urlsafe_b64encode(json.dumps(asked).encode()).decode()
        return {"code": code, "state": asked["state"], **more}

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, object]:
        """Answer one request."""
        if self.is_down:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            named = {
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/keys",
            }
            return 200, {"issuer": self.issuer, **named, **self.metadata}
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        return (200, self.person) if path == "/userinfo" else self._token(form)

    def _token(self, form: dict[str, str]) -> tuple[int, object]:
        asked = json.loads(base64.urlsafe_b64decode(form["code"]))
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        is_good = _base64(digest) == asked["code_challenge"] and form["code"] not in self.used
        self.used.add(form["code"])
        if not is_good or form["redirect_uri"] != asked["redirect_uri"]:
            self.refusals.append(form["code"])
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "a", "id_token": self._identity(asked)}

    def _identity(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        honest = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "s1",
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
        }
        claims = {name: one for name, one in (honest | self.claims).items() if one is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm == "none":
            return f"{_part(header)}.{_part(claims)}."
        if self.algorithm == "HS256":  # with the public key, which everybody has
            signed = f"{_part(header)}.{_part(claims)}"
            return f"{signed}.{_hmac(self.key.as_pem(private=False), signed)}"
        key = self.signs_with or self.key
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])


def _part(value: object) -> str:
    return _base64(json.dumps(value).encode())


def _hmac(key: bytes, text: str) -> str:
    return _base64(hmac.digest(key, text.encode(), "sha256"))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@contextmanager
def lying_provider() -> Iterator[LyingProvider]:
    """Serve it in a thread until the block ends."""
    provider = LyingProvider()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send({})

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"])).decode()
            self.send({name: values[0] for name, values in parse_qs(sent).items()})

        def send(self, form: dict[str, str]) -> None:
            status, said = provider.answer(self.path, form)
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield provider
        server.shutdown()
