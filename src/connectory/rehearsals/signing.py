"""Certificates are signed with the key that signs the checkpoints of the event log."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from connectory.rehearsals.rules import Certificate


def sign(certificate: Certificate, key: Ed25519PrivateKey) -> str:
    """Return the signature in hex."""
    return key.sign(_signed_text(certificate)).hex()


def is_genuine(certificate: Certificate, signature: str, key: Ed25519PublicKey) -> bool:
    """Whether this server signed exactly this certificate."""
    try:
        key.verify(bytes.fromhex(signature), _signed_text(certificate))
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed_text(certificate: Certificate) -> bytes:
    """Begin with what it is, so that no signature of something else fits."""
    return f"connectory removal certificate\n{certificate.text()}".encode()
