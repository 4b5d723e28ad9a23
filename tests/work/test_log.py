"""The event log: written with its change, sealed afterwards, and any tampering is named."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, update

from connectory.work import Event, Works, log, seal
from marketplaces import racing

KEY = Ed25519PrivateKey.generate()
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Happened(Event):
    number: int


def happen(works: Works, *numbers: int) -> None:
    with works.write() as work:
        for number in numbers:
            work.emit(Happened("thing", "team", number))


def seal_all(works: Works) -> None:
    with works.engine.begin() as db:
        while seal.seal(db, KEY, NOW):
            pass


def verify(works: Works) -> seal.Verified:
    with works.read() as work:
        return seal.verify(work.db, KEY.public_key())


def test_sealed_rows_are_numbered_without_gaps_in_the_order_they_came(works: Works) -> None:
    happen(works, 1, 2)
    happen(works, 3)

    seal_all(works)

    with works.read() as work:
        rows = log.sealed_after(work.db, 0, 10)
    assert [(row.position, row.facts["number"]) for row in rows] == [(1, 1), (2, 2), (3, 3)]


def test_followers_see_nothing_before_it_is_sealed(works: Works) -> None:
    happen(works, 1)

    with works.read() as work:
        assert log.sealed_after(work.db, 0, 10) == []


def test_a_change_that_is_rolled_back_leaves_no_event(works: Works) -> None:
    with pytest.raises(RuntimeError), works.write() as work:
        work.emit(Happened("thing", "team", 1))
        raise RuntimeError

    with works.read() as work:
        assert not seal.is_behind(work.db)


def test_an_untouched_log_is_intact(works: Works) -> None:
    happen(works, *range(5))
    seal_all(works)

    found = verify(works)

    assert (found.entries, found.broken) == (5, None)


def test_a_changed_row_is_named(works: Works) -> None:
    happen(works, *range(5))
    seal_all(works)
    with works.write() as work:
        third = log.EVENTS.c.position == 3
        work.db.execute(update(log.EVENTS).where(third).values(actor="mallory"))

    broken = verify(works).broken

    assert broken is not None
    assert (broken.position, broken.reason) == (3, "its content is not what was sealed")


def test_a_deleted_row_is_named(works: Works) -> None:
    happen(works, *range(5))
    seal_all(works)
    with works.write() as work:
        work.db.execute(delete(log.EVENTS).where(log.EVENTS.c.position == 3))

    broken = verify(works).broken

    assert broken is not None
    assert (broken.position, broken.reason) == (3, "position 3 is missing")


def test_a_shortened_log_is_noticed(works: Works) -> None:
    happen(works, *range(5))
    seal_all(works)
    with works.write() as work:
        work.db.execute(delete(log.EVENTS).where(log.EVENTS.c.position == 5))

    broken = verify(works).broken

    assert broken is not None
    assert broken.reason == "the log ends at 4, its head says 5"


def test_a_rewritten_chain_differs_from_its_signed_checkpoint(works: Works) -> None:
    happen(works, *range(3))
    seal_all(works)
    with works.write() as work:
        seal.checkpoint(work.db, KEY, NOW)
        last = log.EVENTS.c.position == 3
        work.db.execute(update(log.EVENTS).where(last).values(actor="mallory"))
        rows = log.sealed_after(work.db, 1, 10)
        forged = rows[1].chained_to(rows[0].chain or "", 3)
        work.db.execute(update(log.EVENTS).where(last).values(chain=forged))
        work.db.execute(update(seal.HEAD).values(chain=forged))

    broken = verify(works).broken

    assert broken is not None
    assert broken.reason == "it differs from the signed checkpoint"


def test_a_log_cut_behind_its_signed_checkpoint_is_noticed(works: Works) -> None:
    happen(works, *range(3))
    seal_all(works)
    with works.write() as work:
        seal.checkpoint(work.db, KEY, NOW)
        second = log.sealed_after(work.db, 1, 1)[0]
        work.db.execute(delete(log.EVENTS).where(log.EVENTS.c.position == 3))
        work.db.execute(update(seal.HEAD).values(position=2, chain=second.chain))

    broken = verify(works).broken

    assert broken is not None
    assert broken.reason == "the log ends at 2, and position 3 was signed"


def test_two_servers_that_start_at_once_make_one_head(works: Works) -> None:
    with works.write() as work:
        work.db.execute(delete(seal.HEAD))

    both = racing(works, lambda work: seal.prepare(work.db))

    assert both == (None, None)
    with works.read() as work:
        assert seal.head(work.db).position == 0
