"""A bundle is read by public tools, and has one form only."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from connectory.attestations import bundle
from connectory.attestations.errors import AttestationMismatchError, KeyUnusableError
from evidence import KEY, PUBLIC

PAYLOAD = b'{"predicate":{"decision":"approve"}}'


def test_a_public_tool_verifies_what_was_signed() -> None:
    made = bundle.sign(PAYLOAD, KEY)
    key = SSlibKey.from_crypto(PUBLIC, keyid=bundle.key_id(PUBLIC))
    envelope = Envelope.from_dict(made["dsseEnvelope"])

    assert envelope.verify([key], 1).keys() == {bundle.key_id(PUBLIC)}
    assert envelope.payload == PAYLOAD
    assert envelope.payload_type == "application/vnd.in-toto+json"


def test_the_public_tool_sees_a_change_as_well() -> None:
    made = bundle.sign(PAYLOAD, KEY)
    made["dsseEnvelope"]["payload"] = base64.b64encode(PAYLOAD + b" ").decode()
    key = SSlibKey.from_crypto(PUBLIC, keyid=bundle.key_id(PUBLIC))

    with pytest.raises(VerificationError):
        Envelope.from_dict(made["dsseEnvelope"]).verify([key], 1)


def test_every_flipped_bit_of_a_bundle_is_refused() -> None:
    line = json.dumps(bundle.sign(PAYLOAD, KEY)).encode()

    for place in range(len(line) * 8):
        changed = bytearray(line)
        changed[place // 8] ^= 1 << place % 8
        assert not is_believed(bytes(changed)), f"bit {place}: {bytes(changed)!r}"


def is_believed(line: bytes) -> bool:
    try:
        return bundle.payload_of(json.loads(line), PUBLIC) is not None
    except (ValueError, AttestationMismatchError):
        return False


@pytest.mark.parametrize("other", [None, 1, "x", [], {}, {"dsseEnvelope": {"signatures": []}}])
def test_what_is_no_bundle_is_refused(other: object) -> None:
    with pytest.raises(AttestationMismatchError, match="not in the form"):
        bundle.payload_of(other, PUBLIC)


def test_the_key_of_another_server_is_named() -> None:
    other = Ed25519PrivateKey.generate().public_key()

    with pytest.raises(AttestationMismatchError, match=bundle.key_id(other)[:16]):
        bundle.payload_of(bundle.sign(PAYLOAD, KEY), other)


def test_a_key_survives_writing_and_reading() -> None:
    assert bundle.read_key(bundle.pem(PUBLIC)) == PUBLIC


@pytest.mark.parametrize("kind", ["words", "ecdsa"])
def test_what_is_no_key_is_refused(kind: str) -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    with pytest.raises(KeyUnusableError):
        bundle.read_key(pem if kind == "ecdsa" else "not a key")
