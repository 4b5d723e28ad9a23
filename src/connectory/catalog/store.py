"""The catalog's tables and every query on them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    Select,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    or_,
    select,
    text,
    update,
)

from connectory.catalog.rules import Name, Status
from connectory.work import Work
from connectory.work.tables import METADATA, UtcTime, insert_new

CONNECTORS = Table(
    "connector",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("namespace", Text, ForeignKey("namespace.slug"), nullable=False),
    Column("slug", Text, nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("namespace", "slug"),
)
MANIFESTS = Table(
    "manifest",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("raw", LargeBinary, nullable=False),
    Column("normal", Text, nullable=False),
)
IS_HELD = text("held_from IS NOT NULL")  # literal, so that its index is used
VERSIONS = Table(
    "connector_version",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("connector", Text, ForeignKey("connector.id"), nullable=False),
    Column("number", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("manifest_digest", Text, ForeignKey("manifest.digest"), nullable=False),
    Column("package_digest", Text),
    Column("claimed", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("status_reason", Text, nullable=False),
    Column("status_by", Text, nullable=False),
    Column("status_at", UtcTime, nullable=False),
    Column("published_at", UtcTime, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("held_from", Text),
    UniqueConstraint("connector", "number"),
    Index(
        "ix_connector_version_held", "digest", sqlite_where=IS_HELD, postgresql_where=IS_HELD
    ),
)
RELEASE_COLUMNS = {column.name for column in VERSIONS.columns} - {"connector", "number"}
DOCUMENTS = Table(
    "version_document",
    METADATA,
    Column("version", Text, ForeignKey("connector_version.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("content", Text, nullable=False),
)
AUTHORS = Table(
    "version_author",
    METADATA,
    Column("version", Text, ForeignKey("connector_version.id"), primary_key=True),
    Column("account", Text, primary_key=True),
)
LOOKS = Table(
    "id_look",
    METADATA,
    Column("look", Text, primary_key=True),
    Column("namespace", Text, nullable=False),
    Column("slug", Text, nullable=False),
)
PERMITS = Table(
    "id_permit",
    METADATA,
    Column("namespace", Text, primary_key=True),
    Column("slug", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("permitted_by", Text, nullable=False),
    Column("permitted_at", UtcTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Release:
    """One version as it stands in the catalog, without its manifest.

    `held_from` is the status that a quarantined one had before, and gets back.
    """

    id: str
    name: Name
    version: str
    digest: str
    manifest_digest: str
    package_digest: str | None
    claimed: Status
    status: Status
    status_reason: str
    status_by: str
    status_at: datetime
    published_at: datetime
    published_by: str
    held_from: Status | None = None

    @property
    def label(self) -> str:
        """The version as people name it: `bizops/crm-to-slack-v1@1.3.0`."""
        return self.name.at(self.version)


def add_permit(work: Work, name: Name, reason: str) -> bool:
    """Note that a namespace may use an id; False if it was noted before."""
    values = {
        "namespace": name.namespace,
        "slug": name.id,
        "reason": reason,
        "permitted_by": work.origin.actor,
        "permitted_at": work.now,
    }
    return insert_new(work.db, PERMITS, values)


def is_permitted(work: Work, name: Name) -> bool:
    """Whether an admin has let a namespace use an id."""
    query = select(PERMITS.c.slug).where(
        and_(PERMITS.c.namespace == name.namespace, PERMITS.c.slug == name.id)
    )
    return work.db.execute(query).first() is not None


def authors(work: Work, version_id: str) -> frozenset[str]:
    """Return who wrote a version beside its publisher, as far as that is known."""
    query = select(AUTHORS.c.account).where(AUTHORS.c.version == version_id)
    return frozenset(work.db.execute(query).scalars())


def document(work: Work, version_id: str, kind: str) -> str | None:
    """Return a text that belongs to a version."""
    content = work.db.execute(ONE_DOCUMENT, {"version": version_id, "kind": kind}).scalar()
    return None if content is None else str(content)


def set_status(
    work: Work, release: Release, status: Status, reason: str, held_from: Status | None = None
) -> bool:
    """Move a version from the status it was read with; False if it moved meanwhile."""
    move = update(VERSIONS).where(
        and_(VERSIONS.c.id == release.id, VERSIONS.c.status == release.status)
    )
    moved = work.db.execute(
        move.values(
            status=status,
            status_reason=reason,
            status_by=work.origin.actor,
            status_at=work.now,
            held_from=held_from,
        )
    )
    return moved.rowcount == 1


def held(work: Work) -> list[Release]:
    """Return all versions that are quarantined, in no particular order."""
    return [to_release(row) for row in work.db.execute(HELD)]


def is_held(work: Work, digest: str) -> bool:
    """Whether a version with these bytes is quarantined."""
    return work.db.execute(ONE_HELD, {"digest": digest}).first() is not None


def release(work: Work, name: Name, version: str) -> Release | None:
    """Return one version."""
    asked = {"namespace": name.namespace, "slug": name.id, "number": version}
    row = work.db.execute(ONE, asked).first()
    return to_release(row) if row else None


def releases_of(work: Work, names: Iterable[Name]) -> list[Release]:
    """Return all versions of some connectors, in no particular order."""
    wanted = set(names)
    if not wanted:
        return []
    # ids have an index, and few are in several namespaces; SQLite would not use one for pairs
    found = work.db.execute(OF_SOME, {"slugs": sorted({name.id for name in wanted})})
    return [to_release(row) for row in found if Name(row.namespace, row.slug) in wanted]


def releases_of_one(work: Work, name: Name) -> list[Release]:
    """Return all versions of a connector, in no particular order."""
    found = work.db.execute(OF_ONE, {"namespace": name.namespace, "slug": name.id})
    return [to_release(row) for row in found]


def named(work: Work, slug: str) -> list[Name]:
    """Return the connectors of this id in all namespaces."""
    query = select(CONNECTORS.c.namespace, CONNECTORS.c.slug).where(CONNECTORS.c.slug == slug)
    found = work.db.execute(query.order_by(CONNECTORS.c.namespace))
    return [Name(row.namespace, row.slug) for row in found]


def names_after(work: Work, after: Name, limit: int) -> list[Name]:
    """Return connectors in order of identity, behind `after`."""
    behind = or_(
        CONNECTORS.c.namespace > after.namespace,
        and_(CONNECTORS.c.namespace == after.namespace, CONNECTORS.c.slug > after.id),
    )
    query = select(CONNECTORS.c.namespace, CONNECTORS.c.slug).where(behind)
    found = work.db.execute(
        query.order_by(CONNECTORS.c.namespace, CONNECTORS.c.slug).limit(limit)
    )
    return [Name(row.namespace, row.slug) for row in found]


def raw_manifest(work: Work, digest: str) -> bytes:
    """Return the manifest's bytes as they were published."""
    query = select(MANIFESTS.c.raw).where(MANIFESTS.c.digest == digest)
    return bytes(work.db.execute(query).scalar_one())


