"""When a connector runs by itself: the fields of a schedule, as manifests write them."""

import re
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from cronsim import CronSimError

from connectory.manifest.suggest import nearest
from connectory.manifest.texts import Text, refusal, shown
from connectory.manifest.ticks import NAMED, fields_of

CRON_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
WITH_SECONDS = len(CRON_FIELDS) + 1
CRON_HINT = "write minute hour day month weekday (0 6 * * 1-5), or @daily"
UTC_NAME = "UTC"
_CRON_ITEM = r"(?:\*|[0-9]{1,2}(?:-[0-9]{1,2})?)(?:/[0-9]{1,2})?"
_CRON_FIELD = rf"{_CRON_ITEM}(?:,{_CRON_ITEM}){{0,59}}"

Misfire = Literal["once", "skip"]


def _cron_runs(value: str) -> None:
    if value in NAMED:
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
    try:
        fields_of(value)
    except CronSimError:
        raise refusal(
            "bad-cron", f"no day ever matches {shown(value)}", "correct the day or the month"
        ) from None


def _cron_hint(value: str) -> str:
    if len(value.split(" ")) == WITH_SECONDS:
        return f"leave the seconds out, once a minute is the most: {CRON_HINT}"
    return CRON_HINT


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone_is_known(value: str) -> None:
    if value not in _zones():
        close = nearest(value, _zones())
        raise refusal(
            "unknown-timezone",
            f"there is no time zone {shown(value)}",
            f"did you mean `{close}`?" if close else "write UTC or Area/City: Europe/Berlin",
        )


Cron = Annotated[
    str,
    Text(
        pattern=rf"(?:{'|'.join(sorted(NAMED))}|{_CRON_FIELD}(?: {_CRON_FIELD}){{4}})",
        code="bad-cron",
        wanted="a schedule",
        hint=_cron_hint,
        also=_cron_runs,
    ),
]
Timezone = Annotated[
    str,
    Text(
        pattern=rf"(?:{UTC_NAME}|[A-Z][A-Za-z]{{1,30}}(?:/[A-Za-z0-9_+-]{{1,30}}){{1,2}})",
        code="unknown-timezone",
        wanted="a time zone",
        hint="write UTC or Area/City: Europe/Berlin",
        longest=64,
        also=_zone_is_known,
    ),
]
