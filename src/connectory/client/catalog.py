"""Connectors: finding, reading and publishing them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NotRequired, TypedDict

from connectory.client.refusals import ProblemBody
from connectory.client.transport import Part, Transport, Value, path_of
from connectory.kernel.errors import ConnectoryError, Kind

MANIFEST_TYPE = "application/yaml"


class Found(TypedDict):
    """A connector in a search result."""

    namespace: str
    id: str
    version: str
    name: str
    description: str
    owner: str
    status: str
    tags: list[str]
    why: list[str]


class FacetValue(TypedDict):
    """A value to narrow a search by."""

    value: str
    count: int


class Wider(TypedDict):
    """What a search that finds nothing would find without one of its parts."""

    part: str
    total: int


class SearchResult(TypedDict):
    """A page of a search."""

    items: list[Found]
    facets: dict[str, list[FacetValue]]
    total: int
    next: str | None
    instead: str
    wider: list[Wider]


class Status(TypedDict):
    """What the author claims and what the marketplace says."""

    claimed: str
    effective: str
    missing: list[str]
    reason: NotRequired[str]


class Permissions(TypedDict):
    """What an instance can do and what it cannot, in words."""

    will: list[str]
    will_not: list[str]


class VersionCard(TypedDict):
    """A version in a list."""

    version: str
    status: str
    digest: str
    published_at: str
    published_by: str


class Version(TypedDict):
    """One version of a connector."""

    namespace: str
    id: str
    name: str
    description: str
    owner: str
    team: str
    version: str
    digest: str
    status: Status
    manifest: dict[str, object]
    permissions: Permissions
    published_at: str
    published_by: str
    url: str


class Connector(Version):
    """A connector: the version that stands for it, and all of them."""

    latest: VersionCard | None
    versions: list[VersionCard]


class Similar(TypedDict):
    """A connector that does much the same, how much (0 to 1) and why."""

    namespace: str
    id: str
    version: str
    name: str
    status: str
    score: float
    reasons: list[str]
    url: str


class Published(TypedDict):
    """What publishing did."""

    created: bool
    namespace: str
    id: str
    version: str
    digest: str
    status: Status
    warnings: list[ProblemBody]
    url: str


class Refusal(TypedDict):
    """Why a manifest was refused."""

    kind: str
    code: str
    message: str
    hint: str
    problems: list[ProblemBody]


class BulkResult(TypedDict):
    """What became of one manifest of many: created, identical or refused."""

    result: str
    version: Published | None
    error: Refusal | None


class Validation(TypedDict):
    """What publishing would say."""

    valid: bool
    problems: list[ProblemBody]
    warnings: list[ProblemBody]
    similar: list[Similar]


class SimilarList(TypedDict):
    """Similar connectors, the most alike first."""

    items: list[Similar]


class Change(TypedDict):
    """One difference of two manifests."""

    path: str
    kind: str
    old: object
    new: object


class FileChange(TypedDict):
    """One file of two packages that differs; `lines` is a unified diff of a small text."""

    path: str
    kind: str
    old_size: int | None
    new_size: int | None
    lines: str


class Difference(TypedDict):
    """What differs between two versions."""

    old: str
    new: str
    changes: list[Change]
    grown: dict[str, list[str]]
    shrunk: dict[str, list[str]]
    files: list[FileChange]


class BadReferenceError(ConnectoryError):
    """A connector is not named as `id`, `namespace/id` or `id@version`."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "bad-reference"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"`{text}` does not name a connector",
            hint="write it as crm-to-slack-v1, bizops/crm-to-slack-v1 or crm-to-slack-v1@1.3.0",
            field="connector",
        )


@dataclass(frozen=True, slots=True)
class Reference:
    """A connector as people name it; what is empty is for the server to decide."""

    id: str
    namespace: str = ""
    version: str = ""

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Read `id`, `namespace/id` or either with `@version`.

        Raises:
            BadReferenceError: If it is none of them.
        """
        name, at, version = text.partition("@")
        namespace, slash, connector = name.rpartition("/")
        if not connector or (at and not version) or (slash and not namespace):
            raise BadReferenceError(text)
        if "/" in namespace:
            raise BadReferenceError(text)
        return cls(connector, namespace, version)

    @property
    def name(self) -> str:
        """The connector without the version."""
        return f"{self.namespace}/{self.id}" if self.namespace else self.id

    @property
    def path(self) -> str:
        """Where the API has the connector."""
        parts = (self.namespace, self.id) if self.namespace else (self.id,)
        return path_of("connectors", *parts)


@dataclass(frozen=True, slots=True)
class Catalog:
    """The routes under /connectors. Every method raises what `Transport.send` raises."""

    http: Transport

    def search(self, **query: Value) -> SearchResult:
        """Find connectors; the names of `query` are those of the API (q, tag, owner, ...)."""
        return self.http.get(SearchResult, "/connectors", **query)

    def connector(self, reference: Reference) -> Connector:
        """Show a connector by the version that stands for it."""
        return self.http.get(Connector, reference.path)

    def version(self, reference: Reference) -> Version:
        """Show the version that a reference names, or the one that stands for the connector."""
        if not reference.version:
            return self.connector(reference)
        whole = self._whole(reference)
        return self.http.get(Version, f"{whole.path}{path_of('versions', whole.version)}")

    def versions(self, reference: Reference) -> Iterator[VersionCard]:
        """List the versions of a connector, newest first."""
        return self.http.pages(VersionCard, f"{self._whole(reference).path}/versions")

    def publish(self, parts: Mapping[str, Part]) -> Published:
        """Publish the version that the part `manifest` describes, with its other parts."""
        return self.http.upload(Published, "/connectors", parts)

    def publish_many(self, lines: Sequence[Mapping[str, str]]) -> list[BulkResult]:
        """Publish manifests and their texts; the token has to be for `bulk`."""
        return self.http.lines(BulkResult, "/connectors:bulk", lines)

    def validate(self, parts: Mapping[str, Part]) -> Validation:
        """Say what publishing would say, and keep nothing."""
        return self.http.upload(Validation, "/connectors:validate", parts)

    def similar(self, reference: Reference) -> SimilarList:
        """List the connectors that do much the same."""
        return self.http.get(SimilarList, f"{self._whole(reference).path}/similar")

    def diff(self, old: Reference, new: Reference) -> Difference:
        """Compare two versions; `old` may be of another connector."""
        older, newer = self._whole(old), self._whole(new)
        since = f"{older.name}@{older.version}"
        path = f"{newer.path}{path_of('versions', newer.version)}/diff"
        return self.http.get(Difference, path, **{"from": since})

    def permit(self, reference: Reference, reason: str) -> None:
        """Let a namespace use an id that is like another's."""
        self.http.tell_to("POST", f"{reference.path}:permit", body={"reason": reason})

    def exactly(self, reference: Reference) -> Reference:
        """Complete a reference by namespace and version: those of what it stands for."""
        if reference.namespace and reference.version:
            return reference
        shown = self.connector(reference)
        version = reference.version or shown["version"]
        return Reference(reference.id, shown["namespace"], version)

    def _whole(self, reference: Reference) -> Reference:
        if reference.namespace:
            return reference
        namespace = self.connector(reference)["namespace"]
        return Reference(reference.id, namespace, reference.version)
