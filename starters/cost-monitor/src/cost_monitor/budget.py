"""When costs cross a threshold, and how to say it: rules without any input or output."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CENT = Decimal("0.01")
FULL = 100  # percent
FEWEST_DAYS = 3  # before them a forecast says little: yearly fees come on the first
SHOWN_GROUPS = 5


@dataclass(frozen=True, slots=True)
class Budget:
    """What a month may cost, and from which part of it on people want to know."""

    amount: Decimal
    currency: str
    warn_at: int  # percent

    def share(self, amount: Decimal) -> int:
        """Return how much of the budget an amount is, in whole percent, rounded down."""
        return int(amount * FULL / self.amount)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a month stands against its budget."""

    day: date
    spent: Decimal
    forecast: Decimal | None  # of the whole month; None while it would say little
    budget: Budget

    def crossed(self) -> list[str]:
        """Return every threshold that is behind us, each with a name that stays the same."""
        budget = self.budget
        total = f"{budget.amount} {budget.currency}"
        behind = [
            f"spent {percent} % of {total}"
            for percent in sorted({budget.warn_at, FULL})
            if self.spent * FULL >= budget.amount * percent
        ]
        is_over = self.spent >= budget.amount
        if not is_over and self.forecast is not None and self.forecast >= budget.amount:
            behind.append(f"forecast {FULL} % of {total}")
        return behind

    def text(self, groups: Mapping[str, Decimal]) -> str:
        """Return the message for people."""
        budget = self.budget
        mark = ":rotating_light:" if self.spent >= budget.amount else ":warning:"
        month, so_far = f"{self.day:%B %Y}", self._amount(self.spent)
        of_budget = (
            f"{budget.share(self.spent)} % of the budget of {self._amount(budget.amount)}"
        )
        lines = [f"{mark} AWS costs of {month}: {so_far} so far, {of_budget}."]
        if self.forecast is not None:
            expected, share = self._amount(self.forecast), budget.share(self.forecast)
            lines.append(f"At this rate the month will cost {expected}, {share} %.")
        largest = sorted(groups.items(), key=lambda group: (-group[1], group[0]))
        lines += [f"• {name}: {self._amount(cost)}" for name, cost in largest[:SHOWN_GROUPS]]
        if rest := sum((cost for _, cost in largest[SHOWN_GROUPS:]), Decimal(0)):
            lines.append(f"• everything else: {self._amount(rest)}")
        return "\n".join(lines)

    def _amount(self, amount: Decimal) -> str:
        return f"{amount.quantize(CENT):,} {self.budget.currency}"


def standing(days: Mapping[date, Decimal], today: date, budget: Budget) -> Standing:
    """Return where the month of `today` stands; its days that are over tell the rate."""
    spent = sum(days.values(), Decimal(0))
    over = [cost for day, cost in days.items() if day < today]
    if len(over) < FEWEST_DAYS:
        return Standing(today, spent, None, budget)
    length = calendar.monthrange(today.year, today.month)[1]
    expected = sum(over, Decimal(0)) * length / len(over)
    return Standing(today, spent, max(spent, expected), budget)
