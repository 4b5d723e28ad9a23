"""The connector: alerts come in by HTTP, PagerDuty tells whoever is on call."""

from dataclasses import dataclass

from connectory_sdk import App, Event, counter, read_settings, secret
from pagerduty_notify.alerts import Alert, read
from pagerduty_notify.pagerduty import PagerDuty


@dataclass(frozen=True)
class Settings:
    """What a team chooses."""

    pagerduty_api_url: str = "https://events.pagerduty.com/v2/enqueue"


app = App()
name = app.instance or "pagerduty-notify"
pagerduty = PagerDuty(
    read_settings(Settings).pagerduty_api_url, secret("pagerduty_routing_key"), name, app.health
)
sent = counter("events_sent_total", "Events that PagerDuty took.", ("action",))


@app.on_start
def check() -> None:
    """Find out early whether PagerDuty knows us."""
    pagerduty.check()


@app.webhook("/alert")
def alert(event: Event) -> dict[str, object]:
    """Send what an Alertmanager says, or one alert of our own form (see README.md)."""
    return send(read(event.body, name))


@app.manual
def run(event: Event) -> dict[str, object]:
    """Send the given alert, or without one a test alert that ends at once."""
    return send(read(event.body, name) if event.body else rehearsal())


def rehearsal() -> list[Alert]:
    """Return the beginning and the end of an alert that is none."""
    told = {"summary": f"Test alert of {name}", "severity": "info", "dedup_key": f"test/{name}"}
    return [*read(told, name), *read({**told, "action": "resolve"}, name)]


def send(alerts: list[Alert]) -> dict[str, object]:
    """Send alerts in their order and count them; sending all again after a failure is safe."""
    for one in alerts:
        pagerduty.send(one)
        sent.inc(action=one.action)
    return {"status": "sent", "dedup_keys": [one.dedup_key for one in alerts]}


if __name__ == "__main__":
    app.serve()
