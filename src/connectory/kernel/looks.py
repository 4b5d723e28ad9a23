"""What an identifier looks like to somebody who reads it quickly."""

SAME = str.maketrans({"-": "", "_": "", ".": "", "0": "o", "1": "l", "i": "l", "5": "s"})
PAIRS = (("rn", "m"), ("vv", "w"))
"""Characters, and pairs of them, that are taken for each other or overlooked."""


def look_of(identifier: str) -> str:
    """Return a text that is the same for identifiers which are easily taken for each other.

    Case, separators, and look-alikes do not count: `CRM_to_s1ack` looks like `crm-to-slack`.
    """
    look = identifier.casefold().translate(SAME)
    for pair, single in PAIRS:
        look = look.replace(pair, single)
    return look
