"""The JSON shapes of decisions."""

import json

from pydantic import BaseModel

from connectory.kernel import clock
from connectory.policies.deciding import Judged, Replayed
from connectory.policies.decision_store import Decided
from connectory.policies.views import SaidView, said_view


class PolicyView(BaseModel):
    """What the rules of the organisation say; the decision is kept under its id."""

    decision: str
    bundle: str
    allowed: bool
    said: list[SaidView]


class DecisionView(BaseModel):
    """A decision with all that it depends on: rules, input and engine."""

    id: str
    connector: str
    version: str
    allowed: bool
    said: list[SaidView]
    bundle: str
    input_digest: str
    engine: str
    decided_at: str
    input: dict[str, object]


class ReplayView(BaseModel):
    """The same rules asked the same again; `same` says whether the answer is the same."""

    same: bool
    allowed: bool
    said: list[SaidView]
    engine: str
    decision: DecisionView


def policy_view(judged: Judged) -> PolicyView:
    """Describe what the rules say of a plan."""
    return PolicyView(
        decision=judged.id,
        bundle=judged.bundle.digest,
        allowed=judged.decision.is_allowed,
        said=[said_view(one) for one in judged.decision.said],
    )


def decision_view(found: Decided) -> DecisionView:
    """Describe a decision that was made."""
    return DecisionView(
        id=found.id,
        connector=found.connector,
        version=found.version,
        allowed=found.is_allowed,
        said=_said(found.said),
        bundle=found.bundle,
        input_digest=found.input_digest,
        engine=found.engine,
        decided_at=clock.rfc3339(found.decided_at),
        input=json.loads(found.input),
    )


def replay_view(again: Replayed) -> ReplayView:
    """Describe a decision that was made again."""
    return ReplayView(
        same=again.is_same,
        allowed=again.is_allowed,
        said=_said(again.said),
        engine=again.engine,
        decision=decision_view(again.before),
    )


def _said(told: str) -> list[SaidView]:
    return [SaidView.model_validate(one) for one in json.loads(told)]
