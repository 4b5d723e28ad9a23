"""Names for rows: a prefix that says the kind, then twelve random characters."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32: no I, L, O, U
LENGTH = 12  # 60 random bits


def new_id(prefix: str) -> str:
    """Return a new identifier such as `op_9DK4X7Q2M0ZA`; `prefix` has no underscore."""
    return f"{prefix}_" + "".join(ALPHABET[byte % 32] for byte in secrets.token_bytes(LENGTH))
