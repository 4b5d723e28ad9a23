"""How often schedules fire in a month of 730 hours."""

from decimal import Decimal

import pytest

from connectory.costs.schedules import monthly_runs


@pytest.mark.parametrize(
    ("cron", "runs"),
    [
        ("@hourly", "730"),
        ("0 * * * *", "730"),
        ("*/15 * * * *", "2920"),
        ("* * * * *", "43800"),
        ("0 6 1 * *", "1"),
        ("0 6 1,15 * *", "2"),
        ("0 6 1 1 *", "0.083333"),
        ("@monthly", "1"),
        ("@yearly", "0.083333"),
        ("@daily", "30.416667"),
        ("0 6 * * *", "30.416667"),
        ("0 6 * * 1-5", "21.726190"),
        ("0 6 * * 0,7", "4.345238"),
        ("@weekly", "4.345238"),
        ("0,30 8-17/3 * * *", "243.333333"),
        ("5/20 * * * *", "2190"),
        ("0 6 1 * 1", "5.345238"),
    ],
)
def test_a_schedule_is_counted(cron: str, runs: str) -> None:
    assert round(monthly_runs(cron), 6) == Decimal(runs)
