"""What other slices and pages may know about connectors and versions."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.access import read as access
from connectory.access.rules import Actor, Role
from connectory.catalog import rules, store
from connectory.catalog.rules import DEPLOY, Name, Status
from connectory.catalog.store import Release
from connectory.catalog.told import Told, members, told
from connectory.catalog.written import of_connector
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest.deploy import Deploy
from connectory.manifest.model import Manifest
from connectory.work import Latest, Work

LATEST = "latest"


class ConnectorMissingError(ConnectoryError):
    """There is no such connector, or the caller may not know of it."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "connector-missing"

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"there is no connector `{wanted[:120]}`",
            hint="search for it: `connectory search <words>`",
        )


class ConnectorAmbiguousError(ConnectoryError):
    """Several namespaces have a connector of this id."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "connector-ambiguous"

    def __init__(self, wanted: str, found: Iterable[Name]) -> None:
        keys = [name.key for name in found]
        super().__init__(
            f"`{wanted}` is the name of {len(keys)} connectors",
            hint=f"name one of them: {', '.join(keys)}",
            candidates=keys,
        )


class VersionMissingError(ConnectoryError):
    """The connector has no such version."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "version-missing"

    def __init__(self, name: Name, version: str, known: Iterable[str]) -> None:
        listed = ", ".join(known) or "none"
        what = "approved version" if version == LATEST else f"version `{version[:60]}`"
        super().__init__(f"{name.key} has no {what}", hint=f"its versions: {listed}")


