"""What changes when other policies judge the same things. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from connectory.policy.judge import Decision, Said, Verdict


class Change(StrEnum):
    """What becomes of something that is judged by other rules."""

    NEWLY_DENIED = "newly-denied"
    NEWLY_ALLOWED = "newly-allowed"
    INCONCLUSIVE = "inconclusive"
    """The other rules cannot judge it, so they do not let it through."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: a `version` (`ns/id@1.0.0`) or an `instance` (`team/name`)."""

    kind: str
    label: str
    team: str


@dataclass(frozen=True, slots=True)
class Changed:
    """Something that changes, and why: what was said against it, by one side or the other."""

    subject: Subject
    change: Change
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What a proposed bundle changes. `left_out` are subjects that were too many."""

    former: str
    proposed: str
    judged: int
    left_out: int
    changed: tuple[Changed, ...]

    def by_team(self) -> dict[str, dict[Change, int]]:
        """Count what changes for each team that something changes for."""
        counted: dict[str, dict[Change, int]] = {}
        for one in self.changed:
            of_team = counted.setdefault(one.subject.team, dict.fromkeys(Change, 0))
            of_team[one.change] += 1
        return dict(sorted(counted.items()))


def compare(subject: Subject, former: Decision, proposed: Decision) -> Changed | None:
    """Say what changes for a subject, None if nothing does."""
    against = _against(proposed.said)
    denied = any(one.verdict is Verdict.DENIES for one in against)
    if against and not denied:
        return Changed(subject, Change.INCONCLUSIVE, against)
    if against and former.is_allowed:
        return Changed(subject, Change.NEWLY_DENIED, against)
    if not against and not former.is_allowed:
        return Changed(subject, Change.NEWLY_ALLOWED, _against(former.said))
    return None


def _against(said: Iterable[Said]) -> tuple[Said, ...]:
    return tuple(one for one in said if one.verdict is not Verdict.WARNS)
