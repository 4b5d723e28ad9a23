"""The wizard in a real browser: what script adds, and that every step has no finding."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from browsing import Visit
from connectory.publishing.wizard import STEPS
from marketplaces import LiveServer

pytestmark = pytest.mark.browser


@pytest.fixture
def first_step(visit: Visit, live_server: LiveServer) -> Page:
    """A new draft of a member, with its first step open."""
    page, troubles = visit(f"{live_server.url}/sign-in")
    page.get_by_label("Access token").fill(live_server.tokens["max"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_title(re.compile("Home"))
    page.goto(f"{live_server.url}/new")
    page.get_by_role("radio", name="Webhook to slack").check()
    page.get_by_role("button", name="Begin").click()
    assert not troubles
    return page


def test_a_field_is_checked_while_it_is_filled_in(first_step: Page) -> None:
    page = first_step

    page.get_by_label("Id", exact=True).fill("Ship Alerts")
    expect(page.locator("#f-id-error")).to_contain_text(
        "use a-z, 0-9 and hyphens", ignore_case=True
    )
    expect(page.locator("#f-id")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-check-said]")).to_have_text("1 to put right")
    expect(page.locator("#f-name-error")).to_have_count(0)  # nobody was there yet

    page.get_by_label("Id", exact=True).fill("ship-alerts")
    expect(page.locator("#f-id-error")).to_be_hidden()
    expect(page.locator("[data-check-said]")).to_have_text("Nothing to put right here")


def test_enter_goes_on_and_no_step_has_a_finding(first_step: Page) -> None:
    page = first_step
    page.get_by_label("Id", exact=True).fill("ship-alerts")
    page.get_by_label("Description").fill("Tells what left")
    page.get_by_label("Name", exact=True).fill("Ship alerts")

    page.get_by_label("Name", exact=True).press("Enter")

    for step in STEPS[1:]:
        expect(page.get_by_role("heading", level=1)).to_have_text(step.title)
        found = Axe().run(page)
        assert not found.response["violations"], found.generate_report()
        page.get_by_role("button", name="Save and continue").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review")
