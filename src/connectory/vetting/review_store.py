"""The tables of reviews and every query on them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    bindparam,
    exists,
    func,
    insert,
    select,
    tuple_,
    update,
)

from connectory.access.rules import Reviewer
from connectory.catalog.rules import Name
from connectory.kernel.paging import Position
from connectory.vetting.rules import Decision, Entry, ReviewState
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, insert_new

REVIEWS = Table(
    "review",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, index=True),
    Column("namespace", Text, nullable=False),
    Column("connector", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("risk", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("stage", Text, nullable=False),
    Index("uq_review_version", "namespace", "connector", "version", unique=True),
    Index("ix_review_state", "state", "opened_at"),
)
DECISIONS = Table(
    "review_decision",
    METADATA,
    Column("review", Text, ForeignKey("review.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("role", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("carried_from", Text, nullable=False),
    Column("behalf_of", Text, nullable=False),
    Column("merge", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Review:
    """The review of one version; `base` is the approved version that it is compared with.

    `stage` is how late it was when somebody was last reminded of it.
    """

    id: str
    digest: str
    name: Name
    version: str
    risk: str
    state: ReviewState
    base: str
    opened_at: datetime
    due_at: datetime
    ended_at: datetime | None = None
    stage: str = ""

    @property
    def label(self) -> str:
        """The version as people name it."""
        return self.name.at(self.version)

    @property
    def position(self) -> Position:
        """Where it stands among those that wait."""
        return self.opened_at, self.id


def add(work: Work, new: Review) -> bool:
    """Insert a review; return False, and do nothing, if the version has one."""
    own = {f.name: getattr(new, f.name) for f in fields(Review) if f.name != "name"}
    row = {**own, "namespace": new.name.namespace, "connector": new.name.id}
    return insert_new(work.db, REVIEWS, row)


def of_version(work: Work, name: Name, version: str) -> Review | None:
    """Return the review of a version, if it has one."""
    asked = {"namespace": name.namespace, "connector": name.id, "version": version}
    row = work.db.execute(OF_VERSION, asked).first()
    return _review(row) if row else None


def by_id(work: Work, review: str, *, lock: bool = False) -> Review | None:
    """Return a review; with `lock` others who want to change it wait for this transaction."""
    query = select(REVIEWS).where(REVIEWS.c.id == review)
    row = work.db.execute(query.with_for_update() if lock else query).first()
    return _review(row) if row else None


def of_connector(work: Work, name: Name, limit: int) -> list[Review]:
    """Return the reviews of a connector, the newest first."""
    query = select(REVIEWS).where(
        REVIEWS.c.namespace == name.namespace, REVIEWS.c.connector == name.id
    )
    ordered = query.order_by(REVIEWS.c.opened_at.desc(), REVIEWS.c.id.desc()).limit(limit)
    return [_review(row) for row in work.db.execute(ordered)]


def of_connectors(work: Work, names: Collection[Name]) -> list[Review]:
    """Return the reviews of some connectors, in no particular order."""
    query = select(REVIEWS).where(
        REVIEWS.c.namespace.in_({name.namespace for name in names}),
        REVIEWS.c.connector.in_({name.id for name in names}),
    )
    found = map(_review, work.db.execute(query))
    return [one for one in found if one.name in names]


def of_digest(work: Work, digest: str) -> list[str]:
    """Return the ids of the reviews of these bytes."""
    return list(work.db.scalars(select(REVIEWS.c.id).where(REVIEWS.c.digest == digest)))


def reviews(
    work: Work,
    states: Iterable[ReviewState],
    limit: int,
    after: Position | None = None,
) -> list[Review]:
    """Return the reviews in some states, those that wait longest first."""
    place = tuple_(REVIEWS.c.opened_at, REVIEWS.c.id)
    query = select(REVIEWS).where(REVIEWS.c.state.in_(sorted(states)))
    if after is not None:
        query = query.where(place > tuple_(*after))
    ordered = query.order_by(REVIEWS.c.opened_at, REVIEWS.c.id).limit(limit)
    return [_review(row) for row in work.db.execute(ordered)]


def latest_waits(work: Work, limit: int) -> list[timedelta]:
    """Return how long the reviews waited that people signed and that ended last."""
    signed = exists().where(DECISIONS.c.review == REVIEWS.c.id, DECISIONS.c.carried_from == "")
    query = select(REVIEWS.c.opened_at, REVIEWS.c.ended_at).where(
        REVIEWS.c.state == ReviewState.APPROVED, signed
    )
    ended = work.db.execute(query.order_by(REVIEWS.c.ended_at.desc()).limit(limit))
    return [row.ended_at - row.opened_at for row in ended]


def places(work: Work, reviews: Collection[str]) -> dict[str, int]:
    """Return the places in the queue of those reviews that are open; the first is 1."""
    place = func.rank().over(order_by=REVIEWS.c.opened_at).label("place")
    queue = select(REVIEWS.c.id, place).where(REVIEWS.c.state == ReviewState.OPEN).subquery()
    found = work.db.execute(select(queue).where(queue.c.id.in_(reviews)))
    return {row.id: row.place for row in found}


def set_state(work: Work, review: str, state: ReviewState, *, is_over: bool) -> None:
    """Give a review another state."""
    ended = work.now if is_over else None
    change = update(REVIEWS).where(REVIEWS.c.id == review)
    work.db.execute(change.values(state=state, ended_at=ended))


def reopen(work: Work, review: str, due_at: datetime) -> None:
    """Let a review that was closed wait once more, behind all others."""
    change = update(REVIEWS).where(REVIEWS.c.id == review)
    again = {"state": ReviewState.OPEN, "ended_at": None, "stage": ""}
    work.db.execute(change.values(opened_at=work.now, due_at=due_at, **again))


def before(work: Work, review: Review, limit: int) -> list[Review]:
    """Return the other reviews of the same connector that opened earlier, the newest first."""
    asked = {
        "namespace": review.name.namespace,
        "connector": review.name.id,
        "id": review.id,
        "opened_at": review.opened_at,
        "limit": limit,
    }
    return [_review(row) for row in work.db.execute(BEFORE, asked)]


def to_remind(work: Work, last_stage: str, limit: int) -> list[Review]:
    """Return open reviews whose last reminder is still to come, those due first."""
    query = select(REVIEWS).where(
        REVIEWS.c.state == ReviewState.OPEN, REVIEWS.c.stage != last_stage
    )
    ordered = query.order_by(REVIEWS.c.due_at, REVIEWS.c.id).limit(limit)
    return [_review(row) for row in work.db.execute(ordered)]


def set_stage(work: Work, review: Review, stage: str) -> bool:
    """Note of which stage somebody is reminded; say whether nobody was faster."""
    change = update(REVIEWS).where(
        REVIEWS.c.id == review.id,
        REVIEWS.c.stage == review.stage,
        REVIEWS.c.state == ReviewState.OPEN,
    )
    return work.db.execute(change.values(stage=stage)).rowcount > 0


def decide(work: Work, review: str, entry: Entry) -> None:
    """Put a decision behind the others of a review, which the caller has locked."""
    count = select(func.count()).where(DECISIONS.c.review == review)
    number = work.db.execute(count).scalar_one() + 1
    values = {f.name: getattr(entry, f.name) for f in fields(Entry)}
    work.db.execute(insert(DECISIONS).values(review=review, number=number, **values))


def decisions(work: Work, review: str) -> list[Entry]:
    """Return the decisions of a review, oldest first."""
    return decisions_of(work, [review]).get(review, [])


def decisions_of(work: Work, reviews: Collection[str]) -> dict[str, list[Entry]]:
    """Return the decisions of those reviews that have some, oldest first."""
    query = select(DECISIONS).where(DECISIONS.c.review.in_(reviews))
    found: dict[str, list[Entry]] = {}
    for row in work.db.execute(query.order_by(DECISIONS.c.review, DECISIONS.c.number)):
        found.setdefault(row.review, []).append(_entry(row))
    return found


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    values = row._asdict()
    del values["review"], values["number"]
    role, decision = Reviewer(values.pop("role")), Decision(values.pop("decision"))
    return Entry(role=role, decision=decision, **values)


def _review(row: Row[tuple[object, ...]]) -> Review:
    values = row._asdict()
    name = Name(values.pop("namespace"), values.pop("connector"))
    state = ReviewState(values.pop("state"))
    return Review(name=name, state=state, **values)


OF_CONNECTOR = select(REVIEWS).where(
    REVIEWS.c.namespace == bindparam("namespace"), REVIEWS.c.connector == bindparam("connector")
)
OF_VERSION = OF_CONNECTOR.where(REVIEWS.c.version == bindparam("version"))
BEFORE = (
    OF_CONNECTOR.where(
        REVIEWS.c.id != bindparam("id"), REVIEWS.c.opened_at <= bindparam("opened_at")
    )
    .order_by(REVIEWS.c.opened_at.desc(), REVIEWS.c.id.desc())
    .limit(bindparam("limit"))
)
"""All are built once: putting a query together costs more than running it."""
