"""The sealer: gives event rows their position and chains them, after they were committed.

Writers only insert. Whoever holds the lock on the head row is the sealer of the moment, so any
number of processes may try. A link of the chain is the digest of the link before, the position
and the content of the row; checkpoints are signed links, so that an exported one shows later
that nothing before it was rewritten.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
    update,
)

from connectory.kernel.digest import digest_of
from connectory.work import log
from connectory.work.tables import METADATA, UtcTime, insert_new

GENESIS = digest_of(b"connectory event log v1")
BATCH = 500
CHECKPOINT_EVERY = 1000  # positions

HEAD = Table(
    "event_head",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("chain", Text, nullable=False),
)
CHECKPOINTS = Table(
    "event_checkpoint",
    METADATA,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("chain", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("signature", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest sealed position and its link; position 0 is the empty log."""

    position: int
    chain: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A link of the chain signed with the audit key (`signature` in hex)."""

    position: int
    chain: str
    at: datetime
    signature: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where the log does not hold together."""

    position: int
    event: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries were checked, the head they lead to, and what is broken, if anything."""

    entries: int
    head: Head
    broken: Broken | None


def is_behind(db: Connection) -> bool:
    """Whether there are rows to seal. Cheap, and takes no lock."""
    unsealed = select(log.EVENTS.c.seq).where(log.EVENTS.c.position.is_(None))
    return db.execute(unsealed.limit(1)).first() is not None


def behind(db: Connection) -> int:
    """Return how many rows are not sealed yet."""
    unsealed = select(func.count()).where(log.EVENTS.c.position.is_(None))
    found: int = db.execute(unsealed).scalar_one()
    return found


def prepare(db: Connection) -> None:
    """Create the head of an empty log; without effect on a log that has one."""
    insert_new(db, HEAD, {"id": 1, "position": 0, "chain": GENESIS})


def head(db: Connection, *, lock: bool = False) -> Head:
    """Return the head; with `lock` nobody else can seal until this transaction ends."""
    query = select(HEAD.c.position, HEAD.c.chain)
    found = db.execute(query.with_for_update() if lock else query).one()
    return Head(found.position, found.chain)


def seal(db: Connection, key: Ed25519PrivateKey, now: datetime) -> int:
    """Seal up to `BATCH` rows; return how many were sealed. Call again until it returns 0."""
    last = head(db, lock=True)
    unsealed = select(log.EVENTS).where(log.EVENTS.c.position.is_(None))
    rows = list(log.rows(db, unsealed.order_by(log.EVENTS.c.seq).limit(BATCH)))
    position, chain = last.position, last.chain
    links = []
    for row in rows:
        position += 1
        chain = row.chained_to(chain, position)
        links.append({"row": row.id, "position": position, "chain": chain})
    if links:
        db.execute(
            update(log.EVENTS)
            .where(log.EVENTS.c.id == bindparam("row"))
            .values(position=bindparam("position"), chain=bindparam("chain")),
            links,
        )
        db.execute(update(HEAD).values(position=position, chain=chain))
    if position // CHECKPOINT_EVERY > last.position // CHECKPOINT_EVERY:
        checkpoint(db, key, now)
    return len(rows)


def checkpoint(db: Connection, key: Ed25519PrivateKey, now: datetime) -> None:
    """Sign the present head, unless it is signed already or the log is empty."""
    last = head(db)
    known = select(CHECKPOINTS.c.position).where(CHECKPOINTS.c.position == last.position)
    if last.position == 0 or db.execute(known).first() is not None:
        return
    db.execute(
        insert(CHECKPOINTS).values(
            position=last.position,
            chain=last.chain,
            at=now,
            signature=key.sign(_signed_text(last.position, last.chain)).hex(),
        )
    )


def checkpoints(db: Connection) -> list[Checkpoint]:
    """Return all signed checkpoints, oldest first."""
    found = db.execute(select(CHECKPOINTS).order_by(CHECKPOINTS.c.position))
    return [Checkpoint(row.position, row.chain, row.at, row.signature) for row in found]


def verify(db: Connection, key: Ed25519PublicKey) -> Verified:
    """Recompute the whole chain; name the first row that was changed, removed or added."""
    last = head(db)
    signed = {row.position: row for row in checkpoints(db)}
    chain, position = GENESIS, 0
    while rows := log.sealed_after(db, position, BATCH):
        for row in rows:
            reason = _fault(row, chain, position + 1)
            if reason is None and row.position in signed:
                reason = _checkpoint_fault(signed[row.position], row, key)
            if reason:
                return Verified(position, last, Broken(position + 1, row.id, reason))
            position, chain = position + 1, row.chain or ""
    if (position, chain) != (last.position, last.chain):
        reason = f"the log ends at {position}, its head says {last.position}"
        return Verified(position, last, Broken(position + 1, "", reason))
    if (newest := max(signed, default=0)) > position:
        reason = f"the log ends at {position}, and position {newest} was signed"
        return Verified(position, last, Broken(position + 1, "", reason))
    return Verified(position, last, None)


def _fault(row: log.Row, chain: str, wanted: int) -> str | None:
    if row.position != wanted:
        return f"position {wanted} is missing"
    if row.chain != row.chained_to(chain, wanted):
        return "its content is not what was sealed"
    return None


def _checkpoint_fault(signed: Checkpoint, row: log.Row, key: Ed25519PublicKey) -> str | None:
    if signed.chain != row.chain:
        return "it differs from the signed checkpoint"
    try:
        key.verify(bytes.fromhex(signed.signature), _signed_text(signed.position, signed.chain))
    except (InvalidSignature, ValueError):
        return "the signature of its checkpoint does not fit this server's audit key"
    return None


def _signed_text(position: int, chain: str) -> bytes:
    return f"connectory checkpoint\n{position}\n{chain}".encode()
