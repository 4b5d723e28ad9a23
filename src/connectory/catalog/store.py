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
    insert,
    or_,
    select,
    text,
    update,
)

from connectory.catalog.rules import Name, Status
from connectory.kernel.ids import new_id
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


@dataclass(frozen=True, slots=True)
class NewRelease:
    """What a publisher brings."""

    name: Name
    version: str
    digest: str
    manifest_digest: str
    package_digest: str | None
    claimed: Status
    status: Status


def add_connector(work: Work, name: Name) -> str | None:
    """Insert a connector and return its id; None if another transaction was the first."""
    connector = new_id("con")
    values = {
        "id": connector,
        "namespace": name.namespace,
        "slug": name.id,
        "created_at": work.now,
    }
    return connector if insert_new(work.db, CONNECTORS, values) else None


def hold_connector(work: Work, name: Name) -> str | None:
    """Return the id of a connector, None if there is none. Its publishers take turns."""
    query = select(CONNECTORS.c.id).where(
        and_(CONNECTORS.c.namespace == name.namespace, CONNECTORS.c.slug == name.id)
    )
    found = work.db.execute(query.with_for_update()).first()
    return str(found.id) if found else None


def hold_look(work: Work, look: str, name: Name) -> Name:
    """Give a look to a connector if nobody has it; return who has it, for ever."""
    values = {"look": look, "namespace": name.namespace, "slug": name.id}
    if insert_new(work.db, LOOKS, values):
        return name
    query = select(LOOKS.c.namespace, LOOKS.c.slug).where(LOOKS.c.look == look)
    row = work.db.execute(query).one()
    return Name(row.namespace, row.slug)


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


def add_manifest(work: Work, digest: str, raw: bytes, normal: dict[str, object]) -> None:
    """Keep a manifest, once per digest."""
    values = {"digest": digest, "raw": raw, "normal": json.dumps(normal)}
    insert_new(work.db, MANIFESTS, values)


def add_release(work: Work, connector: str, new: NewRelease) -> Release:
    """Insert a version and return it."""
    added = Release(
        id=new_id("ver"),
        name=new.name,
        version=new.version,
        digest=new.digest,
        manifest_digest=new.manifest_digest,
        package_digest=new.package_digest,
        claimed=new.claimed,
        status=new.status,
        status_reason="as published",
        status_by=work.origin.actor,
        status_at=work.now,
        published_at=work.now,
        published_by=work.origin.actor,
    )
    values = {column: getattr(added, column) for column in RELEASE_COLUMNS}
    row = {"connector": connector, "number": added.version, **values}
    work.db.execute(insert(VERSIONS), row)
    return added


def add_document(work: Work, version_id: str, kind: str, content: str) -> None:
    """Keep a text that belongs to a version: `readme`, `runbook` or `deploy`."""
    work.db.execute(insert(DOCUMENTS).values(version=version_id, kind=kind, content=content))


def add_author(work: Work, version_id: str, account: str) -> None:
    """Note that an account wrote some of a version, once."""
    insert_new(work.db, AUTHORS, {"version": version_id, "account": account})


def authors(work: Work, version_id: str) -> frozenset[str]:
    """Return who wrote a version beside its publisher, as far as that is known."""
    query = select(AUTHORS.c.account).where(AUTHORS.c.version == version_id)
    return frozenset(work.db.execute(query).scalars())


def document(work: Work, version_id: str, kind: str) -> str | None:
    """Return a text that belongs to a version."""
    query = select(DOCUMENTS.c.content).where(
        and_(DOCUMENTS.c.version == version_id, DOCUMENTS.c.kind == kind)
    )
    content = work.db.execute(query).scalar()
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
    return [_release(row) for row in work.db.execute(HELD)]


def is_held(work: Work, digest: str) -> bool:
    """Whether a version with these bytes is quarantined."""
    return work.db.execute(ONE_HELD, {"digest": digest}).first() is not None


def release(work: Work, name: Name, version: str) -> Release | None:
    """Return one version."""
    query = _releases().where(
        and_(
            CONNECTORS.c.namespace == name.namespace,
            CONNECTORS.c.slug == name.id,
            VERSIONS.c.number == version,
        )
    )
    row = work.db.execute(query).first()
    return _release(row) if row else None


def releases_of(work: Work, names: Iterable[Name]) -> list[Release]:
    """Return all versions of some connectors, in no particular order."""
    wanted = set(names)
    if not wanted:
        return []
    # ids have an index, and few are in several namespaces; SQLite would not use one for pairs
    found = work.db.execute(OF_SOME, {"slugs": sorted({name.id for name in wanted})})
    return [_release(row) for row in found if Name(row.namespace, row.slug) in wanted]


def releases_of_one(work: Work, name: Name) -> list[Release]:
    """Return all versions of a connector, in no particular order."""
    found = work.db.execute(OF_ONE, {"namespace": name.namespace, "slug": name.id})
    return [_release(row) for row in found]


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
    query = select(MANIFESTS.c.digest, MANIFESTS.c.normal)
    wanted = sorted(set(digests))
    if not wanted:
        return {}
    found = work.db.execute(query.where(MANIFESTS.c.digest.in_(wanted)))
    return {row.digest: json.loads(row.normal) for row in found}


def _releases() -> Select[tuple[object, ...]]:
    joined = VERSIONS.join(CONNECTORS, VERSIONS.c.connector == CONNECTORS.c.id)
    columns = (VERSIONS, CONNECTORS.c.namespace, CONNECTORS.c.slug)
    return select(*columns).select_from(joined)


def _release(row: Row[tuple[object, ...]]) -> Release:
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


HELD = _releases().where(IS_HELD)
ONE_HELD = select(VERSIONS.c.id).where(IS_HELD, VERSIONS.c.digest == bindparam("digest"))
OF_SOME = _releases().where(CONNECTORS.c.slug.in_(bindparam("slugs", expanding=True)))
OF_ONE = _releases().where(
    and_(
        CONNECTORS.c.namespace == bindparam("namespace"), CONNECTORS.c.slug == bindparam("slug")
    )
)
"""All are built once: putting a query together costs more than running it."""
