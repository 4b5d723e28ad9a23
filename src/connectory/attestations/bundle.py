"""Signing and opening: a DSSE envelope in a Sigstore bundle, by a key and without a log.

Whoever has the key can verify it with public tools; what they need is all in the bundle.
"""

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from connectory.attestations.errors import AttestationMismatchError, KeyUnusableError

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"


def sign(payload: bytes, key: Ed25519PrivateKey) -> dict[str, object]:
    """Return the bundle of a payload."""
    signature = key.sign(_signed_text(payload))
    return _bundle(_base64(payload), _base64(signature), key_id(key.public_key()))


def payload_of(bundle: object, key: Ed25519PublicKey) -> bytes:
    """Return what a bundle says, if this key signed it.

    A bundle has one form, so nothing in it can be changed without being noticed.

    Raises:
        AttestationMismatchError: If the key did not sign it, or anything was added.
    """
    try:
        envelope = bundle["dsseEnvelope"]  # type: ignore[index]  # it may be anything
        payload, [signed] = envelope["payload"], envelope["signatures"]
        if bundle != _bundle(payload, signed["sig"], signed["keyid"]):
            raise AttestationMismatchError("it is not in the form of a Sigstore bundle")
        content, signature = _bytes(payload), _bytes(signed["sig"])
    except (TypeError, KeyError, ValueError):
        raise AttestationMismatchError("it is not in the form of a Sigstore bundle") from None
    if signed["keyid"] != key_id(key):
        signer = str(signed["keyid"])[:16]
        raise AttestationMismatchError(
            f"it names the key {signer}…, and the known one is {key_id(key)[:16]}…"
        )
    try:
        key.verify(signature, _signed_text(content))
    except InvalidSignature:
        raise AttestationMismatchError("it does not fit its signature") from None
    return content


def signer_of(bundle: object) -> str:
    """Return the name of the key that a bundle says it was signed by; not to be believed."""
    try:
        return str(bundle["dsseEnvelope"]["signatures"][0]["keyid"])  # type: ignore[index]
    except (TypeError, KeyError, IndexError):
        return ""


def key_id(key: Ed25519PublicKey) -> str:
    """Return the name of a key: the SHA-256 of its DER form, in hex."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def pem(key: Ed25519PublicKey) -> str:
    """Write a key for people and tools."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def read_key(text: str) -> Ed25519PublicKey:
    """Read what `pem` writes.

    Raises:
        KeyUnusableError: If it is something else.
    """
    try:
        key = load_pem_public_key(text.encode())
    except ValueError:
        raise KeyUnusableError from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyUnusableError
    return key


def _bundle(payload: str, signature: str, signer: str) -> dict[str, object]:
    return {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": signer}},
        "dsseEnvelope": {
            "payload": payload,
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": signature, "keyid": signer}],
        },
    }


def _signed_text(payload: bytes) -> bytes:
    """Return the pre-authentication encoding of DSSE, version 1."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    """Read base64 in its only form: not another text that means the same bytes."""
    content = base64.b64decode(text, validate=True)
    if _base64(content) != text:
        raise ValueError
    return content
