"""Text that others wrote can only ever be read: rows B110-B113 and B117 of the threat model."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from connectory.web.markdown import to_html
from connectory.web.pages.home import SetCards
from connectory.web.parts import Activity, LogLineView, plain
from connectory.web.render import Frame, render
from connectory.web.samples import catalog_pages, pages, team_pages
from connectory.web.samples.connectors import CRM_TO_SLACK
from connectory.web.samples.present import NOW
from payloads import MARKDOWN, TEXTS


class Elements(HTMLParser):
    """Collects the elements of a text as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: dict[str, str | None] = {}
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(attrs)
        self.links += [value or "" for name, value in attrs if name == "href"]


@pytest.mark.parametrize(
    "payload", MARKDOWN.values(), ids=[f"B110 {name}" for name in MARKDOWN]
)
def test_markdown_becomes_text_and_links_only(payload: str) -> None:
    found = Elements()

    found.feed(to_html(payload))

    assert found.names <= {"a", "blockquote", "code", "em", "p", "pre", "strong"}
    assert set(found.attributes) <= {"href", "title", "rel", "tabindex"}
    assert {urlsplit(url).scheme for url in found.links} <= {"https", "mailto"}


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "http://x.example", "//x.example", "a.md"],
)
def test_b111_only_https_and_mail_are_links(url: str) -> None:
    assert "<a" not in to_html(f"[text]({url})")


def test_b111_https_and_mail_stay_links_that_tell_nobody() -> None:
    html = to_html("[a](https://x.example) [b](mailto:ana@example.com)")

    assert html.count('rel="noopener noreferrer nofollow"') == 2


@pytest.mark.parametrize("address", ["https://spy.example/p.png", "http://169.254.169.254/x"])
def test_b113_a_remote_image_is_not_loaded(address: str) -> None:
    html = to_html(f"![tracking]({address})")

    assert "<img" not in html


def test_b113_the_place_of_an_image_says_what_was_there() -> None:
    html = to_html("![a chart](https://spy.example/p.png)")

    assert "Image “a chart” from spy.example, not shown" in html


@pytest.mark.parametrize("text", TEXTS.values(), ids=[f"B117 {name}" for name in TEXTS])
def test_names_and_lines_are_shown_letter_by_letter(text: str) -> None:
    card = replace(CRM_TO_SLACK, name=plain(text), description=plain(text), tags=(text,))
    line = LogLineView(1, NOW, "info", text, ((text, text),))
    event = Activity(text, text, text, NOW)
    shown = (
        replace(catalog_pages.HOME, sets=(SetCards(text, text, "/sets/start", (card,)),)),
        replace(catalog_pages.CONNECTOR, name=text, description=text, owner=text, tags=(text,)),
        replace(
            team_pages.INSTANCE, logs=(line,), activity=(event,), health_reason=text, health="x"
        ),
        replace(pages.NOT_FOUND, message=text, hint=text, search=text),
        replace(team_pages.TEAM, title=text),
    )

    for page in shown:
        html = render(page, Frame(now=NOW))
        assert not re.search(r"<script(?! type=\"module\" src=)", html)
        assert "onerror=alert(1)>" not in html.replace("&gt;", "")
        assert "49" not in html or "{{" not in text
