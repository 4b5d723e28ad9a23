"""How values are written: times, lengths, amounts, sizes."""

from datetime import timedelta
from decimal import Decimal

import pytest

from connectory.kernel.money import Money
from connectory.web import marks, render
from connectory.web.render import Frame
from connectory.web.samples.present import NOW


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=30), "25 Oct 2026"),
        (timedelta(minutes=-15), "in 15 minutes"),
    ],
)
def test_times_are_said_as_people_say_them(distance: timedelta, words: str) -> None:
    assert render.relative(NOW - distance, NOW) == words


def test_the_exact_time_has_its_zone() -> None:
    assert render.absolute(NOW) == "24 Nov 2026, 14:02:11 UTC"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "< 0.1 s"), (9.96, "10.0 s"), (59.4, "59 s"), (64, "1 min 4 s")],
)
def test_a_length_of_time_is_as_exact_as_it_needs(seconds: float, words: str) -> None:
    assert render.elapsed(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 B"), (999, "999 B"), (256_000_000, "256 MB"), (1500, "1.5 kB")]
)
def test_sizes_are_decimal(count: int, words: str) -> None:
    assert render.size(count) == words


def test_a_range_of_one_amount_is_that_amount() -> None:
    amount = Money(Decimal("2.401"))

    assert render.money_range(amount, Money(Decimal("2.399"))) == "$2.40"
    assert render.money_range(amount, Money(Decimal("4.1"))) == "$2.40 \N{EN DASH} $4.10"


@pytest.mark.parametrize(
    ("connector", "letters"),
    [
        ("crm-to-slack-v1", "CS"),
        ("leads", "LE"),
        ("cost-monitor", "CM"),
        ("x", "X"),
        ("to", "TO"),
    ],
)
def test_a_tile_stands_for_the_connector(connector: str, letters: str) -> None:
    assert render.monogram(connector) == letters


def test_attributes_without_a_value_are_left_out() -> None:
    given = render.given({"a": "", "b": None, "c": False, "d": True, "e": 0, "f": '"<'})

    assert given == ' d e="0" f="&#34;&lt;"'


def test_themes_go_round() -> None:
    assert [render.next_theme(theme) for theme in render.THEMES] == ["light", "dark", "system"]


@pytest.mark.parametrize(
    ("path", "section"), [("/", ""), ("/connectors?q=x", "catalog"), ("/t/payments", "team")]
)
def test_the_path_says_which_part_of_the_site_it_is(path: str, section: str) -> None:
    assert Frame(now=NOW, path=path).section == section


def test_a_state_without_a_mark_shows_its_own_word() -> None:
    assert marks.mark("vetting", "haunted") == marks.Mark("Haunted", "circle", "neutral")
