"""Whether an advisory concerns a version of a package, by the rules of the OSV format."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from connectory.advisories.versions import Key, UnknownVersionError, key

SEVERE = {"CRITICAL": "critical", "HIGH": "high", "MODERATE": "medium", "MEDIUM": "medium"}
BEGINNING = "0"  # in `introduced`: before every version


class Verdict(Enum):
    """What an advisory says of a version."""

    AFFECTED = "affected"
    UNAFFECTED = "unaffected"
    UNCLEAR = "unclear"
    """The version, or one that the advisory names, cannot be compared."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package in one version, as an ecosystem of OSV names it: `PyPI`, `npm`, `Go`."""

    ecosystem: str
    name: str
    version: str

    @property
    def base(self) -> str:
        """The ecosystem without its release: `Debian` of `Debian:12`."""
        return self.ecosystem.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Match:
    """An advisory that concerns a package, or may. `fixed` is empty where nobody fixed it."""

    id: str
    aliases: tuple[str, ...]
    summary: str
    severity: str  # `critical`, `high`, `medium`, `low`, or empty
    fixed: tuple[str, ...]
    is_clear: bool


def judge(affected: Mapping[str, object], package: Package) -> Verdict:
    """Say whether one entry of `affected` covers the version of a package of its name."""
    listed = affected.get("versions") or []
    if package.version in (listed if isinstance(listed, list) else []):
        return Verdict.AFFECTED
    ranges = list(_ranges(affected))
    if not ranges:
        return Verdict.UNAFFECTED if listed else Verdict.UNCLEAR
    try:
        asked = key(package.base, package.version)
        hit = any(_covers(events, package.base, asked) for events in ranges)
    except UnknownVersionError:
        return Verdict.UNCLEAR
    return Verdict.AFFECTED if hit else Verdict.UNAFFECTED


def fixes(affected: Mapping[str, object]) -> tuple[str, ...]:
    """Return the versions in which it is repaired."""
    found = (event for events in _ranges(affected) for event in events)
    return tuple(str(event["fixed"]) for event in found if "fixed" in event)


def severity(advisory: Mapping[str, object]) -> str:
    """Return how severe the publisher of an advisory calls it, empty if that is not said."""
    own = advisory.get("database_specific")
    said = own.get("severity") if isinstance(own, dict) else None
    if not isinstance(said, str):
        return ""
    return SEVERE.get(said.upper(), "low" if said.upper() == "LOW" else "")


def _ranges(affected: Mapping[str, object]) -> Iterator[list[dict[str, object]]]:
    """Give the events of each range that is about versions and not about commits."""
    ranges = affected.get("ranges")
    for one in ranges if isinstance(ranges, list) else []:
        if isinstance(one, dict) and one.get("type") in {"SEMVER", "ECOSYSTEM"}:
            events = one.get("events")
            yield [each for each in events or [] if isinstance(each, dict)]


def _covers(events: list[dict[str, object]], ecosystem: str, asked: Key) -> bool:
    """Walk the events in the order of their versions, as the format prescribes."""
    is_in = False
    for _, kind, at in sorted(_placed(events, ecosystem), key=_order):
        if kind == "introduced":
            is_in = is_in or at is None or not _less(asked, at)
        elif kind == "fixed":
            is_in = is_in and at is not None and _less(asked, at)
        else:  # last_affected
            is_in = is_in and at is not None and not _less(at, asked)
    return is_in


def _placed(
    events: list[dict[str, object]], ecosystem: str
) -> Iterator[tuple[bool, str, Key | None]]:
    for event in events:
        for kind in ("introduced", "fixed", "last_affected"):
            if kind in event:
                at = str(event[kind])
                is_start = kind == "introduced" and at == BEGINNING
                yield not is_start, kind, None if is_start else key(ecosystem, at)


def _order(placed: tuple[bool, str, Key | None]) -> tuple[object, ...]:
    """Order by version; what ends at a version comes before what begins there."""
    return placed[0], *((placed[2], placed[1] == "introduced") if placed[0] else ())


def _less(one: Key, other: Key) -> bool:
    return bool(one < other)  # type: ignore[operator]  # both are of one ecosystem
