"""The texts that prove who somebody is. Only their SHA-256 is stored. Pure."""

import hashlib
import secrets
import zlib

PREFIX = "cty_"  # lets secret scanners recognise a leaked token
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz"
LENGTH = 32
CHECK_LENGTH = 6


def new_token() -> str:
    """Return a new access token: prefix, 32 random characters, 6 of checksum."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{PREFIX}{body}{_checksum(body)}"


def looks_like_token(text: str) -> bool:
    """Whether the text has the form and checksum of a token; costs no look-up."""
    body = text.removeprefix(PREFIX)
    if body == text or len(body) != LENGTH + CHECK_LENGTH:
        return False
    return body[LENGTH:] == _checksum(body[:LENGTH])


def new_key() -> str:
    """Return a new random text for a session, a sign-in link or a hook (256 bits)."""
    return secrets.token_urlsafe(32)


def fingerprint(credential: str) -> str:
    """Return what is stored of a credential. It is random, so one hash round is enough."""
    return hashlib.sha256(credential.encode()).hexdigest()


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = []
    for _ in range(CHECK_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(digits)
