"""HTTP: who decides in reviews for whom."""

from typing import Annotated, Literal

from fastapi import APIRouter, status
from pydantic import BaseModel, Field

from connectory.access.actors import Operator, SignedIn
from connectory.access.bodies import Body
from connectory.access.edge import OpenWork, ReadWork
from connectory.access.rules import Reviewer
from connectory.kernel import clock
from connectory.vetting import delegating, delegation_store
from connectory.vetting.delegating import MOST_DAYS, Wish
from connectory.vetting.delegation_store import Delegation
from connectory.work import Work

router = APIRouter(prefix="/api/v1/delegations", tags=["vetting"])
MOST = 200


class DelegationBody(Body):
    """Who should decide in which role, of which versions, for how many days.

    Without a tag it is for all versions, up to the risk.
    """

    to: Annotated[str, Field(min_length=1, max_length=100)]
    role: Reviewer
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]
    tag: Annotated[str, Field(max_length=100)] = ""
    risk: Literal["low", "medium", "high"] = "high"


class DelegationView(BaseModel):
    """One delegation; `in_force` says whether it counts now."""

    id: str
    by: str
    to: str
    role: str
    tag: str
    risk: str
    made_at: str
    ends_at: str
    in_force: bool


class DelegationList(BaseModel):
    """Delegations, the newest first; at most 200."""

    items: list[DelegationView]


@router.get("")
def list_delegations(work: ReadWork, by: SignedIn) -> DelegationList:
    """List what one delegated and got; an admin sees all."""
    whose = None if by.is_admin else by.name
    found = delegation_store.delegations(work, whose, MOST)
    return DelegationList(items=[_view(work, one) for one in found])


@router.post("", status_code=status.HTTP_201_CREATED)
def delegate_role(body: DelegationBody, work: OpenWork, by: Operator) -> DelegationView:
    """Let another account decide in a role of one's own for a while. A veto stays one's own."""
    wish = Wish(body.to, body.role, body.days, body.tag, body.risk)
    return _view(work, delegating.delegate(work, wish, by))


@router.delete("/{delegation}", status_code=status.HTTP_204_NO_CONTENT)
def revoke_delegation(delegation: str, work: OpenWork, by: Operator) -> None:
    """End a delegation now; what was decided by it stays."""
    delegating.revoke(work, delegation, by)


def _view(work: Work, one: Delegation) -> DelegationView:
    return DelegationView(
        id=one.id,
        by=one.giver,
        to=one.taker,
        role=one.role,
        tag=one.tag,
        risk=one.risk,
        made_at=clock.rfc3339(one.made_at),
        ends_at=clock.rfc3339(one.revoked_at or one.ends_at),
        in_force=delegating.is_in_force(work, one),
    )
