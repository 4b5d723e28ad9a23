"""Components: documented, shown on /patterns, coloured by tokens only."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from connectory import web
from connectory.web.assets import STATIC

TEMPLATES = Path(web.__file__).parent / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
SHEETS = sorted(STATIC.glob("*.css"))
RAW_COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|lab|lch|oklch|color)a?\(", re.IGNORECASE
)
TEMPLATE_LINES = 120


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_opens_with_its_use_and_markup(component: Path) -> None:
    opening = component.read_text().partition("#}")[0]

    assert opening.startswith("{#\n  ")
    assert "->" in opening
    assert "{{" in opening or "{% call" in opening


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.stem)
def test_patterns_shows_every_component(component: Path) -> None:
    shown = "".join((TEMPLATES / name).read_text() for name in ("patterns.html", "base.html"))
    shown += (TEMPLATES / "patterns-more.html").read_text()

    assert f'"components/{component.name}"' in shown or component.stem == "changes"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.stem)
def test_raw_colours_are_tokens_only(sheet: Path) -> None:
    assert sheet.read_text().startswith("/* ")
    if sheet.name != "tokens.css":
        assert not RAW_COLOUR.search(sheet.read_text())


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.stem)
def test_every_token_that_is_used_exists(sheet: Path) -> None:
    own = set(re.findall(r"(--[a-z0-9-]+):", sheet.read_text()))
    tokens = set(re.findall(r"(--[a-z0-9-]+):", (STATIC / "tokens.css").read_text()))

    assert set(re.findall(r"var\((--[a-z0-9-]+)\)", sheet.read_text())) <= tokens | own


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda p: p.stem)
def test_a_template_is_short(template: Path) -> None:
    assert template.read_text().count("\n") <= TEMPLATE_LINES


def test_every_class_in_a_template_has_a_style() -> None:
    styled = set(re.findall(r"\.([a-z][a-z0-9-]*)", "".join(p.read_text() for p in SHEETS)))
    used = {
        name
        for template in TEMPLATES.rglob("*.html")
        for value in re.findall(r'class="([^"{]*)"', template.read_text())
        for name in value.split()
    }

    assert used <= styled


def test_icons_are_hidden_from_screen_readers_and_drawings_have_a_name(
    html: Callable[[str], str],
) -> None:
    tags = re.findall(r"<svg[^>]*>", html("patterns"))

    assert all('aria-hidden="true"' in tag or "aria-labelledby=" in tag for tag in tags)
