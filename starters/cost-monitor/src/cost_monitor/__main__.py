"""The connector: once a day it compares the costs of the month with the budget."""

import threading
import time
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from connectory_sdk import (
    App,
    Event,
    MissingSecretError,
    RefusedError,
    counter,
    gauge,
    log,
    read_settings,
    secret,
)
from cost_monitor.budget import CENT, Budget, standing
from cost_monitor.channel import Channel
from cost_monitor.explorer import Costs, Explorer
from cost_monitor.told import Told

KEYS = ("aws_access_key_id", "aws_secret_access_key")
DEADLINE_S = 60.0  # of a run: several pages, and the patience with each


@dataclass(frozen=True)
class Settings:
    """What a team chooses."""

    slack_channel: str
    budget_amount: str  # an exact number
    budget_currency: str = "USD"
    warn_at_percent: int = 80
    group_by: str = "SERVICE"
    aws_endpoint_url: str = "https://ce.us-east-1.amazonaws.com"
    slack_api_url: str = "https://slack.com/api/"


def keys() -> dict[str, str]:
    """Return the access key of the team; nothing where the place of work gives a role."""
    try:
        return {name: secret(name).reveal() for name in KEYS}
    except MissingSecretError as missing:
        log.info("no access key, so a role has to be at hand", reason=missing)
        return {}


app = App(deadline_s=DEADLINE_S)
settings = read_settings(Settings)
budget = Budget(
    amount=Decimal(settings.budget_amount).quantize(CENT),
    currency=settings.budget_currency,
    warn_at=settings.warn_at_percent,
)
explorer = Explorer(settings.aws_endpoint_url, keys(), settings.group_by, app.health)
channel = Channel(
    settings.slack_channel, settings.slack_api_url, secret("slack_bot_token"), app.health
)
told = Told(Path.home())
one_at_a_time = threading.Lock()
spent = gauge("cost_month_to_date", "Costs of the month so far.", ("currency",))
expected = gauge("cost_month_forecast", "Expected costs of the whole month.", ("currency",))
posted = counter("budget_messages_total", "Messages about a threshold that was crossed.")


@app.on_start
def check() -> None:
    """Find out early whether Slack knows us and whether there is a key for AWS."""
    channel.check()
    explorer.check()


@app.schedule
@app.manual
def run(_event: Event) -> dict[str, object]:
    """Compare now; a threshold that was told this month is not told again."""
    with one_at_a_time:
        today = date(*time.gmtime()[:3])  # AWS bills by days in UTC
        return compare(in_budget_currency(explorer.month(today)), today)


def in_budget_currency(costs: Costs) -> Costs:
    """Return the costs, unless they cannot be compared with the budget."""
    if costs.currency not in {"", budget.currency}:
        reason = f"costs are in {costs.currency}, the budget is in {budget.currency}"
        app.health.fail("budget", f"{reason}; change budget_currency and budget_amount")
        raise RefusedError(reason)
    app.health.clear("budget")
    return costs


def compare(costs: Costs, today: date) -> dict[str, object]:
    """Tell what was crossed and not told yet, and say where the month stands."""
    now = standing(costs.days, today, budget)
    spent.set(float(now.spent), currency=budget.currency)
    if now.forecast is not None:
        expected.set(float(now.forecast), currency=budget.currency)
    crossed = told.new(now.crossed(), today)
    if crossed:
        channel.post(now.text(costs.groups))
        told.add(crossed, today)
        posted.inc()
    return {
        "status": "told" if crossed else "nothing new",
        "crossed": crossed,
        "spent": str(now.spent),
        "forecast": None if now.forecast is None else f"{now.forecast:.2f}",
        "budget": str(budget.amount),
        "currency": budget.currency,
        "percent": budget.share(now.spent),
    }


if __name__ == "__main__":
    app.serve()
