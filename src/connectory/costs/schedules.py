"""How often a schedule fires in an average month."""

from decimal import Decimal

from connectory.costs.rules import HOURS
from connectory.manifest.ticks import fields_of

DAYS = HOURS / 24


def monthly_runs(cron: str) -> Decimal:
    """Return the mean number of runs in a month.

    Args:
        cron: Minute, hour, day, month and weekday as a manifest has them, or a name such as
            `@daily`. As in cron, a restricted day and a restricted weekday add up.
    """
    fields = fields_of(cron)
    weekdays = {day % 7 for day in fields.weekdays if isinstance(day, int)}
    by_day = min(Decimal(len(fields.days)), DAYS)
    by_week = DAYS * len(weekdays) / 7
    monthly = by_day * by_week / DAYS if fields.day_and else min(by_day + by_week, DAYS)
    return monthly * len(fields.minutes) * len(fields.hours) * len(fields.months) / 12
