"""Reviewing in a real browser: with single keys, and with no script at all."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from browsing import Visit
from demos import live_demo
from marketplaces import Marketplace
from reviewing import staff, submit

pytestmark = pytest.mark.browser

CONNECTOR = "bizops/crm-to-slack-v1"
APPROVE = re.compile("^Approve")


@pytest.fixture
def reviewed(tmp_path: Path) -> Iterator[tuple[str, Marketplace]]:
    """The address of a demo with reviewers, where 1.4.0 waits for them."""
    with live_demo(tmp_path / "data") as live:
        served = live.state.served
        shop = Marketplace(served, TestClient(served, base_url="http://127.0.0.1"))
        staff(shop)
        submit(shop, "1.4.0")
        yield live.url, shop


def open_review(page: Page, token: str) -> None:
    """Sign in, and go from the navigation to the review that waits."""
    page.fill("[name=token]", token)
    page.press("[name=token]", "Enter")
    page.get_by_role("link", name=re.compile("Reviews 1 for you")).click()
    page.get_by_role("link", name=f"{CONNECTOR} 1.4.0").click()
    expect(page).to_have_title(re.compile("Review of crm-to-slack-v1 1.4.0"))


def test_roles_sign_with_keys_and_without_script(
    reviewed: tuple[str, Marketplace], visit: Visit
) -> None:
    url, shop = reviewed
    page, troubles = visit(f"{url}/sign-in")
    open_review(page, shop.token("sam"))
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Decide")
    expect(dialog.get_by_role("radio", name="Request changes")).to_be_checked()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("a")
    expect(dialog.get_by_role("radio", name=APPROVE)).to_be_focused()
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Enter")
    expect(page.get_by_text("sam for security Approved")).to_be_visible()

    for who in ("lee", "olu", "pia"):
        plain, _ = visit(f"{url}/sign-in", java_script_enabled=False)
        open_review(plain, shop.token(who))
        plain.get_by_role("link", name="Decide").click()
        plain.get_by_role("radio", name=APPROVE).check()
        plain.get_by_role("button", name="Record the decision").click()
        if "This version is approved" in plain.content():
            break

    page.reload()
    expect(page.get_by_text("This version is approved")).to_be_visible()
    assert troubles == []
