"""The connector: a message comes in by HTTP and goes out to Slack."""

from dataclasses import dataclass

from connectory_sdk import App, Event, counter, log, read_settings, secret
from <<module>>.slack import Slack


@dataclass(frozen=True)
class Settings:
    """What a team chooses; the names are those of `inputs` in manifest.yaml."""

    slack_channel: str
    slack_api_url: str = "https://slack.com/api/"


app = App()
settings = read_settings(Settings)
slack = Slack(settings.slack_api_url, secret("slack_bot_token"), app.health)
posted = counter("posted_total", "Messages posted to Slack.")


@app.webhook("/message")
@app.manual
def tell(event: Event) -> dict[str, object]:
    """Post the `text` of the event."""
    slack.post(settings.slack_channel, event.field("text", str))
    posted.inc()
    log.info("posted", channel=settings.slack_channel)
    return {"status": "posted", "channel": settings.slack_channel}


if __name__ == "__main__":
    app.serve()
