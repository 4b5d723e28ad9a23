"""HTTP: /api/v1/sets, the curated sets of the home page."""

from typing import Annotated

from fastapi import APIRouter, Header, Response, status
from pydantic import BaseModel, Field

from connectory.access.actors import Admin, Visitor
from connectory.access.bodies import Body
from connectory.access.edge import OpenWork, ReadWork
from connectory.kernel.clock import rfc3339
from connectory.listing import sets
from connectory.listing.sets import Member, SeenSet, Wish

router = APIRouter(prefix="/api/v1/sets", tags=["catalog"])

IfMatch = Annotated[
    str, Header(alias="If-Match", description='The ETag of the set as it was read: `"3"`')
]


class MemberBody(Body):
    """A connector of a set; `title` stands for its name where there is one."""

    connector: Annotated[str, Field(max_length=200)]
    title: str = ""


class SetBody(Body):
    """A curated set. `order` is its place among all sets, from 1."""

    title: str
    why: str = ""
    order: int | None = Field(default=None, ge=1, le=1000)
    members: list[MemberBody] = Field(default_factory=list)


class MemberView(BaseModel):
    """A member of a set; `state` is its status, or `vanished` (admins alone see that)."""

    connector: str
    title: str
    name: str
    state: str
    url: str


class SetView(BaseModel):
    """A curated set."""

    id: str
    title: str
    why: str
    order: int
    revision: int
    members: list[MemberView]
    changed_at: str
    changed_by: str
    url: str


class SetList(BaseModel):
    """All curated sets in their order."""

    items: list[SetView]


@router.get("")
def list_sets(work: ReadWork, by: Visitor) -> SetList:
    """List the curated sets; members that are not approved are shown to admins alone."""
    return SetList(items=[_view(each) for each in sets.seen(work, by)])


@router.get("/{set_id}")
def show_set(set_id: str, work: ReadWork, by: Visitor, response: Response) -> SetView:
    """Show one set. Its ETag is what `If-Match` takes."""
    return _tagged(response, sets.one(work, set_id, by))


@router.put("/{set_id}")
def put_set(
    set_id: str,
    body: SetBody,
    work: OpenWork,
    by: Admin,
    response: Response,
    seen: IfMatch = "",
) -> SetView:
    """Make a set, or change the one that is as the caller read it."""
    members = tuple(Member(each.connector, each.title) for each in body.members)
    wish = Wish(set_id, body.title, body.why, members, body.order)
    sets.put(work, wish, _revision(seen), by)
    return _tagged(response, sets.one(work, set_id, by))


@router.delete("/{set_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_set(set_id: str, work: OpenWork, by: Admin, seen: IfMatch = "") -> None:
    """Delete the set that is as the caller read it; its connectors stay."""
    sets.delete(work, set_id, _revision(seen))


def _revision(seen: str) -> int | None:
    """Return the revision that a caller read; -1, which none has, for no tag of ours."""
    if not seen:
        return None
    digits = seen.strip().strip('"')
    return int(digits) if digits.isdecimal() and len(digits) < 10 else -1  # noqa: PLR2004


def _tagged(response: Response, found: SeenSet) -> SetView:
    response.headers["ETag"] = f'"{found.set.revision}"'
    return _view(found)


def _view(found: SeenSet) -> SetView:
    one = found.set
    return SetView(
        id=one.id,
        title=one.title,
        why=one.why,
        order=one.position,
        revision=one.revision,
        members=[
            MemberView(
                connector=each.member.connector,
                title=each.member.title,
                name=each.listing.name if each.listing else "",
                state=each.state,
                url=f"/c/{each.member.connector}",
            )
            for each in found.members
        ],
        changed_at=rfc3339(one.changed_at),
        changed_by=one.changed_by,
        url=f"/sets/{one.id}",
    )
