"""How an account wants its pages: theme, density and time zone."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from connectory.access import store
from connectory.access.rules import Actor, NotSignedInError, Preferences
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.work import Event, Work

THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")  # the first is the usual one


@dataclass(frozen=True, slots=True)
class PreferencesChosen(Event):
    """An account chose how it wants its pages."""

    theme: str
    density: str
    zone: str


class PreferenceUnknownError(ConnectoryError):
    """There is no such theme or density."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "preference-unknown"

    def __init__(self, field: str, value: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"there is no {field} `{value[:40]}`",
            hint=f"use one of: {', '.join(known)}",
            field=field,
        )


class ZoneUnknownError(ConnectoryError):
    """There is no such time zone."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "zone-unknown"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no time zone `{name[:60]}`",
            hint="use an IANA name such as `Europe/Berlin` or `UTC`",
            field="zone",
        )


def choose(work: Work, by: Actor, chosen: Preferences) -> None:
    """Keep how an account wants its pages; an empty value is a choice taken back.

    Raises:
        NotSignedInError: If nobody is signed in.
        PreferenceUnknownError, ZoneUnknownError: If something cannot be chosen.
    """
    if by.is_anonymous:
        raise NotSignedInError
    _check("theme", chosen.theme, THEMES)
    _check("density", chosen.density, DENSITIES)
    if chosen.zone and chosen.zone not in zones():
        raise ZoneUnknownError(chosen.zone)
    if chosen == by.preferences:
        return
    store.set_preferences(work, by.name, chosen)
    work.emit(
        PreferencesChosen(
            subject=by.name,
            team="",
            theme=chosen.theme,
            density=chosen.density,
            zone=chosen.zone,
        )
    )


@cache
def zones() -> tuple[str, ...]:
    """Return the names of all time zones that this machine knows."""
    return tuple(sorted(available_timezones()))


def zone_of(chosen: Preferences) -> tzinfo:
    """Return the zone in which to show times; UTC when none was chosen or it went away."""
    if not chosen.zone:
        return UTC
    try:
        return ZoneInfo(chosen.zone)
    except ZoneInfoNotFoundError:
        return UTC


def _check(field: str, value: str, known: tuple[str, ...]) -> None:
    if value and value not in known:
        raise PreferenceUnknownError(field, value, known)
