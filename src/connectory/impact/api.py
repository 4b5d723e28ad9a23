"""HTTP: what other policies would change."""

from fastapi import APIRouter
from pydantic import BaseModel

from connectory.access.actors import SignedIn
from connectory.access.edge import Opening
from connectory.access.rules import require_overseer
from connectory.impact import replay
from connectory.impact.rules import Change, Changed, Impact
from connectory.policies import change
from connectory.policies.sent import PACKED, Sent
from connectory.policies.views import SaidView, said_view

router = APIRouter(prefix="/api/v1", tags=["policies"])


class ChangedView(BaseModel):
    """A version or an instance that is judged otherwise, and what is said against it.

    Of what is newly allowed, that is what the rules in force say.
    """

    change: Change
    kind: str
    name: str
    team: str
    said: list[SaidView]


class TeamView(BaseModel):
    """How many things change for a team."""

    team: str
    newly_denied: int
    newly_allowed: int
    inconclusive: int


class ImpactView(BaseModel):
    """What the proposed policies would change; `left_out` were too many to judge."""

    former: str
    proposed: str
    judged: int
    left_out: int
    teams: list[TeamView]
    items: list[ChangedView]


@router.post("/policies:impact", openapi_extra=PACKED)
def show_impact(by: SignedIn, sent: Sent, opener: Opening) -> ImpactView:
    """Judge all versions and instances by proposed policies, sent as `.tar.gz`; keep nothing.

    For admins; a token that may only read is enough.
    """
    require_overseer(by)
    return impact_view(replay.of(opener, change.opened(sent).bundle, by))


def impact_view(found: Impact) -> ImpactView:
    """Describe what changes."""
    return ImpactView(
        former=found.former,
        proposed=found.proposed,
        judged=found.judged,
        left_out=found.left_out,
        teams=[
            TeamView(
                team=team,
                newly_denied=counted[Change.NEWLY_DENIED],
                newly_allowed=counted[Change.NEWLY_ALLOWED],
                inconclusive=counted[Change.INCONCLUSIVE],
            )
            for team, counted in found.by_team().items()
        ],
        items=[_changed(one) for one in found.changed],
    )


def _changed(one: Changed) -> ChangedView:
    return ChangedView(
        change=one.change,
        kind=one.subject.kind,
        name=one.subject.label,
        team=one.subject.team,
        said=[said_view(each) for each in one.said],
    )
