"""The connector: two triggers, one setting, one counter."""

from dataclasses import dataclass

from connectory_sdk import App, Event, counter, log, read_settings


@dataclass(frozen=True)
class Settings:
    """What a team chooses; the names are those of `inputs` in manifest.yaml."""

    greeting: str = "Hello"


app = App()
settings = read_settings(Settings)
greeted = counter("greeted_total", "People greeted.")


@app.webhook("/greet")
@app.manual
def greet(event: Event) -> dict[str, object]:
    """Greet the `name` of the event."""
    name = event.field("name", str)
    greeted.inc()
    log.info("greeted")
    return {"said": f"{settings.greeting}, {name}!"}


if __name__ == "__main__":
    app.serve()
