"""The connector: it looks at a page when its schedule says so."""

import urllib.error
import urllib.request
from dataclasses import dataclass

from connectory_sdk import App, Event, counter, log, read_settings

TIMEOUT_S = 10


@dataclass(frozen=True)
class Settings:
    """What a team chooses; the names are those of `inputs` in manifest.yaml."""

    page_url: str = "https://www.example.com/"


app = App()
settings = read_settings(Settings)
looks = counter("looks_total", "Looks at the page.", ("answers",))


@app.schedule
@app.manual
def look(event: Event) -> dict[str, object]:
    """Look at the page; tell health, metrics, log and caller what was seen."""
    try:
        with urllib.request.urlopen(settings.page_url, timeout=TIMEOUT_S) as answer:
            answers, detail = True, str(answer.status)
    except urllib.error.HTTPError as error:
        answers, detail = False, f"the page answers {error.code}"
    except (OSError, ValueError) as error:
        answers, detail = False, f"the page does not answer: {error}"
    if answers:
        app.health.clear("page")
    else:
        app.health.fail("page", detail)
    looks.inc(answers=str(answers).lower())
    log.info("looked", trigger=event.trigger, answers=answers, detail=detail)
    return {"page": settings.page_url, "answers": answers, "detail": detail}


if __name__ == "__main__":
    app.serve()
