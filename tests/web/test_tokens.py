"""Every pair of colours that is used together has the contrast that WCAG 2.2 AA asks for."""

import re
from itertools import product

import pytest

from connectory.web.assets import STATIC

TOKEN = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
TOKENS = {name: pair for name, *pair in TOKEN.findall((STATIC / "tokens.css").read_text())}
GROUNDS = ("bg", "subtle", "inset")
TONES = ("success", "warning", "danger", "info", "deprecated", "accent")
TEXT_PAIRS = [
    *product(("text", "muted", "faint", *TONES), GROUNDS),
    *((tone, f"{tone}-bg") for tone in TONES),
    *(("text", f"{tone}-bg") for tone in TONES),
    *(("muted", f"{tone}-bg") for tone in TONES),
    ("on-accent", "accent"),
    ("on-danger", "danger"),
]
CONTROL_PAIRS = [*product(("control",), ("bg", "subtle")), *product(("focus",), GROUNDS)]


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_can_be_read_on_every_ground_it_is_used_on(
    ink: str, ground: str, theme: int
) -> None:
    assert contrast(TOKENS[ink][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), CONTROL_PAIRS)
def test_the_edge_of_a_control_can_be_seen(line: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[line][theme], TOKENS[ground][theme]) >= 3
