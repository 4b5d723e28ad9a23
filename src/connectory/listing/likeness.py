"""How alike two connectors are, as a number and in words. Pure.

What they connect counts most: texts alone cannot tell a connector that creates accounts from
one that deletes them. A part that neither of the two says anything about does not count.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from connectory.manifest.model import Manifest

LEAST = 0.35
"""What is less alike is not worth a reader's time."""

SYSTEMS, TRIGGERS, TAGS, NAMES, TEXTS = 0.35, 0.1, 0.2, 0.15, 0.2
NEAR = 0.5  # of two texts, from where on they are called alike
WORD = re.compile(r"[^\W_]+")
MAJOR = re.compile(r"v\d+")
GRAM = 3  # letters that are compared at once


@dataclass(frozen=True, slots=True)
class Profile:
    """What is compared of a connector."""

    systems: frozenset[str]
    triggers: frozenset[str]
    tags: frozenset[str]
    name: str
    text: str

    def words(self) -> tuple[str, ...]:
        """Return the words that it is looked up by: those of its name and description."""
        found = WORD.findall(f"{self.name} {self.text}".casefold())
        return tuple(dict.fromkeys(word for word in found if not MAJOR.fullmatch(word)))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two connectors are, 0 to 1, and why in words; the weightiest reason first."""

    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a comparison: how much it counts, how alike (None: neither says), and why."""

    weight: float
    alike: float | None
    reason: str


def profile(manifest: Manifest) -> Profile:
    """Return what is compared of a manifest."""
    systems = frozenset(manifest.uses())
    return Profile(
        systems=systems,
        triggers=frozenset(each.type for each in manifest.triggers),
        tags=frozenset(manifest.facets()["tag"]) - systems,
        name=f"{manifest.id} {manifest.name}",
        text=manifest.description,
    )


def likeness(left: Profile, right: Profile) -> Likeness:
    """Compare two connectors."""
    parts = (
        _shared(SYSTEMS, left.systems, right.systems, "both use"),
        _shared(TAGS, left.tags, right.tags, "both are tagged"),
        _similar(TEXTS, left.text, right.text, "their descriptions are alike"),
        _similar(NAMES, left.name, right.name, "their names are alike"),
        _shared(TRIGGERS, left.triggers, right.triggers, "both start by"),
    )
    counted = [part for part in parts if part.alike is not None]
    weight = sum(part.weight for part in counted)
    score = sum(part.weight * (part.alike or 0) for part in counted) / weight if weight else 0
    return Likeness(round(score, 2), tuple(part.reason for part in counted if part.reason))


def _shared(weight: float, left: frozenset[str], right: frozenset[str], words: str) -> _Part:
    """Compare two sets by the share of their values that both have."""
    if not left | right:
        return _Part(weight, None, "")
    both = left & right
    reason = f"{words} {_listed(sorted(both))}" if both else ""
    return _Part(weight, len(both) / len(left | right), reason)


def _similar(weight: float, left: str, right: str, words: str) -> _Part:
    """Compare two texts by the share of their three-letter pieces that both have."""
    mine, others = _grams(left), _grams(right)
    if not mine or not others:
        return _Part(weight, None, "")
    alike = 2 * len(mine & others) / (len(mine) + len(others))
    return _Part(weight, alike, words if alike >= NEAR else "")


def _grams(text: str) -> set[str]:
    words = (f" {word} " for word in WORD.findall(text.casefold()) if not MAJOR.fullmatch(word))
    return {word[at : at + GRAM] for word in words for at in range(len(word) - GRAM + 1)}


def _listed(values: Iterable[str]) -> str:
    *others, last = values
    return f"{', '.join(others)} and {last}" if others else last
