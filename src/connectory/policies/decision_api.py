"""HTTP: decisions that were made, and making them again."""

from fastapi import APIRouter

from connectory.access.actors import SignedIn
from connectory.access.edge import ReadWork
from connectory.policies import deciding
from connectory.policies.decision_views import (
    DecisionView,
    ReplayView,
    decision_view,
    replay_view,
)

router = APIRouter(prefix="/api/v1", tags=["policies"])


@router.get("/decisions/{decision}")
def show_decision(decision: str, work: ReadWork, by: SignedIn) -> DecisionView:
    """Show what was decided about a version, and from what."""
    return decision_view(deciding.decided(work, decision, by))


@router.post("/decisions/{decision}:replay")
def replay_decision(decision: str, work: ReadWork, by: SignedIn) -> ReplayView:
    """Ask the rules of a decision the same again, by the engine of today."""
    return replay_view(deciding.replay(work, deciding.decided(work, decision, by)))