class DocumentMissingError(ConnectoryError):
    """The version was published without this text."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "document-missing"

    def __init__(self, label: str, kind: str) -> None:
        super().__init__(
            f"{label} was published without a {kind}",
            hint=f"add {kind.upper() if kind == 'readme' else kind}.md to its package",
        )


@dataclass(frozen=True, slots=True)
class Version:
    """One version with its manifest, and the team that owns its namespace."""

    release: Release
    manifest: Manifest
    team: str
    deploy: Deploy  # says nothing where the package has no deploy.yaml


@dataclass(frozen=True, slots=True)
class Listing:
    """One connector as the catalog shows it, by the version that stands for it."""

    namespace: str
    id: str
    name: str
    description: str
    owner: str
    team: str
    version: str
    status: Status
    tags: tuple[str, ...]
    facets: Mapping[str, tuple[str, ...]]
    uses: tuple[str, ...]
    triggers: tuple[str, ...]
    examples: tuple[str, ...]
    secrets: tuple[str, ...]
    published_at: datetime
    updated_at: datetime
    drafts_only: bool
    body: bytes  # to be put aside for `json_for_all` and `json_for`

    @property
    def key(self) -> str:
        """The identity as one text: `bizops/crm-to-slack-v1`."""
        return f"{self.namespace}/{self.id}"


def can_see(actor: Actor, release: Release, team: str) -> bool:
    """Whether an actor may know of a version: drafts are for the team that writes them."""
    return release.status is not Status.DRAFT or actor.has_role(Role.VIEWER, team)


def resolve(work: Work, wanted: str, actor: Actor) -> Name:
    """Turn `ns/id` or a bare id into a connector that the actor may see.

    Raises:
        ConnectorMissingError: If there is none.
        ConnectorAmbiguousError: If a bare id names several.
    """
    namespace, _, slug = wanted.rpartition("/")
    names = [Name(namespace, slug)] if namespace else store.named(work, slug)
    seen = [name for name, _ in visible(work, names, actor).items()]
    if not seen:
        raise ConnectorMissingError(wanted)
    if len(seen) > 1:
        raise ConnectorAmbiguousError(wanted, seen)
    return seen[0]


def visible(work: Work, names: Collection[Name], actor: Actor) -> dict[Name, list[Release]]:
    """Return the versions that the actor may see of connectors, newest first; two queries.

    A connector without any is left out.
    """
    teams = access.namespace_teams(work, [name.namespace for name in names])
    seen: dict[Name, list[Release]] = {}
    for release in store.releases_of(work, names):
        if can_see(actor, release, teams[release.name.namespace]):
            seen.setdefault(release.name, []).append(release)
    for found in seen.values():
        found.sort(key=lambda r: rules.precedence(r.version), reverse=True)
    return dict(sorted(seen.items()))


def releases(work: Work, name: Name, actor: Actor) -> list[Release]:
    """Return the versions of a connector that the actor may see, newest first.

    Raises:
        ConnectorMissingError: If there are none.
    """
    found = visible(work, [name], actor).get(name)
    if not found:
        raise ConnectorMissingError(name.key)
    return found


def version(work: Work, name: Name, wanted: str, actor: Actor) -> Version:
    """Return one version; `latest` is the newest approved one.

    Raises:
        ConnectorMissingError: If the actor can see no version of the connector.
        VersionMissingError: If it has no such version.
    """
    known = releases(work, name, actor)
    if wanted == LATEST:
        approved = [r for r in known if r.status is Status.APPROVED]
        match = approved[0] if approved else None
    else:
        match = next((r for r in known if r.version == wanted), None)
    if match is None:
        raise VersionMissingError(name, wanted, [r.version for r in known])
    return of_release(work, match)


def shown(work: Work, name: Name, actor: Actor) -> Version:
    """Return the version that stands for a connector.

    Raises:
        ConnectorMissingError: If the actor can see none.
    """
    return of_release(work, _standing(releases(work, name, actor)))


def touched(latest: Latest) -> frozenset[str]:
    """Return the connectors whose `Listing`, where it was put aside, may be older than they."""
    return frozenset(subject.partition("@")[0] for subject in latest.touched)


def json_for_all(body: bytes) -> bytes:
    """Return the JSON of a connector from the `body` of its listing, which is up to date.

    Empty if there is none, or if what may be seen of the connector depends on who asks.
    """
    _, _, rest = body.partition(b"\n")
    facts, _, told_members = rest.partition(b"\n")
    return b"{%b,%b}" % (facts, told_members) if facts else b""


def json_for(work: Work, name: Name, actor: Actor, body: bytes) -> bytes:
    """Return the JSON of what an actor may see of a connector.

    `body` is that of a `Listing` of it, however old: the manifest is read if it is another's.

    Raises:
        ConnectorMissingError: If the actor may see nothing.
    """
    head, _, rest = body.partition(b"\n")
    digest, _, team = head.decode().partition(" ")
    team = team or access.namespace_team(work, name.namespace) or ""  # it never changes
    known = [r for r in store.releases_of_one(work, name) if can_see(actor, r, team)]
    if not known:
        raise ConnectorMissingError(name.key)
    shown = _standing(known)
    told_members = rest.partition(b"\n")[2]
    if digest != shown.manifest_digest:
        manifest = told(work, [shown.manifest_digest])[shown.manifest_digest]
        told_members = manifest.members_for(team)
    return b"{%b,%b}" % (_facts(shown, team, known), told_members)


def _facts(shown: Release, team: str, known: list[Release]) -> bytes:
    newest_first = sorted(known, key=lambda r: rules.precedence(r.version), reverse=True)
    return members(of_connector(shown, team, newest_first))


def newest_approved(work: Work, names: Iterable[Name]) -> dict[Name, str]:
    """Return the newest approved version of each connector that has one."""
    newest: dict[Name, str] = {}
    for release in store.releases_of(work, set(names)):
        known = newest.get(release.name)
        if release.status is Status.APPROVED and (
            known is None or rules.precedence(release.version) > rules.precedence(known)
        ):
            newest[release.name] = release.version
    return newest


def by_digest(work: Work, label: Name, wanted: str, digest: str) -> Version | None:
    """Return a version whatever its status, if it still has this digest; for instances."""
    found = release_of(work, label, wanted, digest)
    return of_release(work, found) if found else None


def release_of(work: Work, label: Name, wanted: str, digest: str) -> Release | None:
    """Return a version without its manifest, None unless its bytes have this digest."""
    found = store.release(work, label, wanted)
    return found if found is not None and found.digest == digest else None


def of_release(work: Work, release: Release) -> Version:
    """Return a version with its manifest."""
    team = access.namespace_team(work, release.name.namespace) or ""
    manifest = Manifest.model_validate(normal(work, release))
    deploy = Deploy.model_validate_json(store.document(work, release.id, DEPLOY) or "{}")
    return Version(release, manifest, team, deploy)


def labelled(work: Work, labels: Iterable[str]) -> dict[str, Release]:
    """Return versions by their labels (`bizops/crm-to-slack@1.3.0`), those that there are."""
    wanted = set(labels)
    names = {rules.of_label(label)[0] for label in wanted}
    found = {release.label: release for release in store.releases_of(work, names)}
    return {label: found[label] for label in wanted & found.keys()}


def held(work: Work) -> list[Release]:
    """Return all versions that are quarantined."""
    return store.held(work)


def is_held(work: Work, digest: str) -> bool:
    """Whether the version with this digest is quarantined. Cheap."""
    return store.is_held(work, digest)


def approved_beside(work: Work, release: Release) -> Version | None:
    """Return the newest approved version of a connector other than this one."""
    approved = [
        one
        for one in store.releases_of_one(work, release.name)
        if one.status is Status.APPROVED and one.version != release.version
    ]
    newest = max(approved, key=lambda one: rules.precedence(one.version), default=None)
    return of_release(work, newest) if newest else None


def manifests(work: Work, found: Iterable[Release]) -> dict[str, Manifest]:
    """Return the manifests of versions, by the manifest's digest; one query."""
    known = store.normal_manifests(work, [one.manifest_digest for one in found])
    return {digest: Manifest.model_validate(given) for digest, given in known.items()}


