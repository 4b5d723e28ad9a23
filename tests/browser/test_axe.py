"""Every page, in every state it can be in, in a real browser: nobody is shut out.

The views are made from the list of sample pages: each as it is, at each of its tabs, with
nothing in its lists, with troubles, for somebody who may do nothing, and while a part of it
loads. A new page is looked at without a change here, and one without a sample fails.
"""

import dataclasses
import importlib
import pkgutil
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from browsing import Tab, Visit, asked
from connectory.app.frame import POLICY
from connectory.web import pages
from connectory.web.assets import ASSETS
from connectory.web.failures import TITLES, error_page
from connectory.web.parts import Trouble
from connectory.web.render import ENGINE, Frame, render
from connectory.web.samples.pages import PAGES
from connectory.web.samples.present import NOW

MEMBER = Frame(NOW, account="max", teams=("payments", "bizops"))
TROUBLES = (Trouble("The name is taken", "Choose another one.", "f-name"),)
FIXED = {"steps"}  # what a page always has some of
SCOPE = {"type": "http", "path": "/c/nothing", "headers": []}
FULL = {"resultTypes": ["violations"]}
LOOKS = {**FULL, "runOnly": ["color-contrast", "target-size"]}  # what width and theme change
FEW, ALL = (
    [(320, "light", FULL), (1280, "dark", LOOKS)],
    [
        (width, theme, FULL if theme == "light" else LOOKS)
        for width, theme in product((1280, 768, 320), ("light", "dark"))
    ],
)

View = Callable[[], str]
Way = tuple[int, str, dict[str, list[str]]]  # width in px, theme, options of axe

pytestmark = pytest.mark.browser


def views() -> Iterator[tuple[str, View]]:
    """Yield every view by name."""
    for name, sample in PAGES.items():
        page = sample()
        for state, changed in states(page):
            yield f"{name}{state}", partial(render, changed, MEMBER)
        yield f"{name}:visitor", partial(render, page, Frame(NOW))
    for status in TITLES:
        problem = {"status": status, "title": "x", "code": "x", "detail": "x", "hint": "x"}
        yield f"failure:{status}", partial(error_page, problem, (), SCOPE)


def states(page: object) -> Iterator[tuple[str, object]]:
    """Yield a page as it is and in the states that its fields can bring about."""
    fields = {one.name: getattr(page, one.name) for one in dataclasses.fields(page)}
    lists = {n for n, value in fields.items() if isinstance(value, tuple)} - FIXED
    rights = {name: False for name in fields if name.startswith(("may_", "can_"))}
    yield "", page
    if lists:
        yield ":empty", dataclasses.replace(page, **dict.fromkeys(lists, ()))
    if rights:
        yield ":denied", dataclasses.replace(page, **rights)
    if "troubles" in fields:
        yield ":error", dataclasses.replace(page, troubles=TROUBLES)
    if "trouble" in fields:
        yield ":error", dataclasses.replace(page, trouble=TROUBLES[0])


VIEWS = dict(views())
FIRST = {type(sample()): name for name, sample in reversed(PAGES.items())}.values()
TABS = [
    f"{name}#{tab}"
    for name in FIRST
    if name != "patterns"  # its tabs are a picture of tabs
    for bar in re.findall(r"<nav[^>]*data-tabs.*?</nav>", VIEWS[name](), re.DOTALL)
    for tab in re.findall(r'href="#([\w-]+)"', bar)[1:]
]
LOADING = [f"{name}:loading" for name in PAGES if "data-live" in VIEWS[name]()]
SHOWN = [*PAGES, *TABS]
USUAL = [v if v in FIRST else pytest.param(v, marks=pytest.mark.full) for v in SHOWN]
DERIVED = [*(name for name in VIEWS if name not in PAGES), *LOADING]


class Samples(BaseHTTPRequestHandler):
    """Serves the views and the static files under the real policy."""

    def do_GET(self) -> None:
        name = self.path.partition("?")[0].rpartition("/")[2].removesuffix(":loading")
        if name in ASSETS.files:
            self._send(200, ASSETS.files[name].media_type, ASSETS.files[name].plain)
        elif name in VIEWS:
            self._send(200, "text/html; charset=utf-8", VIEWS[name]().encode())
        else:
            self._send(204, "text/event-stream", b"")  # tells an EventSource to stop

    def log_message(self, *_: object) -> None:
        """Keep the test's output free of an access log."""

    def _send(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "max-age=60")
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


