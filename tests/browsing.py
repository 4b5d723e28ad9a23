"""Opening pages in a real browser."""

from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOKS = (Path(__file__).parent / "browser/looks.js").read_text()


def asked(page: Page, question: str) -> object:
    """Ask a page one of the questions of looks.js."""
    return page.evaluate(f"{LOOKS.strip()}.{question}()")


@dataclass
class Visit:
    """Opens pages, each in a browser context of its own, and closes them after the test."""

    browser: Browser
    _open: ExitStack = field(default_factory=ExitStack)

    def __call__(self, url: str, **options: object) -> tuple[Page, list[str]]:
        """Open a page; the list collects script errors and what the content policy reports."""
        context = self.browser.new_context(reduced_motion="reduce", **options)
        self._open.enter_context(closing(context))
        page, troubles = context.new_page(), []

        def note(said: ConsoleMessage) -> None:
            if said.type == "error" and "Failed to load resource" not in said.text:
                troubles.append(said.text)

        page.on("console", note)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(url)
        page.wait_for_load_state("load")
        return page, troubles

    def close(self) -> None:
        """Close every page."""
        self._open.close()


@dataclass
class Tab:
    """One page that shows one address after the other; far quicker than a new one each time."""

    page: Page
    troubles: list[str]
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note every address that is asked for."""
        self.page.on("request", lambda request: self.requests.append(request.url))

    def open(self, url: str) -> None:
        """Go there, and forget what went wrong before."""
        self.page.goto("about:blank")  # else another fragment of the same page loads nothing
        self.troubles.clear()
        self.requests.clear()
        self.page.goto(url)
