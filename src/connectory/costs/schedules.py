"""How often a schedule fires in an average month."""

from decimal import Decimal

from connectory.costs.rules import HOURS

DAYS = HOURS / 24
NAMED = {
    "@hourly": HOURS,
    "@daily": DAYS,
    "@weekly": DAYS / 7,
    "@monthly": Decimal(1),
    "@yearly": Decimal(1) / 12,
}
LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def monthly_runs(cron: str) -> Decimal:
    """Return the mean number of runs in a month.

    Args:
        cron: Minute, hour, day, month and weekday as a manifest has them, or a name such as
            `@daily`. As in cron, a restricted day and a restricted weekday add up.
    """
    if cron in NAMED:
        return NAMED[cron]
    fields = cron.split(" ")
    minutes, hours, days, months, weekdays = (
        _values(text, *limits) for text, limits in zip(fields, LIMITS, strict=True)
    )
    by_day = Decimal(len(days)) if fields[2] != "*" else Decimal(0)
    by_weekday = (
        DAYS * len({day % 7 for day in weekdays}) / 7 if fields[4] != "*" else Decimal(0)
    )
    monthly = min(by_day + by_weekday or DAYS, DAYS)
    return monthly * len(minutes) * len(hours) * len(months) / 12


def _values(text: str, low: int, high: int) -> set[int]:
    """Return the numbers that one field of a cron line stands for."""
    found: set[int] = set()
    for item in text.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        begin = low if first == "*" else int(first)
        end = int(last) if last else (begin if first != "*" and not step else high)
        found.update(range(begin, end + 1, int(step or 1)))
    return found