@pytest.fixture(scope="module")
def tab(chromium: Browser) -> Iterator[Tab]:
    """One tab for all views: they keep nothing from each other."""
    visit = Visit(chromium)
    yield Tab(*visit("about:blank"))
    visit.close()


def test_every_kind_of_page_has_a_sample() -> None:
    modules = [
        importlib.import_module(f"{pages.__name__}.{one.name}")
        for one in pkgutil.iter_modules(pages.__path__)
    ]
    kinds = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and isinstance(vars(kind).get("template"), str)
    }

    assert {kind.__name__ for kind in kinds} == {type(PAGES[name]()).__name__ for name in PAGES}
    assert all(ENGINE.get_template(kind.template) for kind in kinds)


@pytest.mark.parametrize("view", SHOWN)
def test_axe_finds_nothing(tab: Tab, site: str, view: str) -> None:
    look_at(tab, site, view, FEW)


@pytest.mark.full
@pytest.mark.parametrize("view", [*SHOWN, *DERIVED])
def test_u1_axe_finds_nothing_in_any_state_width_or_theme(
    tab: Tab, site: str, view: str
) -> None:
    look_at(tab, site, view, ALL)


def look_at(tab: Tab, site: str, view: str, ways: Iterable[Way]) -> None:
    """Look at a view in several ways; fail for whatever axe, the policy or a ruler finds."""
    tab.open(f"{site}/{view}")
    if view in LOADING:
        tab.page.evaluate("document.querySelector('#results, #live').ariaBusy = 'true'")

    found, beyond = [], {}
    for width, theme, rules in ways:
        tab.page.set_viewport_size({"width": width, "height": 900})
        tab.page.emulate_media(color_scheme=theme)
        found += Axe().run(tab.page, options=rules).response["violations"]
        beyond[width] = overflow(tab.page)

    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert max(beyond.values()) <= 0, beyond
    assert tab.troubles == []
    assert {url for url in tab.requests if not url.startswith(site)} == set()


@pytest.mark.parametrize("view", USUAL)
def test_a_page_bears_zoom_wide_text_and_forced_colours(tab: Tab, site: str, view: str) -> None:
    tab.open(f"{site}/{view}")

    tab.page.set_viewport_size({"width": 640, "height": 450})  # 1280 x 900 at 200 %
    zoomed = overflow(tab.page)
    tab.page.emulate_media(color_scheme="light", forced_colors="active")
    bare = asked(tab.page, "withoutBorder")
    tab.page.emulate_media(forced_colors="none")
    tab.page.set_viewport_size({"width": 320, "height": 640})
    asked(tab.page, "spaceText")

    assert zoomed <= 0
    assert bare == []
    assert overflow(tab.page) <= 0
    assert asked(tab.page, "cutOff") == []


@pytest.mark.parametrize("view", USUAL)
@pytest.mark.parametrize("width", [1280, pytest.param(320, marks=pytest.mark.full)])
def test_what_has_the_focus_is_seen(tab: Tab, site: str, view: str, width: int) -> None:
    tab.page.set_viewport_size({"width": width, "height": 600})
    tab.open(f"{site}/{view}")
    tab.page.keyboard.press("Tab")  # from now on the browser shows where the focus is

    hidden = asked(tab.page, "unseenFocus")

    assert hidden == []


def overflow(page: Page) -> int:
    """Return the pixels that a page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wide


def test_the_theme_button_changes_the_page_without_loading_it(visit: Visit, site: str) -> None:
    page, _ = visit(f"{site}/home", color_scheme="light")

    page.get_by_role("button", name="Theme").click()
    page.get_by_role("button", name="Theme").click()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("document.cookie") == "connectory_theme=dark"


def test_an_error_summary_has_the_focus(visit: Visit, site: str) -> None:
    page, _ = visit(f"{site}/install-refused")

    assert page.evaluate("document.activeElement.className") == "error-summary"


def test_tabs_work_without_script(visit: Visit, site: str) -> None:
    page, _ = visit(f"{site}/connector#versions", java_script_enabled=False)

    assert page.locator("#versions").is_visible()
    assert not page.locator("#overview").is_visible()
