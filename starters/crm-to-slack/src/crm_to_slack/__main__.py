"""The connector: the CRM tells of a new lead, a message goes out to Slack."""

from dataclasses import dataclass

from connectory_sdk import App, Event, RefusedError, counter, hook_url, read_settings, secret
from crm_to_slack.channel import Channel
from crm_to_slack.crm import Crm, Lead
from crm_to_slack.once import Once

TRIGGER = "/lead"


@dataclass(frozen=True)
class Settings:
    """What a team chooses."""

    slack_channel: str
    slack_api_url: str = "https://slack.com/api/"
    crm_api_url: str = "https://api.crm.example.com"


app = App()
settings = read_settings(Settings)
crm = Crm(settings.crm_api_url, secret("crm_api_key"), app.health)
channel = Channel(
    settings.slack_channel, settings.slack_api_url, secret("slack_bot_token"), app.health
)
events = Once()
posted = counter("leads_posted_total", "Leads posted to Slack.")
repeated = counter("events_repeated_total", "Deliveries of an event that was handled before.")


@app.on_start
def subscribe() -> None:
    """Find out early whether both systems know us, and ask the CRM to tell of new leads."""
    channel.check()
    crm.subscribe(hook_url(TRIGGER))


@app.on_remove
def unsubscribe() -> None:
    """Leave nothing of this instance in the CRM."""
    crm.unsubscribe(hook_url(TRIGGER))


@app.webhook(TRIGGER)
def tell(event: Event) -> dict[str, object]:
    """Post the lead of a `lead.created` event, once."""
    lead_id = event.field("lead_id", str)
    with events.claim(event.field("id", str, lead_id)) as is_new:
        if not is_new:
            repeated.inc()
            return {"status": "posted before", "lead": lead_id}
        return post(crm.lead(lead_id))


@app.manual
def run(event: Event) -> dict[str, object]:
    """Post the lead with the given `lead_id`, or the newest one."""
    lead_id = event.field("lead_id", str, "newest")
    lead = crm.newest() if lead_id == "newest" else crm.lead(lead_id)
    if lead is None:
        raise RefusedError("the CRM has no leads yet")
    return post(lead)


def post(lead: Lead) -> dict[str, object]:
    """Post one lead and count it."""
    channel.post(lead.text())
    posted.inc()
    return {"status": "posted", "slack_channel": channel.name, "lead": lead.id}


if __name__ == "__main__":
    app.serve()
