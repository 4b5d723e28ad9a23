"""Publish one release: a manifest and its package, together or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from connectory.access import read as access
from connectory.access.edge import Opener
from connectory.access.rules import Actor, Role
from connectory.backends.blobs import Blobs
from connectory.catalog import add
from connectory.catalog.add import Added, Offer
from connectory.catalog.rules import DEPLOY, Name
from connectory.gates import archive
from connectory.kernel.digest import canonical_json
from connectory.kernel.errors import ConnectoryError, Kind, Problem
from connectory.kernel.texts import storable
from connectory.manifest import deploy, loader
from connectory.manifest.loader import Loaded
from connectory.packages import pins, put
from connectory.packages.read import bundle_path
from connectory.packages.rules import Pin
from connectory.work import Origin, Work, Works
from connectory.work.together import Together

MOST_TEXT = 256 * 1024  # bytes of a README or runbook that are kept


class NamespaceRequiredError(ConnectoryError):
    """It is not clear into which namespace to publish."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "namespace-required"

    def __init__(self, mine: Iterable[str]) -> None:
        known = ", ".join(mine) or "none; ask an owner to add you to a team"
        super().__init__(
            "the manifest names no namespace, and you do not have exactly one",
            hint=f"add `namespace:` to the manifest; yours: {known}",
            field="namespace",
        )


class NotNamespaceMemberError(ConnectoryError):
    """The namespace belongs to a team that the publisher is not in."""

    kind: ClassVar[Kind] = Kind.NOT_ALLOWED
    code: ClassVar[str] = "not-namespace-member"

    def __init__(self, namespace: str, mine: Iterable[str]) -> None:
        super().__init__(
            f"you may not publish into the namespace {namespace}",
            hint=f"yours: {', '.join(mine) or 'none'}",
            field="namespace",
        )


@dataclass(frozen=True, slots=True)
class Upload:
    """What a publisher sends. `package` is the bundle as it arrives, None without one.

    `authors` are accounts that wrote it, beside the publisher.
    """

    loaded: Loaded
    package: Iterable[bytes] | None = None
    readme: str = ""
    runbook: str = ""
    authors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Publication:
    """The release in the catalog, and what of its manifest deserves a second look."""

    added: Added
    title: str  # the connector's name in the manifest
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """A release whose package is stored (`package` is its digest), and who publishes it."""

    upload: Upload
    by: Actor
    origin: Origin
    texts: Mapping[str, str]
    package: str | None = None


Outcome = Publication | ConnectoryError
Press = Together[Order, Outcome]
"""Publishes releases; those that come at the same time in one transaction."""


@dataclass(frozen=True, slots=True)
class Depot:
    """Where releases enter the catalog, and packages go, of up to `max_size` bytes."""

    press: Press
    blobs: Blobs
    scratch: Path
    max_size: int


def press(works: Works) -> Press:
    """Return what publishes into one catalog."""
    return Together(works, _enter)


def publish(opener: Opener, depot: Depot, upload: Upload, by: Actor) -> Publication:
    """Publish a release. The very same bytes again are recognised and change nothing.

    Raises:
        NamespaceRequiredError, NotNamespaceMemberError: If it cannot go anywhere.
        VersionExistsError: If the version exists with other contents.
        ManifestError: If the package has a `deploy.yaml` that is wrong or widens the manifest.
        ConnectoryError: What `packages.put` raises; nothing is published then.
    """
    order = _order(upload, by, opener.origin)
    if upload.package is not None:
        order = _stored(opener, depot, order, upload.package)
    (done,) = depot.press.enter([order])
    if isinstance(done, ConnectoryError):
        raise done
    return done


def publish_manifests(
    opener: Opener, depot: Depot, uploads: Sequence[Upload | ConnectoryError], by: Actor
) -> list[Outcome]:
    """Publish releases without packages in one transaction; return what became of each.

    Each is published or refused on its own. What was refused before is handed through.
    """
    orders = [_order(one, by, opener.origin) for one in uploads if isinstance(one, Upload)]
    done = iter(depot.press.enter(orders))
    return [next(done) if isinstance(one, Upload) else one for one in uploads]


