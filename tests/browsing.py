"""Opening pages in a real browser."""

from contextlib import ExitStack, closing
from dataclasses import dataclass, field

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
