"""Lists as CSV, JSON and Atom."""

import csv
import io
import json
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from connectory.web.sheets import ATOM, Entry, Form, Sheet, answer
from marketplaces import Marketplace

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
WHEN = "2026-11-24T09:00:00.000Z"
SITE = "https://connectors.example.com"
FORMULAS = ["=HYPERLINK(1)", "+1", "-2", "@x", "\tx", "\rx"]
NAME = f"{{{ATOM}}}"


def sheet(*values: object) -> Sheet:
    entries = tuple(Entry(f"e/{n}", (v,), str(v), f"/e/{n}", NOW) for n, v in enumerate(values))
    return Sheet("Things", "/things", "/things.atom", ("value",), entries)


def text(found: Sheet, form: Form) -> str:
    return answer(found, form, site=SITE, now=NOW).body.decode("utf-8-sig")


def cells(found: Sheet) -> list[str]:
    return [row["value"] for row in csv.DictReader(io.StringIO(text(found, Form.CSV), ""))]


@pytest.mark.parametrize("value", FORMULAS, ids=lambda _: "B115")
def test_a_text_that_begins_like_a_formula_is_no_formula(value: str) -> None:
    assert cells(sheet(value)) == [f"'{value}"]


def test_b115_numbers_stay_numbers_and_come_back_equal() -> None:
    plain = ["a,b", 'say "x"', "two\nlines", "\u00e4\u2713"]

    assert cells(sheet(-5, 1.5, None, NOW)) == ["-5", "1.5", "", WHEN]
    assert cells(sheet(*plain)) == plain


def test_json_has_the_columns_by_name() -> None:
    assert json.loads(text(sheet("=1", 2, None), Form.JSON)) == {
        "items": [{"value": "=1"}, {"value": 2}, {"value": None}]
    }


def test_a_feed_has_all_that_rfc_4287_asks_for() -> None:
    feed = ET.fromstring(text(sheet("<b> & \x00", "two"), Form.ATOM))  # noqa: S314  our own

    assert feed.tag == f"{NAME}feed"
    for part in (feed, *feed.findall(f"{NAME}entry")):
        for needed in ("id", "title", "updated"):
            assert part.findtext(f"{NAME}{needed}"), needed
    assert feed.findtext(f"{NAME}author/{NAME}name")
    assert feed.find(f"{NAME}link[@rel='self']").get("href") == f"{SITE}/things.atom"
    entry = feed.find(f"{NAME}entry")
    assert entry.findtext(f"{NAME}title") == "<b> & \N{REPLACEMENT CHARACTER}"
    assert entry.find(f"{NAME}link").get("href") == f"{SITE}/e/0"


def test_ids_of_a_feed_are_unique_and_an_empty_one_is_whole() -> None:
    full = ET.fromstring(text(sheet("a", "b"), Form.ATOM))  # noqa: S314  our own
    empty = ET.fromstring(text(sheet(), Form.ATOM))  # noqa: S314  our own

    ids = [one.text for one in full.iter(f"{NAME}id")]
    assert len(ids) == len(set(ids)) == 3
    assert empty.findtext(f"{NAME}updated") == WHEN


PUBLIC = ["/connectors", "/c/bizops/crm-to-slack-v1/versions"]
TEAMS = ["/operations", "/t/payments/instances", "/t/payments/activity"]


@pytest.mark.parametrize("path", [*PUBLIC, *TEAMS])
def test_every_list_can_be_had_in_every_form(site: Marketplace, path: str) -> None:
    for form, kind in (("csv", "text/csv"), ("json", "application/json"), ("atom", "atom+xml")):
        done = site.client.get(f"{path}.{form}", headers=site.as_("max"))

        assert done.status_code == 200, path
        assert kind in done.headers["Content-Type"]
        assert "ETag" in done.headers


@pytest.mark.parametrize("path", TEAMS)
def test_b77_a_list_in_another_form_needs_the_same_rights(site: Marketplace, path: str) -> None:
    anonymous = site.client.get(f"{path}.csv")
    other = site.client.get(f"{path}.csv", headers=site.as_("ana"))

    assert anonymous.status_code == 401
    if other.status_code == 200:
        assert other.text.count("\n") == 1, "the heads of its columns alone"
    else:
        assert (other.status_code, other.json()["code"]) == (404, "team-missing")


def test_the_list_of_a_search_has_what_the_search_finds(site: Marketplace) -> None:
    found = site.client.get("/connectors.json", params={"q": "new lead", "page": 3}).json()[
        "items"
    ]

    assert [one["id"] for one in found] == ["crm-to-slack-v1"]
    assert site.client.get("/connectors.csv", params={"tag": "none"}).text.count("\n") == 1


def test_pages_name_their_other_forms(site: Marketplace) -> None:
    for path in (
        "/connectors?q=lead",
        "/c/bizops/crm-to-slack-v1",
        "/operations",
        "/t/payments",
    ):
        page = site.client.get(path, headers={**site.as_("max"), "Accept": "text/html"}).text

        assert '<link rel="alternate" type="application/atom+xml"' in page
    assert 'href="/connectors.csv?q=lead"' in site.client.get("/connectors?q=lead").text
