"""A CI system's issuer of identity tokens, served over real HTTP, that lies on demand."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import RSAKey

AUDIENCE = "http://testserver"


@dataclass
class Issuer:
    """Signs what a job would be given: a push to `main` of `acme/market`."""

    url: str = ""
    name: str = ""  # that it calls itself; its address if empty
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    asked: list[str] = field(default_factory=list)

    def claims(self, **changed: object) -> dict[str, object]:
        now = int(time.time())
        honest = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "repo:acme/market:ref:refs/heads/main",
            "jti": uuid4().hex,
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "repository": "acme/market",
            "ref": "refs/heads/main",
            "ref_type": "branch",
            "workflow_ref": "acme/market/.github/workflows/connectors.yml@refs/heads/main",
            "event_name": "push",
            "environment": "production",
        }
        whole = honest | changed
        return {name: value for name, value in whole.items() if value is not None}

    def token(self, **changed: object) -> str:
        return jwt.encode(
            {"alg": "RS256", "kid": self.key.kid}, self.claims(**changed), self.key
        )

    def unsigned(self) -> str:
        return f"{self._signed_part('none')}."

    def by_public_key(self) -> str:
        """Sign with the public key as if it were a shared secret, which everybody has."""
        signed = self._signed_part("HS256")
        key = self.key.as_pem(private=False)
        return f"{signed}.{_text(hmac.digest(key, signed.encode(), 'sha256'))}"

    def _signed_part(self, algorithm: str) -> str:
        header = {"alg": algorithm, "kid": self.key.kid}
        return ".".join(_text(json.dumps(part).encode()) for part in (header, self.claims()))

    def answer(self, path: str) -> dict[str, object]:
        self.asked.append(path)
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        return {"issuer": self.name or self.url, "jwks_uri": f"{self.url}/keys"}


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@contextmanager
def serving() -> Iterator[Issuer]:
    """Serve an issuer in a thread until the block ends."""
    issuer = Issuer()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(issuer.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