def _stored(opener: Opener, depot: Depot, order: Order, package: Iterable[bytes]) -> Order:
    """Store the package of an order that can go somewhere."""
    with opener.read() as work:
        (offered,) = _offers(work, [order])
    if isinstance(offered, ConnectoryError):
        raise offered
    digest = put.put(
        opener.write,
        depot.blobs,
        package,
        scratch=depot.scratch,
        max_size=depot.max_size,
        manifest=order.upload.loaded.raw,
    ).digest
    with bundle_path(depot.blobs, digest, depot.scratch) as bundle:
        return replace(order, package=digest, texts=_texts(bundle, order.upload))


def _order(upload: Upload, by: Actor, origin: Origin) -> Order:
    return Order(upload, by, origin, {"readme": upload.readme, "runbook": upload.runbook})


def _enter(work: Work, orders: Sequence[Order]) -> list[Outcome]:
    """Put releases into the catalog, as if one came after the other."""
    offers = _offers(work, orders)
    added = iter(add.add_versions(work, [one for one in offers if isinstance(one, Offer)]))
    entered = [next(added) if isinstance(one, Offer) else one for one in offers]
    return [_outcome(work, *each) for each in zip(orders, entered, strict=True)]


def _outcome(work: Work, order: Order, entered: Added | ConnectoryError) -> Outcome:
    if isinstance(entered, ConnectoryError):
        return entered
    if entered.created and order.package is not None:
        pins.pin(work, order.package, Pin("version", entered.release.label, "published"))
    loaded = order.upload.loaded
    warnings = loader.warnings_on(loaded, work.now.date())
    return Publication(entered, loaded.manifest.name, warnings)


def _offers(work: Work, orders: Sequence[Order]) -> list[Offer | ConnectoryError]:
    """Say what is offered to the catalog, or why an order goes no further."""
    namespaces = [_namespace(work, order) for order in orders]
    teams = access.namespace_teams(work, filter(None, namespaces))
    offers: list[Offer | ConnectoryError] = []
    for order, namespace in zip(orders, namespaces, strict=True):
        try:
            _check_namespace(work, namespace, teams.get(namespace), order.by)
            if order.package is not None:
                pins.hold(work, order.package)
        except ConnectoryError as refused:
            offers.append(refused)
        else:
            offers.append(_offer(order, namespace))
    return offers


def _offer(order: Order, namespace: str) -> Offer:
    upload = order.upload
    return Offer(
        name=Name(namespace, upload.loaded.manifest.id),
        loaded=upload.loaded,
        by=order.origin,
        package=order.package,
        documents=order.texts,
        authors=upload.authors,
    )


def _namespace(work: Work, order: Order) -> str:
    """Return where an order goes, empty if that is not clear."""
    named = order.upload.loaded.manifest.namespace or order.by.namespace
    if named:
        return named
    mine = access.namespaces_of(work, order.by)
    return mine[0] if len(mine) == 1 else ""


def _check_namespace(work: Work, namespace: str, team: str | None, by: Actor) -> None:
    """Refuse a namespace that is not the publisher's, whether or not it exists."""
    if not namespace:
        raise NamespaceRequiredError(access.namespaces_of(work, by))
    if team is None or not by.has_role(Role.MEMBER, team):
        raise NotNamespaceMemberError(namespace, access.namespaces_of(work, by))


def _texts(bundle: Path, upload: Upload) -> dict[str, str]:
    """Return the texts of a package; those that were sent beside it win."""
    settings = archive.read(bundle, deploy.FILE)
    narrowed = None
    if settings is not None:
        narrowed = deploy.load(settings, upload.loaded.manifest).normal()
    return {
        "readme": upload.readme or text_of(archive.read(bundle, "README.md") or b""),
        "runbook": upload.runbook or text_of(archive.read(bundle, "runbook.md") or b""),
        DEPLOY: canonical_json(narrowed) if narrowed else "",
    }


def text_of(content: bytes) -> str:
    """Return a README or runbook as it is kept: its first `MOST_TEXT` bytes, without NUL."""
    return storable(content[:MOST_TEXT].decode("utf-8", "replace"))
