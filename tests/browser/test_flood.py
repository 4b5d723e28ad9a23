"""Attacks in every field, and a browser that visits every page: nothing runs or loads.

It is signed in as the admin, who sees most. The content policy is on, and has nothing to stop.
"""

import re
import socket

import pytest
from playwright.sync_api import Page

from browsing import Tab, Visit
from connectory.access.gate import COOKIE
from flooding import CONNECTOR, NAMESPACE, VERSION, flood
from marketplaces import Marketplace, running
from walks import every_route, filled, known_names, on_sqlite, session_of

pytestmark = pytest.mark.browser


@on_sqlite
def test_b110_no_page_of_a_flooded_marketplace_runs_or_loads_anything(
    visit: Visit, shop: Marketplace
) -> None:
    flood(shop)
    known = {**known_names(shop), "connector": CONNECTOR, "wanted": CONNECTOR}
    known |= {"version": VERSION, "namespace": NAMESPACE}
    key = session_of(shop, "admin")["Cookie"].partition("=")[2]
    paths = sorted(
        filled(route, known)
        for method, route in every_route()
        if method == "GET" and not route.include_in_schema and "{form}" not in route.path
    )
    shop.state.jobs.loops.clear()

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        site = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with running(shop.served, listener):
            tab = Tab(*visit("about:blank"))
            tab.page.context.add_cookies([{"name": COOKIE, "value": key, "url": site}])
            happened = [what for path in paths for what in seen(tab, site, path)]

    assert happened == []
    assert len(paths) > 20


def seen(tab: Tab, site: str, path: str) -> list[str]:
    """Visit a page; return what happened there that should not have."""
    dialogs: list[str] = []

    def note(dialog: object) -> None:
        dialogs.append(f"{path}: {dialog}")

    tab.page.on("dialog", note)
    tab.open(site + path)
    tab.page.remove_listener("dialog", note)
    away = [f"{path}: {url}" for url in tab.requests if not url.startswith(site)]
    return [
        *dialogs,
        *away,
        *(f"{path}: {one}" for one in tab.troubles),
        *_worked_out(tab.page),
    ]


def _worked_out(page: Page) -> list[str]:
    """Say where `{{ 7 * 7 }}` was worked out."""
    text = page.inner_text("body")
    return [page.url] if re.search(r"\b49\b", text) and "{{" not in text else []
