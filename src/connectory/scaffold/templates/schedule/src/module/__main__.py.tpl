"""The connector: it looks, waits, and looks again."""

import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

from connectory_sdk import App, Event, counter, log, read_settings

TIMEOUT_S = 10
MINUTE_S = 60


@dataclass(frozen=True)
class Settings:
    """What a team chooses; the names are those of `inputs` in manifest.yaml."""

    page_url: str = "https://www.example.com/"
    every_minutes: int = 5


app = App()
settings = read_settings(Settings)
looks = counter("looks_total", "Looks at the page.", ("answers",))


@app.on_start
def begin() -> None:
    """Start looking; the thread ends with the process."""
    threading.Thread(target=repeat, daemon=True).start()


def repeat() -> None:
    """Look again and again."""
    while True:
        look()
        time.sleep(settings.every_minutes * MINUTE_S)


@app.manual
def run(_event: Event) -> dict[str, object]:
    """Look once, now."""
    return look()


def look() -> dict[str, object]:
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
    log.info("looked", answers=answers, detail=detail)
    return {"page": settings.page_url, "answers": answers, "detail": detail}


if __name__ == "__main__":
    app.serve()
