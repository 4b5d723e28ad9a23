"""The whole journey in a real browser against the real command, with and without JavaScript.

Sign in by the printed link, search, look, install for a team, see the steps turn green, see a
lead of the CRM arrive in Slack, read the log and a number, remove, and nothing is left.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from browsing import Visit
from marketplaces import wait_until
from processes import MarketplaceProcess, marketplace_process, traces

INSTANCE = "/t/payments/i/leads"

pytestmark = [pytest.mark.journey, pytest.mark.browser]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[MarketplaceProcess]:
    with marketplace_process(tmp_path / "served") as process:
        yield process.start()


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_from_signing_in_to_nothing_left(
    served: MarketplaceProcess, visit: Visit, *, script: bool
) -> None:
    before = traces(served)
    page, troubles = visit(served.ready["sign_in"], java_script_enabled=script)

    sign_in_and_find(page)
    install(page)
    served.create_lead("Ada")
    wait_until(lambda: any("Ada" in text for text in served.posted()), 5)
    look_at_the_instance(page, served)
    remove(page)

    assert troubles == []
    assert traces(served) == before


def sign_in_and_find(page: Page) -> None:
    page.click("main button[type=submit]")
    page.fill("main input[type=search]", "slack")
    page.press("main input[type=search]", "Enter")
    page.click("main a:has-text('CRM -> Slack New Lead')")
    page.wait_for_selector("main:has-text('post messages to Slack')")
    page.click("main a:has-text('Install')")


def install(page: Page) -> None:
    page.goto(f"{page.url.partition('?')[0]}?team=payments")
    page.fill("main input[name='name']", "leads")
    page.fill("main input[name$='slack_channel']", "#leads")
    page.click("main button:has-text('Preview plan')")
    page.wait_for_selector("main:has-text('Plan for payments/leads')")
    page.click("main button:has-text('Install to payments')")
    page.wait_for_selector("main:has-text('Up and running')", timeout=60_000)
    assert "/operations/op_" in page.url


def look_at_the_instance(page: Page, served: MarketplaceProcess) -> None:
    page.goto(served.ready["url"] + INSTANCE)
    page.wait_for_selector("main:has-text('Healthy')")
    assert "posted" in page.content()
    assert "connector_runs_total" in page.content()


def remove(page: Page) -> None:
    page.click("main a:has-text('Remove')")
    page.fill("main form input:not([type=hidden])", "leads")
    page.click("main button:has-text('Remove leads')")
    page.wait_for_selector("main:has-text('Succeeded')", timeout=60_000)
