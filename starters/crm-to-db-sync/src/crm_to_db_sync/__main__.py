"""The connector: what changed in the CRM since the last time is written to the database."""

import time
from dataclasses import dataclass

from connectory_sdk import App, Event, counter, gauge, read_settings, secret
from crm_to_db_sync.crm import Crm
from crm_to_db_sync.database import Database
from crm_to_db_sync.sync import Sync


@dataclass(frozen=True)
class Settings:
    """What a team chooses."""

    table: str = "crm_leads"
    crm_api_url: str = "https://api.crm.example.com"


app = App(concurrency=1)
settings = read_settings(Settings)
database = Database(secret("database_url"), settings.table, app.health)
sync = Sync(Crm(settings.crm_api_url, secret("crm_api_key"), app.health), database)
written = counter("leads_written_total", "Leads written to the database, also unchanged ones.")
last = gauge("last_sync_timestamp_seconds", "When the database was last equal to the CRM.")


@app.on_start
def prepare() -> None:
    """Find out early whether both systems know us; make the table, or bring it up to date."""
    database.prepare()
    sync.crm.changed_since("", limit=1)


@app.manual
def run(event: Event) -> dict[str, object]:
    """Write what changed, or with `{"everything": true}` all that the CRM has."""
    began = time.time()
    done = sync.run(everything=event.field("everything", bool, default=False))
    written.inc(done.leads)
    if done.is_complete:
        last.set(began)
    return {"status": "written", "leads": done.leads, "complete": done.is_complete}


if __name__ == "__main__":
    app.serve()
