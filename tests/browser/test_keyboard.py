"""Everything by keyboard alone: the whole journey, the single keys, the palette.

Nothing here clicks, and nothing puts the focus anywhere: keys are pressed, and after each step
through the page the focus is seen and nothing lies above it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from browsing import Visit, asked
from demos import live_demo
from marketplaces import LiveServer, Marketplace
from releases import publish

pytestmark = pytest.mark.browser

SLOW_MS = 60_000
MOST_TABS = 120
NEWER = "1.3.1"
CONNECTOR = "/c/bizops/crm-to-slack-v1"
NAME_OF_FOCUS = """() => {
  const one = document.activeElement;
  const label = one.labels?.[0] ?? one;
  return (one.getAttribute("aria-label") ?? label.textContent).replace(/\\s+/g, " ").trim();
}"""


def reach(page: Page, name: str) -> None:
    """Press Tab until something of this name has the focus; on the way it is always seen."""
    passed = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(NAME_OF_FOCUS))
        assert asked(page, "isFocusSeen"), passed[-1]
        if re.fullmatch(name, passed[-1]):
            return
    raise AssertionError(f"{name} has no focus among {passed}")


def follow(page: Page, name: str) -> None:
    reach(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def fill(page: Page, name: str, text: str) -> None:
    reach(page, name)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def press(page: Page, keys: str, title: str) -> None:
    """Press single keys that lead to another page."""
    page.keyboard.type(keys)
    expect(page).to_have_title(re.compile(title))
    page.wait_for_load_state()  # what listens to keys is there


def sign_in(page: Page, server: LiveServer) -> None:
    fill(page, "Access token", server.tokens["max"])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("Home"))


@pytest.fixture
def upgradable(tmp_path: Path) -> Iterator[LiveServer]:
    """A demo of its own, with a version that an instance of 1.3.0 can be upgraded to."""
    with live_demo(tmp_path / "data") as live:
        served = live.state.served
        publish(Marketplace(served, TestClient(served, base_url="http://127.0.0.1")), NEWER)
        yield live


def test_u2_the_whole_journey_needs_no_mouse(visit: Visit, upgradable: LiveServer) -> None:
    page, troubles = visit(f"{upgradable.url}/sign-in")

    sign_in(page, upgradable)
    fill(page, "Search connectors", "crm")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    follow(page, "CRM -> Slack New Lead")
    expect(page.get_by_role("heading", name="Before you install")).to_be_visible()
    follow(page, r"Versions \d")
    follow(page, "1.3.0")
    follow(page, "Install")
    fill(page, "Instance name", "typed")
    follow(page, "Preview plan")
    expect(page.get_by_role("heading", name="Plan for payments/typed")).to_be_visible()
    follow(page, "Install to payments")
    expect(page.get_by_text("Up and running")).to_be_visible(timeout=SLOW_MS)
    follow(page, "Open payments/typed")
    expect(page.get_by_role("main").get_by_text("Healthy", exact=True)).to_be_visible()
    follow(page, f"Upgrade to {NEWER}")
    follow(page, f"Change to {NEWER}")
    expect(page.get_by_text("Succeeded", exact=True)).to_be_visible(timeout=SLOW_MS)
    follow(page, "Open payments/typed")
    follow(page, "Remove")
    fill(page, "Type typed to confirm.*", "typed")
    follow(page, "Remove typed")
    expect(page.get_by_text("nothing of it is left")).to_be_visible(timeout=SLOW_MS)

    assert troubles == []


def test_single_keys_go_where_they_say(visit: Visit, live_server: LiveServer) -> None:
    page, troubles = visit(f"{live_server.url}/sign-in")
    sign_in(page, live_server)

    press(page, "gc", "Catalog")
    page.goto(f"{live_server.url}/connectors?status=approved")
    press(page, "jjki", "Install")
    press(page, "gr", "Operations")
    press(page, "gt", "[Pp]ayments")
    page.keyboard.type("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("gc?")

    assert page.locator("#q").input_value().endswith("gc?")
    assert troubles == []


def test_single_keys_can_be_turned_off_and_stay_off(
    visit: Visit, live_server: LiveServer
) -> None:
    page, _ = visit(f"{live_server.url}{CONNECTOR}")

    page.keyboard.press("?")
    found = Axe().run(page).response["violations"]
    assert page.evaluate(NAME_OF_FOCUS) == "Use single keys"
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.type("gc/")

    expect(page).to_have_url(f"{live_server.url}{CONNECTOR}")
    assert page.evaluate("document.activeElement.id") != "q"
    assert not page.locator("#keys").is_visible()
    assert found == []


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [("Catalog", "/connectors"), ("slack alerts", "/c/bizops/slack-alerts")],
    ids=["page", "connector"],
)
def test_the_palette_leads_anywhere(
    visit: Visit, live_server: LiveServer, typed: str, leads_to: str
) -> None:
    page, troubles = visit(f"{live_server.url}/docs")

    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type(typed)
    chosen = page.get_by_role("option", selected=True)
    expect(chosen).to_have_text(re.compile(typed, re.IGNORECASE))
    found = Axe().run(page).response["violations"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")

    expect(page).to_have_url(live_server.url + leads_to)
    assert found == []
    assert troubles == []


def test_escape_closes_the_palette_and_gives_the_focus_back(
    visit: Visit, live_server: LiveServer
) -> None:
    page, _ = visit(f"{live_server.url}/docs")
    reach(page, "Catalog")

    page.keyboard.press("ControlOrMeta+k")
    expect(page.get_by_role("combobox", name="Go to")).to_be_focused()
    page.keyboard.press("Escape")

    assert page.evaluate(NAME_OF_FOCUS) == "Catalog"
