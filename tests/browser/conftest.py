"""A real Chromium: that of CONNECTORY_TEST_CHROMIUM, else /usr/bin/chromium."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from browsing import ARGUMENTS, Visit

CHROMIUM = os.environ.get("CONNECTORY_TEST_CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser. Its loop is in this thread, so it ends before other modules begin theirs."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: pages were not tried in a browser")
    with sync_playwright() as starter:
        browser = starter.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Open pages that are closed after the test."""
    visit = Visit(chromium)
    yield visit
    visit.close()
