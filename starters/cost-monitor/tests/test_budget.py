"""When costs cross a threshold, and how it is said."""

from datetime import date
from decimal import Decimal

import pytest
from cost_monitor.budget import Budget, Standing, standing

BUDGET = Budget(Decimal(1000), "USD", 80)
TENTH = date(2026, 11, 10)


def daily(amount: int, until: date = TENTH) -> dict[date, Decimal]:
    return {until.replace(day=day): Decimal(amount) for day in range(1, until.day + 1)}


def crossed(spent: object, forecast: object = None, budget: Budget = BUDGET) -> list[str]:
    expected = None if forecast is None else Decimal(str(forecast))
    now = Standing(TENTH, Decimal(str(spent)), expected, budget)
    return [name.partition(" of ")[0] for name in now.crossed()]


@pytest.mark.parametrize(
    ("spent", "forecast", "names"),
    [
        (0, None, []),
        ("799.99", None, []),
        (800, None, ["spent 80 %"]),
        (800, 999, ["spent 80 %"]),
        (100, 1000, ["forecast 100 %"]),
        (900, 1200, ["spent 80 %", "forecast 100 %"]),
        (1000, 3000, ["spent 80 %", "spent 100 %"]),
        (-5, -15, []),
    ],
)
def test_thresholds_are_crossed_when_they_are_reached(
    spent: object, forecast: object, names: list[str]
) -> None:
    assert crossed(spent, forecast) == names


def test_a_first_warning_at_the_whole_budget_is_one_threshold() -> None:
    assert crossed(1000, None, Budget(Decimal(1000), "USD", 100)) == ["spent 100 %"]


def test_another_budget_has_other_thresholds() -> None:
    (first,) = Standing(TENTH, Decimal(900), None, BUDGET).crossed()
    (second,) = Standing(TENTH, Decimal(900), None, Budget(Decimal(1100), "USD", 80)).crossed()

    assert first != second


def test_the_rate_of_the_days_that_are_over_tells_the_month() -> None:
    days = daily(30) | {TENTH: Decimal(1)}  # today has hardly begun

    now = standing(days, TENTH, BUDGET)

    assert (now.spent, now.forecast) == (Decimal(271), Decimal(900))


def test_the_first_days_tell_nothing_about_the_month() -> None:
    third = date(2026, 11, 3)

    assert standing(daily(500, third), third, BUDGET).forecast is None


def test_a_month_never_costs_less_than_it_did() -> None:
    days = daily(0) | {TENTH: Decimal(400)}

    assert standing(days, TENTH, BUDGET).forecast == 400


def test_a_message_says_how_much_how_far_and_what_for() -> None:
    now = Standing(TENTH, Decimal("1832.105"), Decimal(5400), Budget(Decimal(2000), "USD", 80))
    groups = {
        name: Decimal(cost) for name, cost in zip("abcdefg", range(7, 0, -1), strict=True)
    }

    text = now.text(groups)

    first, *others = text.splitlines()
    assert first.startswith(
        ":warning: AWS costs of November 2026: 1,832.10 USD so far, 91 % of"
    )
    assert others == [
        "At this rate the month will cost 5,400.00 USD, 270 %.",
        *[
            f"• {name}: {cost}.00 USD"
            for name, cost in zip("abcde", range(7, 2, -1), strict=True)
        ],
        "• everything else: 3.00 USD",
    ]


def test_a_spent_budget_is_marked_as_an_alarm() -> None:
    assert Standing(TENTH, Decimal(1000), None, BUDGET).text({}).startswith(":rotating_light:")
