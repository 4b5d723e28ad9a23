"""Amounts as manifests write them: memory, CPU, durations."""

import re
from decimal import Decimal

MEMORY = r"[0-9]{1,9}(?:\.[0-9]{1,3})?(?:k|M|G|T|Ki|Mi|Gi|Ti)"
DURATION = (
    r"(?:[0-9]{1,6}(?:s|m|h|d|w)"
    r"|P(?=[0-9T])(?:[0-9]{1,4}Y)?(?:[0-9]{1,4}M)?(?:[0-9]{1,4}W)?(?:[0-9]{1,5}D)?"
    r"(?:T(?=[0-9])(?:[0-9]{1,5}H)?(?:[0-9]{1,6}M)?(?:[0-9]{1,6}S)?)?)"
)

_BYTES = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BYTES |= {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DATE_SECONDS = {"Y": 365 * 86_400, "M": 30 * 86_400, "W": 604_800, "D": 86_400}
_TIME_SECONDS = {"H": 3600, "M": 60, "S": 1}


def memory_bytes(text: str) -> int:
    """Return bytes: `256M` is 256,000,000 and `256Mi` is 268,435,456.

    Args:
        text: Matches `MEMORY` as a whole.
    """
    digits = text.rstrip("kMGTi")
    return int(Decimal(digits) * _BYTES[text[len(digits) :]])


def duration_seconds(text: str) -> int:
    """Return seconds of `30s`, `12h`, `30d`, `2w` or an ISO 8601 duration such as `P1Y`.

    A calendar year counts 365 days and a calendar month 30: retention and rotation are upper
    bounds that a policy compares, not appointments.

    Args:
        text: Matches `DURATION` as a whole.
    """
    if not text.startswith("P"):
        return int(text[:-1]) * _SECONDS[text[-1]]
    days, _, hours = text[1:].partition("T")
    return _sum(days, _DATE_SECONDS) + _sum(hours, _TIME_SECONDS)


def _sum(text: str, seconds: dict[str, int]) -> int:
    return sum(int(n) * seconds[unit] for n, unit in re.findall("([0-9]+)([A-Z])", text))
