"""The wizard: rows B110, B111, B126, and drafts that are nobody else's business."""

import re
from html.parser import HTMLParser

import pytest
from httpx2 import Response

from connectory.access.rules import Scope
from connectory.manifest.asking import Question
from connectory.manifest.loader import MAX_BYTES
from connectory.publishing.wizard import STEPS
from connectory.work.log import EVENTS
from forms import Reader
from marketplaces import Marketplace
from payloads import MARKDOWN, TEXTS
from walks import HTML, OWN, contents, on_sqlite, session_of

pytestmark = on_sqlite

PAYLOADS = {**MARKDOWN, **TEXTS}
DEEP = {
    "depth": "[" * 10_000,
    "flow depth": "{a: " * 40 + "1" + "}" * 40,
    "strings": "[" + "x," * 20_000 + "]",
    "twice": "{type: string, type: integer}",
    "alias": "{a: &a [x], b: *a}",
    "tag": "{a: !!python/object:os.system x}",
    "not a number": "{minimum: .nan}",
    "too large a number": "{minimum: 1e308, maximum: 9" + "9" * 400 + "}",
    "prototype": '{"__proto__": {"admin": true}}',
    "control": '{a: "\\u0000\\u001b[31m"}',
}


class Elements(HTMLParser):
    """Collects scripts, handlers and addresses as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_own_script = tag == "script" and (given.get("src") or "").startswith("/static/")
        if tag in {"script", "iframe", "img", "base", "object", "style"} and not is_own_script:
            self.bad.append(tag)
        self.bad += [name for name in given if name.startswith("on") or name == "style"]
        if re.match(r"(?i)\s*(javascript|data|vbscript):", given.get("href") or ""):
            self.bad.append("href")


def reader(market: Marketplace, account: str) -> Reader:
    headers = {**session_of(market, account), **OWN, **HTML}

    def send(method: str, path: str, **more: object) -> Response:
        return market.client.request(
            method, path, headers=headers, follow_redirects=False, **more
        )

    return Reader(send)


def begun(market: Marketplace, template: str = "manifest") -> tuple[Reader, str]:
    browser = reader(market, "ana")
    browser.open("/new")
    browser.submit("/new", template=template)
    return browser, browser.path.split("/")[2]


def everywhere(questions: tuple[Question, ...], text: str, prefix: str = "") -> dict[str, str]:
    """Return an entry for every control of a step, lists with one entry."""
    found: dict[str, str] = {}
    for one in questions:
        name = prefix + one.key
        below = {"list": f"{name}.0.", "part": f"{name}."}
        found |= everywhere(one.parts, text, below[one.kind]) if one.parts else {name: text}
    return found


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=[f"B110 {n}" for n in PAYLOADS])
def test_what_is_entered_in_any_field_is_only_ever_text(
    marketplace: Marketplace, payload: str
) -> None:
    browser, draft = begun(marketplace)

    pages = [
        browser.send(
            "POST",
            f"/new/{draft}/{step.slug}",
            data={**everywhere(step.asks(""), payload), "action": "next"},
        )
        for step in STEPS
    ]
    pages += [browser.open(path) for path in (f"/new/{draft}/review", "/new")]
    pages.append(browser.send("POST", "/new/upload", data={"text": payload}))

    for page in pages:
        assert page.status_code in {200, 422}, page.text[:300]
        found = Elements()
        found.feed(page.text)
        assert found.bad == []
        assert "{{" not in payload or "7 * 7" in page.text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "http://x.example"])
def test_b111_no_other_scheme_becomes_a_link(marketplace: Marketplace, url: str) -> None:
    browser, draft = begun(marketplace)
    browser.open(f"/new/{draft}/owner")

    page = browser.submit(button="next", support__runbook=url, support__docs=url)

    assert page.status_code == 422
    assert f'href="{url}' not in page.text


@pytest.mark.parametrize("value", DEEP.values(), ids=[f"B126 {name}" for name in DEEP])
@pytest.mark.parametrize("field", ["inputs.0.schema", "inputs.0.default"])
def test_no_structure_in_a_field_breaks_the_server(
    marketplace: Marketplace, field: str, value: str
) -> None:
    browser, draft = begun(marketplace)
    entered = {"inputs.0.name": "days", field: value, "action": "next"}

    answers = [
        browser.send("POST", f"/new/{draft}/needs", data=entered),
        browser.send("POST", f"/new/{draft}/needs/check", data=entered),
        browser.open(f"/new/{draft}/needs"),
        browser.open(f"/new/{draft}/review"),
    ]

    assert all(answer.status_code in {200, 303, 413, 422} for answer in answers)


def test_a_draft_is_no_larger_than_a_manifest(marketplace: Marketplace) -> None:
    browser, draft = begun(marketplace)

    answer = browser.send(
        "POST", f"/new/{draft}/what", data={"description": "x" * MAX_BYTES, "action": "save"}
    )

    assert answer.status_code == 413
    assert "xxx" not in browser.open(f"/new/{draft}/manifest.yaml").text


def test_numbers_of_entries_are_only_counted(marketplace: Marketplace) -> None:
    browser, draft = begun(marketplace)
    many = {f"inputs.{n}.name": f"input_{n}" for n in (*range(60), 9999)}

    answer = browser.send("POST", f"/new/{draft}/needs", data={**many, "action": "save"})

    assert answer.status_code == 303
    assert browser.open(f"/new/{draft}/manifest.yaml").text.count("- name:") == 50


@pytest.mark.parametrize("other", ["bob", "kim", "admin"])
def test_another_person_never_sees_or_changes_a_draft(
    marketplace: Marketplace, other: str
) -> None:
    browser, draft = begun(marketplace)
    browser.submit(button="next", id="ship-alerts", name="Hidden plan", description="x")
    stranger = reader(marketplace, other)
    before = contents(marketplace)

    answers = [
        *(stranger.send("GET", f"/new/{draft}{path}") for path in ("", "/what", "/review")),
        *(
            stranger.send("GET", f"/new/{draft}/{f}")
            for f in ("manifest.yaml", "project.tar.gz")
        ),
        stranger.send("POST", f"/new/{draft}/what", data={"name": "Mine now"}),
        stranger.send("POST", f"/new/{draft}/what/check", data={"name": "Mine now"}),
        *(stranger.send("POST", f"/new/{draft}/{verb}") for verb in ("delete", "publish")),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert "Hidden plan" not in stranger.send("GET", "/new").text
    assert contents(marketplace) == before


def test_the_log_has_nothing_of_what_is_in_a_draft(marketplace: Marketplace) -> None:
    browser, draft = begun(marketplace)
    browser.submit(button="next", id="ship-alerts", name="Hidden plan", description="x")

    with marketplace.state.works.read() as work:
        rows = [row for row in work.db.execute(EVENTS.select()) if row.subject == draft]

    assert [row.kind for row in rows] == ["DraftStarted", "DraftSaved"]
    assert "Hidden plan" not in repr(rows)


def test_nobody_reads_a_draft_without_signing_in_or_with_a_token_for_reading(
    marketplace: Marketplace,
) -> None:
    _, draft = begun(marketplace)
    token = marketplace.token("ana", frozenset({Scope.READ}))
    headers = {"Authorization": f"Bearer {token}"}

    answers = [
        marketplace.client.get(f"/new/{draft}/what"),
        marketplace.client.get(f"/new/{draft}/what", headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [401, 403]
