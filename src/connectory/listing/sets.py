"""Curated sets: what an admin recommends, in order, on the home page."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from connectory.access.rules import Actor
from connectory.catalog import read as catalog
from connectory.catalog.read import Listing
from connectory.catalog.rules import Status
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.listing import set_store
from connectory.listing.set_store import CuratedSet, Member
from connectory.work import Event, Work

__all__ = ["CuratedSet", "Member", "SeenMember", "SeenSet", "Wish", "delete", "put", "seen"]

ID = re.compile(r"\A[a-z][a-z0-9-]{1,62}\Z")
MOST_SETS = 50
MOST_MEMBERS = 50
MOST_TITLE = 100
MOST_WHY = 500


@dataclass(frozen=True, slots=True)
class SetPut(Event):
    """A curated set was made or changed."""

    members: list[str]


@dataclass(frozen=True, slots=True)
class SetDeleted(Event):
    """A curated set is gone; its connectors are not."""


class SetMissingError(ConnectoryError):
    """There is no such curated set."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "set-missing"

    def __init__(self, set_id: str) -> None:
        super().__init__(
            f"there is no set `{set_id[:80]}`", hint="list them with `connectory set list`"
        )


class SetOutdatedError(ConnectoryError):
    """A curated set has changed since the caller read it."""

    kind: ClassVar[Kind] = Kind.OUTDATED
    code: ClassVar[str] = "set-outdated"

    def __init__(self, known: CuratedSet) -> None:
        super().__init__(
            f"{known.id} is at revision {known.revision}, changed by {known.changed_by}",
            hint="read it again and send that revision as `If-Match`",
            revision=known.revision,
        )


class SetRefusedError(ConnectoryError):
    """A curated set cannot be kept as it was sent."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "set-refused"

    def __init__(self, message: str, hint: str, field: str) -> None:
        super().__init__(message, hint=hint, field=field)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a set should be. `order` is its place among all, from 1; None leaves it."""

    id: str
    title: str
    why: str
    members: tuple[Member, ...]
    order: int | None = None


@dataclass(frozen=True, slots=True)
class SeenMember:
    """A member as a reader sees it; `listing` is None when the connector went away."""

    member: Member
    listing: Listing | None

    @property
    def state(self) -> str:
        """The status of the connector, or `vanished`."""
        return self.listing.status if self.listing else "vanished"


@dataclass(frozen=True, slots=True)
class SeenSet:
    """A set as a reader sees it: admins see all members, others those that are approved."""

    set: CuratedSet
    members: tuple[SeenMember, ...]


def seen(work: Work, by: Actor) -> tuple[SeenSet, ...]:
    """Return all sets in order, with their listings in three queries."""
    every = set_store.sets(work)
    found = catalog.listings(work, {m.connector for one in every for m in one.members})
    return tuple(
        SeenSet(
            one,
            tuple(
                member
                for member in (SeenMember(m, found.get(m.connector)) for m in one.members)
                if by.is_admin or member.state == Status.APPROVED
            ),
        )
        for one in every
    )


def one(work: Work, set_id: str, by: Actor) -> SeenSet:
    """Return one set.

    Raises:
        SetMissingError: If there is none of this id.
    """
    for found in seen(work, by):
        if found.set.id == set_id:
            return found
    raise SetMissingError(set_id)


def put(work: Work, wish: Wish, revision: int | None, by: Actor) -> CuratedSet:
    """Make a set, or change the one that is at `revision`; without effect if it is the same.

    Raises:
        SetRefusedError: If it cannot be kept so.
        SetMissingError: If a revision is named and there is no such set.
        SetOutdatedError: If there is a set that is not at this revision.
        ConnectorMissingError, ConnectorAmbiguousError: If a new member is not one connector.
    """
    every = set_store.sets(work, lock=True)
    old = next((each for each in every if each.id == wish.id), None)
    _check(wish, every)
    _check_revision(wish.id, old, revision)
    new = CuratedSet(
        id=wish.id,
        title=wish.title.strip(),
        why=wish.why.strip(),
        position=old.position if old else len(every) + 1,
        revision=old.revision + 1 if old else 1,
        members=_members(work, wish.members, old, by),
        changed_at=work.now,
        changed_by=by.name,
    )
    stored = _stored(work, old, new)
    return _placed(work, every, stored, wish.order)


