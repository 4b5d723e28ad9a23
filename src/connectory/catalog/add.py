"""Put versions into the catalog, once and for ever."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from connectory.catalog import add_store as store
from connectory.catalog import identity
from connectory.catalog.add_store import Entered
from connectory.catalog.rules import EFFECTIVE, Name, Status, release_digest
from connectory.catalog.store import Release
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.ids import new_id
from connectory.kernel.looks import look_of
from connectory.manifest.loader import Loaded
from connectory.work import Event, Origin, Work


@dataclass(frozen=True, slots=True)
class VersionPublished(Event):
    """A version entered the catalog. `status` is the effective one, `claimed` the author's."""

    digest: str
    manifest_digest: str
    package_digest: str | None
    claimed: str
    status: str


class VersionExistsError(ConnectoryError):
    """This version was published before, with other contents."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "version-exists"

    def __init__(self, stored: Release, manifest: str, package: str | None) -> None:
        super().__init__(
            f"{stored.label} already exists with different contents",
            hint="raise `version` in manifest.yaml; a published version never changes",
            field="version",
            stored_manifest=stored.manifest_digest,
            sent_manifest=manifest,
            stored_package=stored.package_digest or "",
            sent_package=package or "",
            published_by=stored.published_by,
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """A version that somebody wants in the catalog.

    `package` None beside a stored package means "the one you have": a publisher that sends the
    manifest again need not send the package again. `documents` are texts by kind (`readme`,
    `runbook`, `deploy`), kept unless they are empty. `authors` are accounts that wrote it
    beside the publisher; they cannot sign it off.
    """

    name: Name
    loaded: Loaded
    by: Origin
    package: str | None = None
    documents: Mapping[str, str] = field(default_factory=dict)
    authors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Added:
    """The version in the catalog, and whether it is new there."""

    release: Release
    created: bool


Outcome = Added | ConnectoryError
"""What became of an offer: VersionExistsError if the version exists with another manifest or
package, IdTooSimilarError or IdReservedError if a new id is not free for its namespace."""


def add_version(work: Work, name: Name, loaded: Loaded, package: str | None) -> Added:
    """Add a version, or recognise it when the very same bytes are there already.

    Raises:
        VersionExistsError, IdTooSimilarError, IdReservedError: See `Outcome`.
    """
    (done,) = add_versions(work, [Offer(name, loaded, work.origin, package)])
    if isinstance(done, ConnectoryError):
        raise done
    return done


def add_versions(work: Work, offers: Sequence[Offer]) -> list[Outcome]:
    """Add versions as if one came after the other; return what became of each.

    A refused one leaves nothing behind and does not touch the others.
    """
    outcomes: dict[int, Outcome] = {}
    for turn in _turns(offers):
        outcomes |= zip(turn, _add(work, [offers[n] for n in turn]), strict=True)
    return [outcomes[n] for n in range(len(offers))]


def _turns(offers: Sequence[Offer]) -> Iterator[list[int]]:
    """Yield numbers of offers that can be added at once: no two of ids that look alike."""
    waiting = {n: look_of(offer.name.id) for n, offer in enumerate(offers)}
    while waiting:
        first: dict[str, int] = {}
        for n, look in waiting.items():
            first.setdefault(look, n)
        turn = list(first.values())
        yield turn
        for n in turn:
            del waiting[n]


def _add(work: Work, offers: Sequence[Offer]) -> list[Outcome]:
    """Add versions of different connectors."""
    ids, refused = _connectors(work, [offer.name for offer in offers])
    numbers = {ids[one.name]: one.loaded.manifest.version for one in offers if one.name in ids}
    stored = store.stored(work, numbers)
    new = [one for one in offers if one.name in ids and one.name not in stored]
    entered = {offer.name: _entered(work, offer, ids[offer.name]) for offer in new}
    store.add_releases(work, entered.values(), [offer.loaded for offer in new])
    work.emit_all([(_published(entered[offer.name].release), offer.by) for offer in new])
    outcomes: list[Outcome] = []
    for offer in offers:
        if offer.name in refused:
            outcomes.append(refused[offer.name])
        elif offer.name in stored:
            outcomes.append(_again(stored[offer.name], offer))
        else:
            outcomes.append(Added(entered[offer.name].release, created=True))
    _add_authors(work, offers, outcomes)
    return outcomes


def _connectors(
    work: Work, names: Sequence[Name]
) -> tuple[dict[Name, str], dict[Name, ConnectoryError]]:
    """Return ids of connectors, held until the transaction ends, and why others have none."""
    held = store.hold_connectors(work, names)
    refused = identity.claim(work, [name for name in names if name not in held])
    missing = {name for name in names if name not in held and name not in refused}
    added = store.add_connectors(work, missing)
    others = store.hold_connectors(work, missing - added.keys())
    if missing != added.keys() | others.keys():
        raise AssertionError(f"of {missing} some vanished, and connectors are never deleted")
    return held | added | others, refused


def _again(stored: Release, offer: Offer) -> Outcome:
    is_same = stored.manifest_digest == offer.loaded.digest
    if is_same and offer.package in {None, stored.package_digest}:
        return Added(stored, created=False)
    return VersionExistsError(stored, offer.loaded.digest, offer.package)


def _entered(work: Work, offer: Offer, connector: str) -> Entered:
    loaded = offer.loaded
    claimed = Status(loaded.manifest.vetting_status or Status.DRAFT)
    release = Release(
        id=new_id("ver"),
        name=offer.name,
        version=loaded.manifest.version,
        digest=release_digest(loaded.digest, offer.package),
        manifest_digest=loaded.digest,
        package_digest=offer.package,
        claimed=claimed,
        status=EFFECTIVE[claimed],
        status_reason="as published",
        status_by=offer.by.actor,
        status_at=work.now,
        published_at=work.now,
        published_by=offer.by.actor,
    )
    return Entered(release, connector, offer.documents)


def _published(added: Release) -> VersionPublished:
    return VersionPublished(
        subject=added.label,
        team="",
        digest=added.digest,
        manifest_digest=added.manifest_digest,
        package_digest=added.package_digest,
        claimed=added.claimed,
        status=added.status,
    )


def _add_authors(work: Work, offers: Sequence[Offer], outcomes: Sequence[Outcome]) -> None:
    """Note who wrote what is in the catalog now, also if it was there before."""
    wrote = {
        (done.release.id, account)
        for offer, done in zip(offers, outcomes, strict=True)
        if isinstance(done, Added)
        for account in offer.authors
    }
    store.add_authors(work, wrote)
