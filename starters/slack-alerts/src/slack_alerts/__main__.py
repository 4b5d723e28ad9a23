"""The connector: an alert comes in by HTTP, a message goes out to Slack."""

from dataclasses import dataclass

from connectory_sdk import App, Event, RefusedError, counter, read_settings, secret
from slack_alerts.channel import Channel

LONGEST_TEXT = 3_000  # characters
MARKS = {"info": ":information_source:", "warning": ":warning:", "critical": ":rotating_light:"}


@dataclass(frozen=True)
class Settings:
    """What a team chooses."""

    slack_channel: str
    slack_api_url: str = "https://slack.com/api/"


app = App()
settings = read_settings(Settings)
channel = Channel(
    settings.slack_channel, settings.slack_api_url, secret("slack_bot_token"), app.health
)
posted = counter("alerts_posted_total", "Alerts posted to Slack.", ("severity",))


@app.on_start
def check() -> None:
    """Find out early whether Slack knows us."""
    channel.check()


@app.webhook("/alert")
def alert(event: Event) -> dict[str, object]:
    """Post `{"text": ..., "severity": "info", "warning" or "critical"}`."""
    return post(event.field("text", str), event.field("severity", str, "info"))


@app.manual
def run(event: Event) -> dict[str, object]:
    """Post the given alert, or a test message when there is none."""
    text = event.field("text", str, f"Test alert of {app.instance or 'slack-alerts'}")
    return post(text, event.field("severity", str, "info"))


def post(text: str, severity: str) -> dict[str, object]:
    """Post one alert and count it."""
    if severity not in MARKS:
        raise RefusedError(f"severity is one of {', '.join(MARKS)}")
    if len(text) > LONGEST_TEXT:
        raise RefusedError(f"text has up to {LONGEST_TEXT} characters")
    channel.post(f"{MARKS[severity]} {text}")
    posted.inc(severity=severity)
    return {"status": "posted", "slack_channel": channel.name}


if __name__ == "__main__":
    app.serve()
