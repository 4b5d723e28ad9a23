"""What adding versions asks of the catalog's tables: each query is about many at once."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, select

from connectory.catalog.rules import Name
from connectory.catalog.store import (
    AUTHORS,
    CONNECTORS,
    DOCUMENTS,
    LOOKS,
    MANIFESTS,
    RELEASE_COLUMNS,
    VERSIONS,
    Release,
    releases,
    to_release,
)
from connectory.kernel.ids import new_id
from connectory.manifest.loader import Loaded
from connectory.work import Work
from connectory.work.tables import insert_missing

TO_HOLD = (
    select(CONNECTORS.c.id, CONNECTORS.c.namespace, CONNECTORS.c.slug)
    .where(
        CONNECTORS.c.namespace.in_(bindparam("namespaces", expanding=True)),
        CONNECTORS.c.slug.in_(bindparam("slugs", expanding=True)),
    )
    .order_by(CONNECTORS.c.id)
    .with_for_update()
)
OF_LOOKS = select(LOOKS).where(LOOKS.c.look.in_(bindparam("looks", expanding=True)))
OF_NUMBERS = releases().where(
    VERSIONS.c.connector.in_(bindparam("connectors", expanding=True)),
    VERSIONS.c.number.in_(bindparam("numbers", expanding=True)),
)
NEW_RELEASES, NEW_DOCUMENTS = insert(VERSIONS), insert(DOCUMENTS)


@dataclass(frozen=True, slots=True)
class Entered:
    """A new version, the id of its connector, and its texts by kind."""

    release: Release
    connector: str
    documents: Mapping[str, str]


def hold_connectors(work: Work, names: Iterable[Name]) -> dict[Name, str]:
    """Return the ids of the connectors that there are. Their publishers take turns."""
    wanted = set(names)
    if not wanted:
        return {}
    asked = {
        "namespaces": sorted({name.namespace for name in wanted}),
        "slugs": sorted({name.id for name in wanted}),
    }
    found = {Name(row.namespace, row.slug): row.id for row in work.db.execute(TO_HOLD, asked)}
    return {name: found[name] for name in wanted & found.keys()}


def add_connectors(work: Work, names: Iterable[Name]) -> dict[Name, str]:
    """Insert connectors; return the ids of those that no other transaction inserted first."""
    new = {name: new_id("con") for name in sorted(names)}
    rows = [
        {"id": one, "namespace": name.namespace, "slug": name.id, "created_at": work.now}
        for name, one in new.items()
    ]
    added = insert_missing(work.db, CONNECTORS, rows)
    return {name: one for name, one in new.items() if (one,) in added}


def hold_looks(work: Work, wanted: Mapping[str, Name]) -> dict[str, Name]:
    """Give each look to its connector if nobody has it; return who has it, for ever."""
    rows = [
        {"look": look, "namespace": name.namespace, "slug": name.id}
        for look, name in sorted(wanted.items())
    ]
    given = insert_missing(work.db, LOOKS, rows)
    taken = [look for look in wanted if (look,) not in given]
    found = work.db.execute(OF_LOOKS, {"looks": taken}) if taken else ()
    return {**wanted, **{row.look: Name(row.namespace, row.slug) for row in found}}


def stored(work: Work, wanted: Mapping[str, str]) -> dict[Name, Release]:
    """Return the versions that there are already. `wanted` are their numbers by connector."""
    if not wanted:
        return {}
    asked = {"connectors": sorted(wanted), "numbers": sorted(set(wanted.values()))}
    return {
        found.name: found
        for row in work.db.execute(OF_NUMBERS, asked)
        if (found := to_release(row)).version == wanted[row.connector]
    }


def add_releases(work: Work, added: Collection[Entered], manifests: Iterable[Loaded]) -> None:
    """Insert versions with their texts, and the manifests that nobody published before."""
    rows = [
        {"digest": one.digest, "raw": one.raw, "normal": json.dumps(one.normal)}
        for one in sorted(manifests, key=lambda one: one.digest)
    ]
    insert_missing(work.db, MANIFESTS, rows)
    if added:
        work.db.execute(NEW_RELEASES, [_row(one) for one in added])
    documents = [
        {"version": one.release.id, "kind": kind, "content": content}
        for one in added
        for kind, content in one.documents.items()
        if content
    ]
    if documents:
        work.db.execute(NEW_DOCUMENTS, documents)


def add_authors(work: Work, authors: Iterable[tuple[str, str]]) -> None:
    """Note of versions, by id, which accounts wrote some of them, once."""
    rows = [{"version": version, "account": account} for version, account in sorted(authors)]
    insert_missing(work.db, AUTHORS, rows)


def _row(one: Entered) -> dict[str, object]:
    values = {column: getattr(one.release, column) for column in RELEASE_COLUMNS}
    return {"connector": one.connector, "number": one.release.version, **values}
