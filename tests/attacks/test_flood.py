"""Attacks in every field at once, and then every page, list and command: they stay text.

Rows B110, B115, B116 and B117; tests/browser/test_flood.py looks with a browser.
"""

import csv
import io
import re
from collections import Counter
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from httpx2 import Response

from connectory.app.logs import JsonLines
from flooding import CONNECTOR, EVERY, NAMESPACE, VERSION, flood, hostile_bodies
from marketplaces import Marketplace
from payloads import FORMULAS, TEXTS
from walks import HTML, every_route, filled, known_names, on_sqlite, session_of

Seen = list[tuple[str, Response]]  # path and answer

OWN_SCRIPT = re.compile(r"/static/[0-9a-f]+/connectory\.js")


class Running(HTMLParser):
    """Collects what a browser would run or load of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        own = tag == "script" and OWN_SCRIPT.fullmatch(given.get("src") or "")
        if tag in {"script", "iframe", "object", "embed", "base", "style", "img"} and not own:
            self.runs.append(f"<{tag} {attrs}>")
        for name, value in attrs:
            way = re.match(r"\s*([a-z]+):", value or "", re.IGNORECASE)
            if name.startswith("on") or (
                name in {"href", "action", "src"} and _leads_away(way)
            ):
                self.runs.append(f"{tag} {name}={value}")


def _leads_away(scheme: re.Match[str] | None) -> bool:
    return scheme is not None and scheme[1].lower() not in {"https", "http", "mailto"}


def answers(shop: Marketplace) -> Seen:
    """Read every address that can be read, as the admin with a browser and with a program."""
    known = {**known_names(shop), "connector": CONNECTOR, "wanted": CONNECTOR}
    known |= {"version": VERSION, "namespace": NAMESPACE}
    shop.state.stopping.set()
    callers = ({**session_of(shop, "admin"), **HTML}, shop.as_("admin"))
    paths = {
        re.sub(r"\bnone\b", form, filled(route, known))
        for method, route in every_route()
        for form in ("csv", "json", "atom")
        if method == "GET"
    }
    return [
        (path, shop.client.get(path, headers=headers))
        for path in sorted(paths)
        for headers in callers
    ]


@on_sqlite
def test_b110_b115_what_was_written_runs_nowhere_and_breaks_nothing(shop: Marketplace) -> None:
    written = Counter(answer.status_code for answer in flood(shop))

    seen = answers(shop)

    assert written[500] == 0 < written[201]
    broken = {path for path, answer in seen if answer.status_code >= 500}
    assert {path for path in broken if not path.startswith(NO_ADVISORIES)} <= NO_PROCESS
    assert {path: runs for path, answer in seen if (runs := _runs(answer))} == {}
    assert {answer.headers["x-content-type-options"] for _, answer in seen} == {"nosniff"}
    assert _formulas(seen) == []
    assert all(root.tag.endswith("feed") for root in _feeds(seen))
    assert sum("alert(1)" in answer.text for _, answer in seen) > 10, "the flood is not seen"


NO_ADVISORIES = "/osv/v1/vulns/"  # none were imported, so nothing is said of them: 503
NO_PROCESS = {"/api/v1/teams/payments/instances/leads/metrics"}  # nothing runs in this test


def _runs(answer: Response) -> list[str]:
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return []
    page = Running()
    page.feed(answer.text)
    worked_out = str(7 * 7) in re.findall(r">(\d+)<", answer.text) and "{{" not in answer.text
    return [*page.runs, *(["a template ran"] if worked_out else [])]


def _of_type(seen: Seen, media_type: str) -> list[Response]:
    found = [a for _, a in seen if a.headers.get("content-type", "").startswith(media_type)]
    assert found
    return found


def _formulas(seen: Seen) -> list[str]:
    """Return the cells that a spreadsheet would work out."""
    texts = [answer.text.removeprefix("\ufeff") for answer in _of_type(seen, "text/csv")]
    cells = [cell for one in texts for row in csv.reader(io.StringIO(one)) for cell in row]
    assert any("alert(1)" in cell for cell in cells)
    return [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def _feeds(seen: Seen) -> list[ET.Element]:
    feeds = _of_type(seen, "application/atom+xml")
    return [ET.fromstring(feed.content) for feed in feeds]  # noqa: S314  our own answers


@on_sqlite
def test_b116_no_request_writes_a_second_line_into_the_log(
    marketplace: Marketplace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    hostile = 'x\r\n{"level": "info", "msg": "forged"}\x1b[31m'

    marketplace.client.get(
        "/c/" + "".join(f"%{byte:02x}" for byte in hostile.encode()),
        headers={"User-Agent": "x\x1b[31m"},
    )

    lines = [JsonLines().format(record) for record in caplog.records]
    assert any("forged" in line for line in lines)
    assert all(line.isprintable() for line in lines)


@on_sqlite
def test_every_call_with_a_body_is_flooded(shop: Marketplace) -> None:
    document = shop.client.get("/openapi.json").json()

    flooded = {(method, path) for method, path, _ in hostile_bodies(document, TEXTS["script"])}

    assert ("post", "/api/v1/tokens") in flooded
    assert len(flooded) > 8
    assert set(FORMULAS.values()) <= set(EVERY)
