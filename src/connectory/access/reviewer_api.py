"""HTTP: who can give which sign-off, and appointing them."""

from fastapi import APIRouter, status
from pydantic import BaseModel

from connectory.access import accounts, read
from connectory.access.actors import Admin, SignedIn
from connectory.access.edge import OpenWork, ReadWork
from connectory.access.rules import Reviewer

router = APIRouter(prefix="/api/v1", tags=["access"])
ROLE = "/accounts/{account}/reviewer-roles/{role}"


class ReviewerView(BaseModel):
    """An account and the roles in which it reviews."""

    account: str
    roles: list[Reviewer]


class ReviewerList(BaseModel):
    """All reviewers, by name."""

    items: list[ReviewerView]


@router.get("/reviewers")
def list_reviewers(work: ReadWork, by: SignedIn) -> ReviewerList:
    """List who reviews in which roles."""
    found = read.reviewer_roles(work)
    return ReviewerList(
        items=[ReviewerView(account=name, roles=roles) for name, roles in found.items()]
    )


@router.put(ROLE, status_code=status.HTTP_204_NO_CONTENT)
def appoint_reviewer(account: str, role: Reviewer, work: OpenWork, by: Admin) -> None:
    """Let an account review in a role."""
    accounts.make_reviewer(work, account, role)


@router.delete(ROLE, status_code=status.HTTP_204_NO_CONTENT)
def dismiss_reviewer(account: str, role: Reviewer, work: OpenWork, by: Admin) -> None:
    """Let an account review in a role no more, from its next request on; what it said stays."""
    accounts.end_reviewer(work, account, role)