def delete(work: Work, set_id: str, revision: int | None) -> None:
    """Delete the set that is at `revision`.

    Raises:
        SetMissingError: If there is none.
        SetOutdatedError: If it is not at this revision.
    """
    every = set_store.sets(work, lock=True)
    old = next((each for each in every if each.id == set_id), None)
    if old is None:
        raise SetMissingError(set_id)
    _check_revision(set_id, old, revision)
    set_store.remove(work, set_id)
    set_store.place(work, [each.id for each in every if each.id != set_id])
    work.emit(SetDeleted(subject=set_id, team=""))


def _stored(work: Work, old: CuratedSet | None, new: CuratedSet) -> CuratedSet:
    """Store what differs from what there is, and return what there is then."""
    if old is not None:
        same = (old.title, old.why, old.members) == (new.title, new.why, new.members)
        if same:
            return old
        set_store.change(work, new)
    elif not set_store.add(work, new):  # somebody made it a moment ago
        first = next(each for each in set_store.sets(work) if each.id == new.id)
        raise SetOutdatedError(first)
    members = [member.connector for member in new.members]
    work.emit(SetPut(subject=new.id, team="", members=members))
    return new


def _placed(
    work: Work, every: Iterable[CuratedSet], one: CuratedSet, order: int | None
) -> CuratedSet:
    ids = [each.id for each in every if each.id != one.id]
    ids.insert((order or one.position) - 1, one.id)
    position = ids.index(one.id) + 1
    if position == one.position:
        return one
    set_store.place(work, ids)
    members = [member.connector for member in one.members]
    work.emit(SetPut(subject=one.id, team="", members=members))
    return replace(one, position=position)


def _members(
    work: Work, wanted: Iterable[Member], old: CuratedSet | None, by: Actor
) -> tuple[Member, ...]:
    """Name each member in full; one that was in the set before may have gone away."""
    known = {member.connector for member in old.members} if old else set()
    found: dict[str, Member] = {}
    for member in wanted:
        key = member.connector
        if key not in known:
            key = catalog.resolve(work, key, by).key
        found[key] = Member(key, member.title.strip()[:MOST_TITLE])
    return tuple(found.values())


def _check(wish: Wish, every: list[CuratedSet]) -> None:
    if not ID.match(wish.id):
        raise SetRefusedError(
            f"`{wish.id[:80]}` cannot be the id of a set",
            "use 2 to 63 of a-z, 0-9 and `-`, beginning with a letter",
            "id",
        )
    if not 1 <= len(wish.title.strip()) <= MOST_TITLE:
        raise SetRefusedError(
            f"the title has {len(wish.title.strip())} characters",
            f"use 1 to {MOST_TITLE}",
            "title",
        )
    if len(wish.why) > MOST_WHY:
        raise SetRefusedError(
            f"the reason has {len(wish.why)} characters", f"use up to {MOST_WHY}", "why"
        )
    if len(wish.members) > MOST_MEMBERS:
        raise SetRefusedError(
            f"the set has {len(wish.members)} connectors",
            f"use up to {MOST_MEMBERS}",
            "members",
        )
    if len(every) >= MOST_SETS and all(each.id != wish.id for each in every):
        raise SetRefusedError(
            f"there are {len(every)} sets already", "delete one that nobody needs", "id"
        )


def _check_revision(set_id: str, old: CuratedSet | None, revision: int | None) -> None:
    if old is None and revision is not None:
        raise SetMissingError(set_id)
    if old is not None and old.revision != revision:
        raise SetOutdatedError(old)