def normal_manifests(work: Work, digests: Iterable[str]) -> dict[str, dict[str, object]]:
    """Return the normal form of some manifests, by digest."""
    wanted = sorted(set(digests))
    if not wanted:
        return {}
    found = work.db.execute(NORMAL, {"digests": wanted})
    return {row.digest: json.loads(row.normal) for row in found}


def releases() -> Select[tuple[object, ...]]:
    """Return the query for all versions, to be narrowed down."""
    joined = VERSIONS.join(CONNECTORS, VERSIONS.c.connector == CONNECTORS.c.id)
    columns = (VERSIONS, CONNECTORS.c.namespace, CONNECTORS.c.slug)
    return select(*columns).select_from(joined)


def to_release(row: Row[tuple[object, ...]]) -> Release:
    """Return the version in a row of `releases`."""
    return Release(
        id=row.id,
        name=Name(row.namespace, row.slug),
        version=row.number,
        digest=row.digest,
        manifest_digest=row.manifest_digest,
        package_digest=row.package_digest,
        claimed=Status(row.claimed),
        status=Status(row.status),
        status_reason=row.status_reason,
        status_by=row.status_by,
        status_at=row.status_at,
        published_at=row.published_at,
        published_by=row.published_by,
        held_from=Status(row.held_from) if row.held_from else None,
    )


HELD = releases().where(IS_HELD)
ONE_HELD = select(VERSIONS.c.id).where(IS_HELD, VERSIONS.c.digest == bindparam("digest"))
OF_SOME = releases().where(CONNECTORS.c.slug.in_(bindparam("slugs", expanding=True)))
OF_ONE = releases().where(
    and_(
        CONNECTORS.c.namespace == bindparam("namespace"), CONNECTORS.c.slug == bindparam("slug")
    )
)
ONE = OF_ONE.where(VERSIONS.c.number == bindparam("number"))
NORMAL = select(MANIFESTS.c.digest, MANIFESTS.c.normal).where(
    MANIFESTS.c.digest.in_(bindparam("digests", expanding=True))
)
ONE_DOCUMENT = select(DOCUMENTS.c.content).where(
    DOCUMENTS.c.version == bindparam("version"), DOCUMENTS.c.kind == bindparam("kind")
)
"""All are built once: putting a query together costs more than running it."""
