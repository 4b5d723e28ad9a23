"""Decisions about versions: made, kept with everything they depend on, and made again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from connectory.access.rules import Actor
from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.catalog.rules import Name
from connectory.checks.policy import compiled
from connectory.kernel.digest import canonical_json, digest_of
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.policies import asking, decision_store, read
from connectory.policies.decision_store import Decided
from connectory.policy import engine, telling
from connectory.policy.bundle import About, Bundle
from connectory.policy.document import Circumstances
from connectory.policy.engine import PolicyEngineError
from connectory.policy.judge import Decision, Said, Verdict, judge
from connectory.work import Event, Work

ID_LENGTH = 24  # hexadecimal digits


class DecisionMissingError(ConnectoryError):
    """There is no decision with this id, or it is about something that you cannot see."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "policy-decision-missing"

    def __init__(self, decision: str) -> None:
        super().__init__(
            f"there is no decision `{decision[:80]}`",
            hint="plans name theirs: POST /api/v1/plans",
            field="id",
        )


@dataclass(frozen=True, slots=True)
class PolicyDenied(Event):
    """The rules of the organisation kept something from happening."""

    decision: str
    bundle: str
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules in force say of a version somewhere, and what they were asked.

    The same rules, input and engine are the same decision, so its id is made of these.
    """

    label: str
    connector: str
    version: str
    bundle: Bundle
    engine: str
    document: Mapping[str, Any]
    decision: Decision

    @property
    def input_digest(self) -> str:
        """The digest of what was asked."""
        return digest_of(canonical_json(self.document).encode())

    @property
    def id(self) -> str:
        """The id of the decision."""
        parts = [self.bundle.digest, self.input_digest, self.engine]
        return f"dec_{digest_of(canonical_json(parts).encode()).partition(':')[2][:ID_LENGTH]}"

    @property
    def verdict(self) -> list[str]:
        """The rules and what they say, however much else is known of the version by then."""
        return [self.bundle.digest, _said(self.decision)]


def judged(work: Work, version: Version, about: Circumstances) -> Judged:
    """Ask the rules in force. An engine that gives no answer has not allowed anything.

    Raises:
        PolicyEngineError: If the engine cannot even read the rules.
    """
    bundle = read.active_bundle(work)
    release = version.release
    document = asking.of_published(work, release, about)
    return Judged(
        label=release.label,
        connector=release.name.key,
        version=release.version,
        bundle=bundle,
        engine=engine.shared().name,
        document=document,
        decision=_asked(bundle, document),
    )


def _asked(bundle: Bundle, document: Mapping[str, Any]) -> Decision:
    try:
        return judge(bundle, document, engine.shared())
    except PolicyEngineError as failure:
        said = Said(Verdict.BROKEN, "", failure.message, About(fix=failure.hint))
        return Decision(bundle.digest, (said,))


def keep(work: Work, made: Judged) -> None:
    """Keep a decision, unless there was no answer that could be had again."""
    if any(not one.rule for one in made.decision.said):
        return
    decided = Decided(
        id=made.id,
        connector=made.connector,
        version=made.version,
        bundle=made.bundle.digest,
        input_digest=made.input_digest,
        input=canonical_json(made.document),
        engine=made.engine,
        is_allowed=made.decision.is_allowed,
        said=_said(made.decision),
        decided_at=work.now,
    )
    decision_store.put(work, decided, made.bundle.files)


def refuse(work: Work, made: Judged, team: str) -> None:
    """Keep a decision that keeps a team from something, and note so in the log."""
    keep(work, made)
    reasons = [one.message for one in made.decision.said if one.verdict is not Verdict.WARNS]
    work.emit(PolicyDenied(made.label, team, made.id, made.bundle.digest, reasons))


def decided(work: Work, decision: str, actor: Actor) -> Decided:
    """Return a kept decision about what somebody can see: a version, a plan of an own team.

    Raises:
        DecisionMissingError: If there is none.
    """
    found = decision_store.decided(work, decision)
    if found is None or not _may_see(found, actor):
        raise DecisionMissingError(decision)
    try:
        catalog.version(work, Name(*found.connector.split("/")), found.version, actor)
    except ConnectoryError:
        raise DecisionMissingError(decision) from None
    return found


def _may_see(found: Decided, actor: Actor) -> bool:
    team = json.loads(found.input).get("team", {}).get("name", "")
    return actor.is_admin or team in {"", *actor.teams}


@dataclass(frozen=True, slots=True)
class Replayed:
    """A decision that was made again: by the same rules, of the same input, by this engine."""

    before: Decided
    engine: str
    is_allowed: bool
    said: str

    @property
    def is_same(self) -> bool:
        """Whether it says the very same."""
        return (self.is_allowed, self.said) == (self.before.is_allowed, self.before.said)


def replay(work: Work, before: Decided) -> Replayed:
    """Make a decision again.

    Raises:
        PolicyEngineError: If the engine gives no answer.
    """
    rules = decision_store.rules(work, before.bundle)
    bundle = compiled(tuple(rules.items()))
    again = judge(bundle, json.loads(before.input), engine.shared())
    return Replayed(before, engine.shared().name, again.is_allowed, _said(again))


def _said(decision: Decision) -> str:
    return canonical_json([telling.said(one) for one in decision.said])
