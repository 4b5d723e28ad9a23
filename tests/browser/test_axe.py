"""Every page in a real browser: no accessibility finding, no sideways scrolling."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe

from browsing import Visit
from connectory.app.frame import POLICY
from connectory.web.assets import ASSETS
from connectory.web.render import Frame, render
from connectory.web.samples.pages import PAGES
from connectory.web.samples.present import NOW

TABS = {
    "connector": ["permissions", "cost", "versions", "runbook", "source"],
    "instance": ["logs", "metrics", "settings", "activity"],
    "team": ["members", "secrets", "defaults", "activity"],
    "search": ["filters"],
}
VIEWS = [*PAGES, *(f"{page}#{tab}" for page, tabs in TABS.items() for tab in tabs)]

pytestmark = pytest.mark.browser


class Samples(BaseHTTPRequestHandler):
    """Serves the sample pages and the static files under the real policy."""

    def do_GET(self) -> None:
        name = self.path.partition("?")[0].rpartition("/")[2]
        if name in ASSETS.files:
            self._send(200, ASSETS.files[name].media_type, ASSETS.files[name].plain)
        elif name in PAGES:
            frame = Frame(NOW, account="max", teams=("payments", "bizops"))
            self._send(200, "text/html; charset=utf-8", render(PAGES[name](), frame).encode())
        else:
            self._send(204, "text/event-stream", b"")  # tells an EventSource to stop

    def log_message(self, *_: object) -> None:
        """Keep the test's output free of an access log."""

    def _send(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Samples)
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.05))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(visit: Visit, site: str, view: str) -> None:
    page, troubles = visit(
        f"{site}/{view}", color_scheme="light", viewport={"width": 1280, "height": 900}
    )

    light = Axe().run(page)
    page.emulate_media(color_scheme="dark")
    dark = Axe().run(page, options={"runOnly": ["color-contrast"]})

    assert not light.response["violations"], light.generate_report()
    assert not dark.response["violations"], dark.generate_report()
    assert not troubles


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_fits_320_pixels(visit: Visit, site: str, view: str) -> None:
    page, _ = visit(f"{site}/{view}", viewport={"width": 320, "height": 640})

    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert beyond <= 0


def test_the_theme_button_changes_the_page_without_loading_it(visit: Visit, site: str) -> None:
    page, _ = visit(f"{site}/home", color_scheme="light")

    page.get_by_role("button", name="Theme").click()
    page.get_by_role("button", name="Theme").click()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("document.cookie") == "connectory_theme=dark"


def test_a_slash_moves_to_the_search_field(visit: Visit, site: str) -> None:
    page, _ = visit(f"{site}/connector")

    page.keyboard.press("/")

    assert page.evaluate("document.activeElement.id") == "q"


def test_an_error_summary_has_the_focus(visit: Visit, site: str) -> None:
    page, _ = visit(f"{site}/install-refused")

    assert page.evaluate("document.activeElement.className") == "error-summary"


def test_tabs_work_without_script(visit: Visit, site: str) -> None:
    page, _ = visit(f"{site}/connector#versions", java_script_enabled=False)

    assert page.locator("#versions").is_visible()
    assert not page.locator("#overview").is_visible()
