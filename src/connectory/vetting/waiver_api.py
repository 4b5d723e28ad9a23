"""HTTP: waivers of checks."""

from typing import Annotated

from fastapi import APIRouter, status
from pydantic import BaseModel, Field

from connectory.access.actors import Operator, SignedIn
from connectory.access.bodies import Body
from connectory.access.edge import OpenWork, ReadWork
from connectory.kernel import clock
from connectory.vetting import waiver_store, waiving
from connectory.vetting.waiver_store import Waiver
from connectory.vetting.waiving import MOST_DAYS, Wish
from connectory.work import Work

router = APIRouter(prefix="/api/v1/waivers", tags=["vetting"])


class WaiverBody(Body):
    """What to waive for what, why, and for how long."""

    connector: Annotated[str, Field(max_length=200, pattern=r"^(\*|[a-z0-9-]+/[a-z0-9-]+)$")]
    check: Annotated[str, Field(max_length=50)]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]


class WaiverView(BaseModel):
    """A check that need not pass; for all connectors if `connector` is `*`."""

    id: str
    connector: str
    check: str
    reason: str
    made_by: str
    made_at: str
    expires_at: str
    is_in_force: bool


class WaiverList(BaseModel):
    """All waivers, the next to expire first."""

    items: list[WaiverView]


@router.get("")
def list_waivers(work: ReadWork, by: SignedIn) -> WaiverList:
    """List waivers, also those that have expired."""
    return WaiverList(items=[_view(work, one) for one in waiver_store.all_waivers(work)])


@router.post("", status_code=status.HTTP_201_CREATED)
def waive_check(body: WaiverBody, work: OpenWork, by: Operator) -> WaiverView:
    """Waive a check for a while. Only who reviews for security may do that."""
    wish = Wish(body.connector, body.check, body.reason, body.days)
    return _view(work, waiving.waive(work, wish, by))


@router.delete("/{waiver}", status_code=status.HTTP_204_NO_CONTENT)
def revoke_waiver(waiver: str, work: OpenWork, by: Operator) -> None:
    """End a waiver before its time; what was approved by it stays approved."""
    waiving.revoke(work, waiver, by)


def _view(work: Work, one: Waiver) -> WaiverView:
    return WaiverView(
        id=one.id,
        connector=one.connector,
        check=one.check_id,
        reason=one.reason,
        made_by=one.made_by,
        made_at=clock.rfc3339(one.made_at),
        expires_at=clock.rfc3339(one.expires_at),
        is_in_force=one.expires_at > work.now,
    )
