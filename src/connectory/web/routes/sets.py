"""Pages of curated sets: /sets for everybody, and forms for the admins who order them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from connectory.access.actors import Admin, Visitor
from connectory.access.edge import Opener, Opening, ReadWork
from connectory.access.rules import Actor
from connectory.catalog.rules import Status
from connectory.kernel.errors import ConnectoryError
from connectory.listing import sets
from connectory.listing.sets import Member, SeenSet, Wish
from connectory.web.answering import REFUSED, Entered, see_other, show, trouble_of
from connectory.web.pages.sets import SetEditPage, SetMemberRow, SetPage, SetRow, SetsPage
from connectory.web.parts import Field
from connectory.web.routes.cards import card_of

router = APIRouter(include_in_schema=False)

PAGE = "/sets"
ONE = PAGE + "/{set_id}"
MOST_DIGITS = 9  # of a revision
NOTHING: Mapping[str, str] = {}


class Move(StrEnum):
    """What a button beside an entry of a list does with it."""

    UP = "up"
    DOWN = "down"
    REMOVE = "remove"


@router.get(PAGE)
def show_sets(request: Request, work: ReadWork, by: Visitor) -> HTMLResponse:
    """Show all sets in their order."""
    return show(request, _all(sets.seen(work, by), by))


@router.post(PAGE)
def make_set(request: Request, entered: Entered, opener: Opening, by: Admin) -> Response:
    """Make an empty set and go on to fill it."""
    wish = Wish(entered.get("id", "").strip(), entered.get("title", ""), "", ())
    try:
        with opener.write() as work:
            sets.put(work, wish, None, by)
    except ConnectoryError as refused:
        trouble = trouble_of(refused)
        with opener.read() as work:
            page = _all(sets.seen(work, by), by, entered)
        return show(request, replace(page, troubles=(trouble,)), REFUSED)
    return see_other(f"{PAGE}/{wish.id}/edit")


@router.get(ONE)
def show_set(request: Request, set_id: str, work: ReadWork, by: Visitor) -> HTMLResponse:
    """Show the connectors of one set."""
    found = sets.one(work, set_id, by)
    cards = tuple(
        card_of(each.listing, title=each.member.title)
        for each in found.members
        if each.listing and each.listing.status is Status.APPROVED
    )
    one = found.set
    return show(request, SetPage(one.id, one.title, one.why, cards, by.is_admin))


@router.get(ONE + "/edit")
def edit_set(
    request: Request,
    set_id: str,
    work: ReadWork,
    by: Admin,
    done: Annotated[str, Query()] = "",
) -> HTMLResponse:
    """Show the form in which a set is changed."""
    page = _editing(sets.one(work, set_id, by))
    return show(request, replace(page, done="The set is saved" if done else ""))


@router.post(ONE)
def save_set(
    request: Request, set_id: str, entered: Entered, opener: Opening, by: Admin
) -> Response:
    """Give a set its title and reason."""

    def change(now: Wish) -> Wish:
        return replace(now, title=entered.get("title", ""), why=entered.get("why", ""))

    return _changed(request, opener, by, set_id, entered, change)


@router.post(ONE + "/members")
def add_member(
    request: Request, set_id: str, entered: Entered, opener: Opening, by: Admin
) -> Response:
    """Put a connector at the end of a set."""
    new = Member(entered.get("connector", "").strip(), entered.get("card_title", ""))

    def change(now: Wish) -> Wish:
        return replace(now, members=(*now.members, new))

    return _changed(request, opener, by, set_id, entered, change)


@router.post(ONE + "/move")
def move_member(
    request: Request,
    set_id: str,
    entered: Entered,
    opener: Opening,
    by: Admin,
    move: Annotated[Move, Form()],
) -> Response:
    """Move a connector up or down in a set, or take it out."""
    connector = entered.get("connector", "")

    def change(now: Wish) -> Wish:
        keys = [member.connector for member in now.members]
        return replace(now, members=_moved(now.members, keys, connector, move))

    return _changed(request, opener, by, set_id, entered, change)


@router.post(ONE + "/order")
def move_set(
    request: Request,
    set_id: str,
    entered: Entered,
    opener: Opening,
    by: Admin,
    move: Annotated[Move, Form()],
) -> Response:
    """Move a set up or down among all sets."""
    try:
        with opener.write() as work:
            now = sets.one(work, set_id, by).set
            order = max(1, now.position + (-1 if move is Move.UP else 1))
            wish = Wish(set_id, now.title, now.why, now.members, order)
            sets.put(work, wish, _revision(entered), by)
    except ConnectoryError as refused:
        trouble = trouble_of(refused)
        with opener.read() as work:
            page = _all(sets.seen(work, by), by)
        return show(request, replace(page, troubles=(trouble,)), REFUSED)
    return see_other(PAGE)


@router.post(ONE + "/delete")
def delete_set(
    request: Request, set_id: str, entered: Entered, opener: Opening, by: Admin
) -> Response:
    """Delete a set; its connectors stay."""
    try:
        with opener.write() as work:
            sets.delete(work, set_id, _revision(entered))
    except ConnectoryError as refused:
        return _refused(request, opener, by, set_id, refused)
    return see_other(PAGE)


def _changed(
    request: Request,
    opener: Opener,
    by: Actor,
    set_id: str,
    entered: Mapping[str, str],
    change: Callable[[Wish], Wish],
) -> Response:
    """Make a change to the set as its form saw it, and show it again."""
    try:
        with opener.write() as work:
            now = sets.one(work, set_id, by).set
            wish = change(Wish(set_id, now.title, now.why, now.members))
            sets.put(work, wish, _revision(entered), by)
    except ConnectoryError as refused:
        return _refused(request, opener, by, set_id, refused, entered)
    return see_other(f"{PAGE}/{set_id}/edit?done=saved")


def _refused(
    request: Request,
    opener: Opener,
    by: Actor,
    set_id: str,
    refused: ConnectoryError,
    entered: Mapping[str, str] = NOTHING,
) -> HTMLResponse:
    trouble = trouble_of(refused)
    with opener.read() as work:
        page = _editing(sets.one(work, set_id, by), entered)
    return show(request, replace(page, troubles=(trouble,)), REFUSED)


def _revision(entered: Mapping[str, str]) -> int:
    """Return the revision that the form saw; 0, which no set has, when it names none."""
    sent = entered.get("revision", "")
    return int(sent) if sent.isdecimal() and len(sent) <= MOST_DIGITS else 0


def _moved(
    members: tuple[Member, ...], keys: list[str], connector: str, move: Move
) -> tuple[Member, ...]:
    if connector not in keys:
        return members
    at = keys.index(connector)
    rest = [*members[:at], *members[at + 1 :]]
    if move is not Move.REMOVE:
        rest.insert(max(0, at + (-1 if move is Move.UP else 1)), members[at])
    return tuple(rest)


def _all(found: Iterable[SeenSet], by: Actor, entered: Mapping[str, str] = NOTHING) -> SetsPage:
    rows = tuple(
        SetRow(one.set.id, one.set.title, one.set.why, len(one.members), one.set.revision)
        for one in found
    )
    form = (
        Field("title", "Title", value=entered.get("title", ""), required=True),
        Field(
            "id",
            "Id",
            value=entered.get("id", ""),
            required=True,
            hint="Its address: small letters, digits and `-`.",
        ),
    )
    return SetsPage(rows, form if by.is_admin else ())


def _editing(found: SeenSet, entered: Mapping[str, str] = NOTHING) -> SetEditPage:
    one = found.set
    return SetEditPage(
        id=one.id,
        title=one.title,
        revision=one.revision,
        form=(
            Field("title", "Title", value=entered.get("title", one.title), required=True),
            Field(
                "why",
                "Why these",
                "textarea",
                entered.get("why", one.why),
                hint="One sentence for people who choose.",
            ),
        ),
        members=tuple(
            SetMemberRow(each.member.connector, each.member.title, each.state)
            for each in found.members
        ),
        member_form=(
            Field(
                "connector",
                "Connector",
                value=entered.get("connector", ""),
                required=True,
                example="bizops/crm-to-slack-v1",
            ),
            Field(
                "card_title",
                "Title on its card",
                value=entered.get("card_title", ""),
                hint="Instead of its name.",
            ),
        ),
    )
