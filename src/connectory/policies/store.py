"""The tables of policies and every query on them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Integer, Table, Text, select

from connectory.policies.rules import Active, Files
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, put_row

BUNDLES = Table(
    "policy_bundle",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("files", Text, nullable=False),
    Column("rules", Integer, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    Column("uploaded_at", UtcTime, nullable=False),
)
ACTIVE = Table(
    "policy_active",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("activated_by", Text, nullable=False),
    Column("activated_at", UtcTime, nullable=False),
)
"""At most one row; an empty digest stands for what comes with Connectory."""
BASES = Table(
    "version_bases",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("bases", Text, nullable=False),
)
"""The images that versions are built on, as their checks saw them."""
THE_ACTIVE = 1


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A bundle that was uploaded, without its files; `rules` is how many it has."""

    digest: str
    rules: int
    uploaded_by: str
    uploaded_at: datetime


def put(work: Work, new: Uploaded, files: Files) -> None:
    """Keep a bundle. The same rules again bring their tests and cases up to date."""
    row = {name: getattr(new, name) for name in Uploaded.__slots__}
    put_row(work.db, BUNDLES, {**row, "files": json.dumps(files)})


def uploaded(work: Work) -> list[Uploaded]:
    """Return every bundle that was uploaded, the newest first."""
    about = (BUNDLES.c[name] for name in Uploaded.__slots__)
    query = select(*about).order_by(BUNDLES.c.uploaded_at.desc(), BUNDLES.c.digest)
    return [Uploaded(**row._asdict()) for row in work.db.execute(query)]


def files(work: Work, digest: str) -> Files | None:
    """Return the files of a bundle, None if there is no such."""
    query = select(BUNDLES.c.files).where(BUNDLES.c.digest == digest)
    found = work.db.execute(query).scalar()
    return None if found is None else tuple((name, text) for name, text in json.loads(found))


def active(work: Work, *, lock: bool = False) -> Active:
    """Return what is in force; with `lock` others who want to change it wait."""
    query = select(ACTIVE).where(ACTIVE.c.id == THE_ACTIVE)
    row = work.db.execute(query.with_for_update() if lock else query).first()
    return Active(row.digest, row.activated_by, row.activated_at) if row else Active("")


def activate(work: Work, digest: str, by: str) -> None:
    """Put a bundle in force; an empty digest means the shipped one."""
    row = {"id": THE_ACTIVE, "digest": digest, "activated_by": by, "activated_at": work.now}
    put_row(work.db, ACTIVE, row)


def put_bases(work: Work, digest: str, bases: Sequence[str]) -> None:
    """Note which images the version with this digest is built on."""
    put_row(work.db, BASES, {"digest": digest, "bases": json.dumps(list(bases))})


def bases(work: Work, digests: Collection[str]) -> dict[str, list[str]]:
    """Return the images of those versions whose package was looked into, by digest."""
    query = select(BASES).where(BASES.c.digest.in_(digests))
    return {row.digest: json.loads(row.bases) for row in work.db.execute(query)}
