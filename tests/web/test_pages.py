"""Every page renders from its dataclass, names itself, and keeps to the rules of the house."""

import gzip
import re
from collections.abc import Callable
from html import unescape

import pytest

from connectory.web.assets import ASSETS
from connectory.web.render import ENGINE, Frame, render
from connectory.web.samples.pages import PAGES
from connectory.web.samples.present import NOW

TAGS = re.compile(r"<(?:script|template|svg)\b.*?</(?:script|template|svg)>|<[^>]+>", re.DOTALL)
UNWANTED = re.compile(
    r"\b(please|oops|invalid|illegal|simply|click here|submit)\b", re.IGNORECASE
)
BUTTON = re.compile(r"<button\b.*?</button>|<a class=\"button\".*?</a>", re.DOTALL)
FIRST_VIEW_BYTES = 150_000


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(TAGS.sub(" ", html))).strip()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_title_and_one_heading(name: str, html: Callable[[str], str]) -> None:
    page = html(name)

    assert re.search(r"<title>[^<]+ · Connectory</title>", page)
    assert len(re.findall(r"<h1\b", page)) == 1


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_inline_style_or_script(name: str, html: Callable[[str], str]) -> None:
    page = html(name)

    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)
    assert "<style" not in page
    assert all(" src=" in tag for tag in re.findall(r"<script\b[^>]*>", page))


@pytest.mark.parametrize("name", PAGES)
def test_ids_are_unique_and_labels_lead_somewhere(
    name: str, html: Callable[[str], str]
) -> None:
    page = html(name)

    ids = re.findall(r'\sid="([^"]+)"', page)
    pointed_at = re.findall(r'\s(?:for|aria-labelledby|aria-describedby)="([^"]+)"', page)

    assert len(ids) == len(set(ids)), sorted({one for one in ids if ids.count(one) > 1})
    assert {one for group in pointed_at for one in group.split()} <= set(ids)


@pytest.mark.parametrize("name", PAGES)
def test_words_are_those_of_the_house(name: str, html: Callable[[str], str]) -> None:
    page = html(name)

    assert not UNWANTED.search(text_of(page))
    for button in BUTTON.findall(page):
        assert re.match(r"[A-Z0-9/]", text_of(button) or "A"), button


@pytest.mark.parametrize("name", PAGES)
def test_the_first_view_is_light(name: str, html: Callable[[str], str]) -> None:
    assets = sum(len(asset.gzipped) for asset in ASSETS.files.values())

    assert len(gzip.compress(html(name).encode())) + assets <= FIRST_VIEW_BYTES


def test_every_template_is_used_by_a_sample() -> None:
    used = {page().template for page in PAGES.values()}
    parts_of_others = {"base.html", "team-defaults.html", "patterns-more.html"}

    templates = {name for name in ENGINE.list_templates() if "/" not in name}

    assert templates - parts_of_others == used


def test_a_visitor_sees_the_way_to_sign_in() -> None:
    page = render(PAGES["home"](), Frame(now=NOW))

    assert '<a class="button" data-size="small" href="/sign-in">Sign in</a>' in page
    assert "/operations" not in text_of(page)


def test_the_theme_is_in_the_first_byte_of_the_page() -> None:
    page = render(PAGES["home"](), Frame(now=NOW, theme="dark"))

    assert page.lstrip().startswith('<!doctype html>\n<html lang="en" data-theme="dark">')


def test_a_running_operation_reloads_without_script_and_an_ended_one_does_not(
    html: Callable[[str], str],
) -> None:
    refresh = '<noscript><meta http-equiv="refresh" content="2"></noscript>'

    assert refresh in html("operation")
    assert refresh not in html("operation-succeeded")
