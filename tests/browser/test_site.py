"""The journey of a member in a real browser, with and without script."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from browsing import Visit
from marketplaces import LiveServer

pytestmark = pytest.mark.browser

SLOW_MS = 60_000
PAGES = [
    "/",
    "/connectors?q=slack",
    "/c/bizops/crm-to-slack-v1",
    "/c/bizops/crm-to-slack-v1@1.3.0/install",
    "/t/payments",
    "/operations",
    "/me",
    "/api/docs",
    "/docs",
    "/docs/errors",
    "/no/such/page",
]


def signed_in(visit: Visit, server: LiveServer, **options: object) -> Page:
    page, troubles = visit(f"{server.url}/sign-in", **options)
    page.get_by_label("Access token").fill(server.tokens["max"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_title(re.compile("Home"))
    assert not troubles
    return page


def install(page: Page, server: LiveServer, name: str) -> None:
    page.goto(f"{server.url}/c/bizops/crm-to-slack-v1")
    page.get_by_role("main").get_by_role("link", name="Install").click()
    page.get_by_label("Instance name").fill(name)
    page.get_by_role("button", name="Preview plan").click()
    expect(page.get_by_role("heading", name=f"Plan for payments/{name}")).to_be_visible()
    page.get_by_role("button", name="Install to payments").click()
    expect(page.get_by_text("Up and running")).to_be_visible(timeout=SLOW_MS)


def remove(page: Page, name: str) -> None:
    page.get_by_role("link", name="Remove").click()
    page.get_by_label(f"Type {name} to confirm").fill(name)
    page.get_by_role("button", name=f"Remove {name}").click()
    expect(page.get_by_text("has stopped and nothing of it is left")).to_be_visible(
        timeout=SLOW_MS
    )


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_member_installs_looks_and_removes(
    visit: Visit, live_server: LiveServer, *, script: bool
) -> None:
    name = "seen" if script else "plain"
    page = signed_in(visit, live_server, java_script_enabled=script)

    install(page, live_server, name)
    page.get_by_role("link", name=f"Open payments/{name}").click()
    expect(page.get_by_role("main").get_by_text("Healthy", exact=True)).to_be_visible()
    page.get_by_role("link", name="Logs").click()
    expect(page.get_by_role("log")).to_contain_text("listening")
    remove(page, name)


def test_a_log_follows_without_a_line_twice(visit: Visit, live_server: LiveServer) -> None:
    page = signed_in(visit, live_server)
    install(page, live_server, "followed")

    page.goto(f"{live_server.url}/t/payments/i/followed#logs")
    page.wait_for_timeout(1500)

    ids = page.locator(".log-line").evaluate_all("lines => lines.map(line => line.id)")
    assert len(ids) == len(set(ids)) > 0
    remove(page, "followed")


def test_results_follow_what_is_typed(visit: Visit, live_server: LiveServer) -> None:
    page, troubles = visit(f"{live_server.url}/connectors")

    page.get_by_label("Search connectors").press_sequentially("lead")

    expect(page.get_by_text(re.compile("connectors? for “lead”"))).to_be_visible()
    expect(page).to_have_url(f"{live_server.url}/connectors?q=lead")
    assert page.evaluate("document.activeElement.id") == "q"
    assert not troubles


def test_a_filter_works_by_keyboard(visit: Visit, live_server: LiveServer) -> None:
    page, _ = visit(f"{live_server.url}/connectors")

    page.get_by_label(re.compile("^crm"), exact=False).first.focus()
    page.keyboard.press("Space")

    expect(page.get_by_text(re.compile(r"^\d connectors?$"))).to_be_visible()
    expect(page.get_by_role("link", name="Remove filter")).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_on_real_pages(
    visit: Visit, live_server: LiveServer, path: str
) -> None:
    page = signed_in(visit, live_server, viewport={"width": 320, "height": 640})

    page.goto(live_server.url + path)
    found = Axe().run(page)

    assert not found.response["violations"], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