def raw_manifest(work: Work, release: Release) -> bytes:
    """Return the manifest of a version, byte for byte as published."""
    return store.raw_manifest(work, release.manifest_digest)


def manifest_bytes(work: Work, digest: str) -> bytes:
    """Return a published manifest by its own digest."""
    return store.raw_manifest(work, digest)


def normal(work: Work, release: Release) -> dict[str, object]:
    """Return the manifest of a version in its normal form: short forms written out."""
    return store.normal_manifests(work, [release.manifest_digest])[release.manifest_digest]


def authors(work: Work, release: Release) -> frozenset[str]:
    """Return who brought a version: its publisher, and who wrote it as far as that is known."""
    return store.authors(work, release.id) | {release.published_by}


def writers(work: Work, found: Version) -> frozenset[str]:
    """Return whose work a version is: who brought it, owner and maintainers."""
    manifest = found.manifest
    named = (manifest.owner, *(one.email or one.name for one in manifest.maintainers))
    return authors(work, found.release).union(name.partition("@")[0] for name in named)


def document(work: Work, release: Release, kind: str) -> str | None:
    """Return the `readme` or `runbook` of a version as Markdown."""
    return store.document(work, release.id, kind)


def all_keys(work: Work, after: str = "", limit: int = 500) -> list[str]:
    """Return identities of connectors in order, behind `after`; for rebuilding an index."""
    namespace, _, slug = after.rpartition("/")
    return [name.key for name in store.names_after(work, Name(namespace, slug), limit)]


def listings(work: Work, keys: Iterable[str]) -> dict[str, Listing]:
    """Return the listing of each connector that exists, by key, in three queries."""
    names = [Name(namespace, slug) for namespace, _, slug in (k.rpartition("/") for k in keys)]
    grouped: dict[Name, list[Release]] = {}
    for release in store.releases_of(work, names):
        grouped.setdefault(release.name, []).append(release)
    chosen = {name: _standing(found) for name, found in grouped.items()}
    known = told(work, [release.manifest_digest for release in chosen.values()])
    teams = access.namespace_teams(work, [name.namespace for name in chosen])
    return {
        name.key: _listing(
            release, grouped[name], known[release.manifest_digest], teams[name.namespace]
        )
        for name, release in chosen.items()
    }


def _standing(found: list[Release]) -> Release:
    first = rules.shown_first((r.version, r.status) for r in found)
    return next(r for r in found if r.version == first)


def _listing(release: Release, every: list[Release], manifest: Told, team: str) -> Listing:
    return Listing(
        namespace=release.name.namespace,
        id=release.name.id,
        name=manifest.name,
        description=manifest.description,
        owner=manifest.owner,
        team=team,
        version=release.version,
        status=release.status,
        tags=manifest.tags,
        facets=manifest.facets,
        uses=manifest.uses,
        triggers=manifest.triggers,
        examples=manifest.examples,
        secrets=manifest.secrets,
        published_at=release.published_at,
        updated_at=release.status_at,
        drafts_only=release.status is Status.DRAFT,
        body=_body(release, every, manifest, team),
    )


def _body(release: Release, every: list[Release], manifest: Told, team: str) -> bytes:
    """Write three lines: what stands for the connector, what is told to all, its manifest."""
    has_drafts = any(one.status is Status.DRAFT for one in every)
    facts = b"" if has_drafts else _facts(release, team, every)
    head = f"{release.manifest_digest} {team}".encode()
    return b"\n".join((head, facts, manifest.members_for(team)))
