"""The table of bills of materials, one for each release digest, and every query on it."""

import json
import zlib
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Column, Integer, LargeBinary, Table, Text, select

from connectory.checks.sbom import Sbom
from connectory.work import Work
from connectory.work.tables import METADATA, insert_new

SBOMS = Table(
    "sbom",
    METADATA,
    Column("release", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("components", Integer, nullable=False),
    Column("gaps", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """A bill without its content: its digest, how much it lists, and what it says it lacks."""

    digest: str
    components: int
    gaps: tuple[str, ...]


def keep(work: Work, release: str, made: Sbom) -> None:
    """Keep the bill of bytes; the first one stays for ever, as decisions are bound to it."""
    row = {
        "release": release,
        "digest": made.digest,
        "components": made.components,
        "gaps": json.dumps(made.gaps),
        "content": zlib.compress(made.content),
    }
    insert_new(work.db, SBOMS, row)


def digest(work: Work, release: str) -> str:
    """Return the digest of the bill of bytes, an empty text before there is one."""
    query = select(SBOMS.c.digest).where(SBOMS.c.release == release)
    return str(work.db.execute(query).scalar() or "")


def known(work: Work, releases: Collection[str]) -> frozenset[str]:
    """Return those of the bytes that have a bill."""
    query = select(SBOMS.c.release).where(SBOMS.c.release.in_(releases))
    return frozenset(work.db.scalars(query))


def facts(work: Work, release: str) -> Facts | None:
    """Return what is told of the bill of bytes, None before their checks have ended."""
    query = select(SBOMS.c.digest, SBOMS.c.components, SBOMS.c.gaps)
    row = work.db.execute(query.where(SBOMS.c.release == release)).first()
    return Facts(row.digest, row.components, tuple(json.loads(row.gaps))) if row else None


def get(work: Work, release: str) -> Sbom | None:
    """Return the bill of bytes, None before their checks have ended."""
    row = work.db.execute(select(SBOMS).where(SBOMS.c.release == release)).first()
    if row is None:
        return None
    return Sbom(zlib.decompress(row.content), row.components, tuple(json.loads(row.gaps)))
