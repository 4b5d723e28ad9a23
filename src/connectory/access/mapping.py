"""Which groups of the organisation stand for which rights here. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectory.access.rules import RANK, Reviewer, Role
from connectory.settings import BadSettingError

REVIEW = "review"
WANTED = "a list such as `sec=review:security, eng-bizops=bizops:owner`"
NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do: their role in teams, and the sign-offs that they can give."""

    teams: Mapping[str, Role] = field(default_factory=dict)
    reviews: frozenset[Reviewer] = frozenset()


@dataclass(frozen=True, slots=True)
class GroupMap:
    """Rights by group. What no group is mapped to is left to the people of this marketplace."""

    lines: tuple[tuple[str, str, str], ...]  # group, team or `review`, role or kind

    @property
    def managed(self) -> Rights:
        """Everything that any group stands for."""
        return self.rights(group for group, _, _ in self.lines)

    def rights(self, groups: Iterable[str]) -> Rights:
        """Return what the members of some groups may do; of two roles the larger one counts."""
        among = set(groups)
        teams: dict[str, Role] = {}
        reviews = set()
        for group, place, what in self.lines:
            if group not in among:
                continue
            if place == REVIEW:
                reviews.add(Reviewer(what))
            else:
                teams[place] = max(
                    Role(what), teams.get(place, Role.VIEWER), key=RANK.__getitem__
                )
        return Rights(teams, frozenset(reviews))


def read(text: str) -> GroupMap:
    """Read the setting: `group=team:role` or `group=review:kind`, separated by commas.

    Raises:
        BadSettingError: If it is written otherwise.
    """
    return GroupMap(tuple(_line(one.strip()) for one in text.split(",") if one.strip()))


def _line(text: str) -> tuple[str, str, str]:
    group, _, right = text.rpartition("=")
    place, _, what = right.partition(":")
    known: Iterable[str] = Reviewer if place == REVIEW else Role
    if not group or not place or what not in set(known):
        raise BadSettingError("oidc_groups", text[:80], WANTED)
    return group, place, what


def account_name(wanted: str) -> str:
    """Make a name that an account can have of what somebody is called elsewhere."""
    name = NOT_IN_NAMES.sub("-", wanted.partition("@")[0].lower()).strip("-")[:50]
    return name if len(name) > 1 and name[0].isalpha() else f"user-{name}".strip("-")
