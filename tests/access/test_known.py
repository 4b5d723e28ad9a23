"""Who was recognised a moment ago is known until something changes."""

from datetime import UTC, datetime, timedelta

import pytest

from connectory.access.known import LIFE_S, Known
from connectory.access.rules import Actor
from connectory.work import Works
from marketplaces import Marketplace

ANA = Actor("ana", via="tok_1")
SENT = "Bearer cty_something\n"


@pytest.fixture
def clock() -> list[datetime]:
    """One time, which a test may replace."""
    return [datetime(2026, 11, 24, tzinfo=UTC)]


@pytest.fixture
def works(works: Works, clock: list[datetime]) -> Works:
    return Works(works.engine, lambda: clock[0], lambda: None)


def remembering(works: Works) -> Known:
    known = Known(works)
    known.keep(SENT, ANA, works.latest.mark)
    return known


def test_who_sends_the_same_again_is_known(works: Works) -> None:
    known = remembering(works)

    assert known.find(SENT) is ANA
    assert known.find(SENT + "x") is None


def test_a_committed_change_forgets_everybody(works: Works) -> None:
    known = remembering(works)

    with works.write():
        pass

    assert known.find(SENT) is None


def test_who_was_looked_up_before_a_change_is_not_known_after_it(works: Works) -> None:
    known = Known(works)
    mark = works.latest.mark

    with works.write():
        pass
    known.keep(SENT, ANA, mark)

    assert known.find(SENT) is None


def test_a_change_that_was_rolled_back_forgets_nobody(works: Works) -> None:
    known = remembering(works)

    with pytest.raises(ZeroDivisionError), works.write():
        raise ZeroDivisionError

    assert known.find(SENT) is ANA


@pytest.mark.parametrize("moved_s", [LIFE_S, -1])
def test_nobody_is_known_for_long(works: Works, clock: list[datetime], moved_s: float) -> None:
    known = remembering(works)

    clock[0] += timedelta(seconds=moved_s)

    assert known.find(SENT) is None


def test_a_revoked_token_is_refused_at_the_next_request(
    marketplace: Marketplace,
) -> None:
    headers = marketplace.as_("bob")
    me = marketplace.client.get("/api/v1/me", headers=headers).json()

    ended = marketplace.client.delete(f"/api/v1/tokens/{me['via']}", headers=headers)
    after = marketplace.client.get("/api/v1/me", headers=headers)

    assert (ended.status_code, after.status_code) == (204, 401)
