"""When a connector runs by itself."""

import re
from typing import Annotated

from connectory.manifest.texts import Text, refusal, shown

CRON_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
CRON_NAMES = frozenset({"@hourly", "@daily", "@weekly", "@monthly", "@yearly"})
_CRON_ITEM = r"(?:\*|[0-9]{1,2}(?:-[0-9]{1,2})?)(?:/[0-9]{1,2})?"
_CRON_FIELD = rf"{_CRON_ITEM}(?:,{_CRON_ITEM}){{0,59}}"


def _cron_runs(value: str) -> None:
    if value in CRON_NAMES:
        return
    for text, (low, high) in zip(value.split(" "), CRON_FIELDS, strict=True):
        numbers = [int(n) for n in re.findall(r"(?<!/)\b[0-9]+", text)]
        steps = [int(n) for n in re.findall(r"/([0-9]+)", text)]
        spans = [(int(a), int(b)) for a, b in re.findall("([0-9]+)-([0-9]+)", text)]
        if (
            any(not low <= n <= high for n in numbers)
            or 0 in steps
            or any(a > b for a, b in spans)
        ):
            raise refusal(
                "bad-cron",
                f"{shown(text)} is not within {low} to {high} in {shown(value)}",
                "write minute hour day month weekday: 0 6 * * 1-5",
            )


Cron = Annotated[
    str,
    Text(
        pattern=rf"(?:{'|'.join(sorted(CRON_NAMES))}|{_CRON_FIELD}(?: {_CRON_FIELD}){{4}})",
        code="bad-cron",
        wanted="a schedule",
        hint="write minute hour day month weekday (0 6 * * 1-5), or @daily",
        also=_cron_runs,
    ),
]
