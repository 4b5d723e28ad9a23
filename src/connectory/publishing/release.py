"""Publish one release: a manifest and its package, together or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from connectory.access import read as access
from connectory.access.edge import Opener
from connectory.access.rules import Actor, Role
from connectory.backends.blobs import Blobs
from connectory.catalog import add
from connectory.catalog.add import Added
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
from connectory.work import Work

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
class Depot:
    """Where packages go, and how large they may be (bytes)."""

    blobs: Blobs
    scratch: Path
    max_size: int


@dataclass(frozen=True, slots=True)
class Publication:
    """The release in the catalog, and what of its manifest deserves a second look."""

    added: Added
    title: str  # the connector's name in the manifest
    warnings: tuple[Problem, ...]


def publish(opener: Opener, depot: Depot, upload: Upload, by: Actor) -> Publication:
    """Publish a release. The very same bytes again are recognised and change nothing.

    Raises:
        NamespaceRequiredError, NotNamespaceMemberError: If it cannot go anywhere.
        VersionExistsError: If the version exists with other contents.
        ManifestError: If the package has a `deploy.yaml` that is wrong or widens the manifest.
        ConnectoryError: What `packages.put` raises; nothing is published then.
    """
    package, texts = None, {"readme": upload.readme, "runbook": upload.runbook}
    if upload.package is not None:
        with opener.read() as work:
            _name(work, upload.loaded, by)  # before anything is stored
        package = put.put(
            opener.write,
            depot.blobs,
            upload.package,
            scratch=depot.scratch,
            max_size=depot.max_size,
            manifest=upload.loaded.raw,
        ).digest
        with bundle_path(depot.blobs, package, depot.scratch) as bundle:
            texts = _texts(bundle, upload)
    with opener.write() as work:
        return _enter(work, upload, package, texts, by)


def publish_manifests(
    opener: Opener, uploads: Iterable[Upload | ConnectoryError], by: Actor
) -> list[Publication | ConnectoryError]:
    """Publish releases without packages in one transaction; return what became of each.

    Each is published or refused on its own. What was refused before is handed through.
    """
    with opener.write() as work:
        return [
            one if isinstance(one, ConnectoryError) else _alone(work, one, by)
            for one in uploads
        ]


def _alone(work: Work, upload: Upload, by: Actor) -> Publication | ConnectoryError:
    texts = {"readme": upload.readme, "runbook": upload.runbook}
    try:
        with work.db.begin_nested():
            return _enter(work, upload, None, texts, by)
    except ConnectoryError as refused:
        return refused


def _enter(
    work: Work, upload: Upload, package: str | None, texts: dict[str, str], by: Actor
) -> Publication:
    """Put a release into the catalog. `package` is the digest of what is stored already."""
    loaded = upload.loaded
    added = add.add_version(work, _name(work, loaded, by), loaded, package)
    if added.created:
        add.add_documents(work, added.release, texts)
        if package is not None:
            pins.pin(work, package, Pin("version", added.release.label, "published"))
    add.add_authors(work, added.release, upload.authors)
    return Publication(added, loaded.manifest.name, loader.warnings_on(loaded, work.now.date()))


def _name(work: Work, loaded: Loaded, by: Actor) -> Name:
    namespace = loaded.manifest.namespace or by.namespace
    if not namespace:
        mine = access.namespaces_of(work, by)
        if len(mine) != 1:
            raise NamespaceRequiredError(mine)
        namespace = mine[0]
    _check_namespace(work, namespace, by)
    return Name(namespace, loaded.manifest.id)


def _check_namespace(work: Work, namespace: str, by: Actor) -> None:
    """Refuse a namespace that is not the publisher's, whether or not it exists."""
    team = access.namespace_team(work, namespace)
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
