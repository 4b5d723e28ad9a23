"""An open stream ends with the rights of its reader, within seconds."""

import threading
from collections.abc import Callable

import anyio
import pytest

from connectory.access import accounts, session_store, signing_in, store, streams
from connectory.access.rules import Actor, Role
from connectory.access.signing_in import TokenRequest
from connectory.access.streams import News, Reader
from connectory.work import Work, Works

Step = Callable[[Work, Actor], None]


def end_token(work: Work, actor: Actor) -> None:
    store.revoke_token(work, actor.root)


def end_membership(work: Work, actor: Actor) -> None:
    accounts.remove_member(work, "payments", actor.name)


def end_account(work: Work, actor: Actor) -> None:
    accounts.disable_account(work, actor.name)


def end_session(work: Work, actor: Actor) -> None:
    for one in session_store.sessions_of(work, actor.name):
        session_store.end_session(work, one.id)


def reader(works: Works, *, of_session: bool) -> Reader:
    with works.write() as work:
        accounts.create_team(work, "payments", "Payments")
        for name in ("kim", "max"):
            accounts.create_account(work, name)
            accounts.set_member(work, "payments", name, Role.OWNER)
        made = signing_in.create_token(work, TokenRequest("max", "x", 1), most_days=90)
        actor = signing_in.actor_of_token(work, made.value.reveal())
        if of_session:
            key = signing_in.begin_session(work, "max", hours=1, made_by=actor.root)
            actor = signing_in.actor_of_session(work, key.reveal())
    return Reader(works, actor, "payments", lambda actor: actor)


@pytest.mark.parametrize(
    ("end", "of_session"),
    [
        (end_token, False),
        (end_membership, False),
        (end_account, False),
        (end_session, True),
        (end_membership, True),
    ],
)
def test_a_reader_may_read_until_a_right_ends(
    works: Works, end: Step, *, of_session: bool
) -> None:
    one = reader(works, of_session=of_session)
    before = one.may_read()

    with works.write() as work:
        end(work, one.actor)

    assert (before, one.may_read()) == (True, False)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_open_stream_ends_when_its_reader_may_read_no_more(works: Works) -> None:
    one = reader(works, of_session=False)

    def look() -> News:
        with works.write() as work:
            end_token(work, one.actor)
        return News()

    async def follow() -> list[str]:
        with anyio.fail_after(5):
            return [event async for event in streams._events(threading.Event(), one, look)]

    assert anyio.run(follow) == []
