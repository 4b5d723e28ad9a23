"""Turning a page into HTML: one environment, its filters, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import cycle
from typing import Any, ClassVar, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from connectory.access.preferences import THEMES
from connectory.kernel.clock import rfc3339
from connectory.kernel.money import Money
from connectory.web.assets import ASSETS
from connectory.web.marks import mark
from connectory.web.unseen import revealed

SECTIONS = {
    "connectors": "catalog",
    "c": "catalog",
    "t": "team",
    "operations": "operations",
    "reviews": "reviews",
}
TILE_TONES = ("info", "success", "warning", "deprecated", "danger", "accent")
KILO = 1000
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
UNITS = ((30 * DAY, DAY, "day"), (DAY, HOUR, "hour"), (HOUR, MINUTE, "minute"))


@dataclass(frozen=True, slots=True)
class Frame:
    """What is around every page: who looks at it, when, and how."""

    now: datetime
    path: str = "/"
    account: str = ""  # empty when nobody is signed in
    teams: tuple[str, ...] = ()
    theme: str = "system"
    density: str = ""  # compact, or the usual
    zone: str = ""  # the time zone that the reader chose; `now` is in it
    version: str = ""
    request_id: str = ""
    query: str = ""  # what the search field holds
    is_reviewer: bool = False
    to_review: str = ""  # how many reviews wait for the reader: `3`, `99+`

    @property
    def section(self) -> str:
        """The part of the site that the path belongs to, as the main navigation knows it."""
        return SECTIONS.get(self.path.split("/", 2)[1].partition("?")[0], "")


class Page(Protocol):
    """A frozen dataclass of everything that its template may use, under the name `page`."""

    template: ClassVar[str]


def render(page: Page, frame: Frame) -> str:
    """Return the page as HTML."""
    return ENGINE.get_template(page.template).render(page=page, frame=frame)


def absolute(moment: datetime, zone: tzinfo = UTC) -> str:
    """Write a time in full: `24 Nov 2026, 08:15:02 CET (Europe/Berlin)`."""
    there = moment.astimezone(zone)
    short, name = there.tzname(), str(zone)
    named = short if short == name else f"{short} ({name})"
    return f"{there.day} {there:%b %Y, %H:%M:%S} {named}"


def relative(moment: datetime, now: datetime) -> str:
    """Write a time as people say it: `3 minutes ago`, `in 2 hours`; a date beyond 30 days."""
    distance = abs(now - moment)
    if distance < MINUTE:
        return "just now"
    for limit, unit, word in UNITS[::-1]:
        if distance < limit:
            count = distance // unit
            words = f"{count} {word}{'s' if count > 1 else ''}"
            return f"in {words}" if moment > now else f"{words} ago"
    there = moment.astimezone(now.tzinfo)
    return f"{there.day} {there:%b %Y}"


def elapsed(seconds: float) -> str:
    """Write a length of time: `< 0.1 s`, `0.4 s`, `12 s`, `3 min 4 s`."""
    if seconds < 0.05:  # noqa: PLR2004  what would be written as 0.0
        return "< 0.1 s"
    if seconds < 10:  # noqa: PLR2004  a tenth matters only while it is short
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def size(count: int) -> str:
    """Write a number of bytes in decimal units: `256 MB`."""
    shown, unit = float(count), "B"
    for bigger in ("kB", "MB", "GB", "TB"):
        if shown < KILO:
            break
        shown, unit = shown / KILO, bigger
    return f"{shown:.3g} {unit}"


def ticked(text: str) -> Markup:
    """Write a message for people: what it has in backticks is code, and nothing in it hides."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return revealed(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(revealed(part)) if is_code else revealed(part)
        for part, is_code in zip(parts, cycle((False, True)), strict=False)
    )


def given(attributes: Mapping[str, object]) -> Markup:
    """Write the HTML attributes that have a value; `True` is written as a bare name."""
    written = Markup("")
    for name, value in attributes.items():
        if value is True:
            written += Markup(" {}").format(name)
        elif value is not None and value is not False and value != "":
            written += Markup(' {}="{}"').format(name, value)
    return written


def money_range(low: Money, high: Money) -> str:
    """Write a range of amounts; one amount when both are the same to the cent."""
    return str(low) if low.rounded() == high.rounded() else f"{low} \N{EN DASH} {high}"


def next_theme(theme: str) -> str:
    """Return the theme that the toggle leads to."""
    return THEMES[(THEMES.index(theme) + 1) % len(THEMES)]


def monogram(connector: str) -> str:
    """Return two letters that stand for a connector's id: `crm-to-slack-v1` -> `CS`."""
    words = connector.split("-")
    telling = [word for word in words if word != "to" and not _is_major(word)] or words
    first, last = telling[0], telling[-1]
    return (first[0] + (last[0] if last is not first else first[1:2])).upper()


def _is_major(word: str) -> bool:
    return word[:1] == "v" and word[1:].isdigit()


def tile_tone(connector: str) -> str:
    """Return the tone of a connector's tile: always the same for the same id."""
    return TILE_TONES[sum(connector.encode()) % len(TILE_TONES)]


def short_digest(digest: str) -> str:
    """Return enough of a digest to recognise it: `sha256:9f2c41d0…`."""
    return f"{digest[:15]}…"


def _engine() -> Environment:
    engine = Environment(
        loader=PackageLoader("connectory.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.filters |= {
        "absolute": absolute,
        "elapsed": elapsed,
        "given": given,
        "monogram": monogram,
        "revealed": revealed,
        "rfc3339": rfc3339,
        "short_digest": short_digest,
        "ticked": ticked,
        "tile_tone": tile_tone,
    }
    named: dict[str, Any] = {  # what jinja2 takes
        "asset": ASSETS.url,
        "mark": mark,
        "money_range": money_range,
        "next_theme": next_theme,
        "relative": relative,
    }
    engine.globals.update(named)
    return engine


ENGINE = _engine()
