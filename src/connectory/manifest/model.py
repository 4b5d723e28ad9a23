"""Manifest v1: the author's word about one version of a connector.

What is here is what authors write; everything that the marketplace knows better (effective
status, digest, publisher, reviews, installs, costs) is not. `vetting_status` is a claim.
"""

from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from connectory.manifest.addresses import Document, FilePath, Mail
from connectory.manifest.exposure import DataFlow, Permissions, PoliciesMap
from connectory.manifest.inputs import InputOrName, OutputOrName, SecretOrName, typed_examples
from connectory.manifest.parts import Part
from connectory.manifest.runtime import Runtime, TriggerOrType
from connectory.manifest.systems import is_system
from connectory.manifest.texts import JsonObject
from connectory.manifest.upkeep import (
    ChangeOrText,
    Cost,
    Example,
    Lifecycle,
    Link,
    Observability,
    Origin,
    Removal,
    Rollback,
    Source,
    Support,
)
from connectory.manifest.words import (
    FACETS,
    ConnectorId,
    ConnectorRef,
    Description,
    Digest,
    License,
    Line,
    Owner,
    Platform,
    SemVer,
    Slug,
    Tag,
    Title,
    VersionRange,
)

MOST_TAGS = 20
MOST_NAMED = 50
FEW = 20

ConnectorKind = Literal["source", "sink", "sync", "action", "alert", "monitor", "transform"]
VettingStatus = Literal["draft", "review", "approved", "deprecated"]
PackageType = Literal["oci-image", "bundle", "terraform-module", "workflow"]


class Maintainer(Part):
    """A person who looks after the connector."""

    name: Title
    """Name of the person."""
    email: Mail | None = None
    """E-mail address."""


class Package(Part):
    """A deployable artifact of this version."""

    type: PackageType
    """Kind of artifact."""
    identifier: Line | None = None
    """Where it is, for artifacts of another registry: `registry.local/bizops/crm-to-slack`."""
    path: FilePath | None = None
    """Where it is in the connector's directory: `terraform`."""
    digest: Digest | None = None
    """Digest; when absent, it is resolved and frozen at publishing."""
    sbom: Document | None = None
    """Software bill of materials."""
    platforms: tuple[Platform, ...] = Field(default=(), max_length=FEW)
    """Platforms that it runs on: linux/amd64."""


class Dependency(Part):
    """Another connector that must be installed."""

    id: ConnectorRef
    """Connector: `id` or `namespace/id`."""
    version: VersionRange | None = None
    """Range of versions: `>=1.2, <2`."""


class Requires(Part):
    """What the marketplace must be."""

    marketplace: VersionRange | None = None
    """Range of Connectory versions."""


class Manifest(Part):
    """One version of one connector, as its author describes it."""

    model_config = ConfigDict(title="Connectory manifest v1")

    schema_version: Literal["1"] = "1"
    """Version of this format."""
    namespace: Slug | None = None
    """Publishing scope; the publisher's team when absent."""
    id: ConnectorId
    """Name in the namespace; a `-vN` at its end is the major of `version`."""
    name: Title
    """Name for people."""
    version: SemVer
    """Semantic version of this release."""
    description: Description
    """What it does, in one sentence."""
    kind: ConnectorKind | None = None
    """What kind of work it does."""
    owner: Owner
    """E-mail address or team that answers for it."""
    team: Slug | None = None
    """Team behind the owner."""
    maintainers: tuple[Maintainer, ...] = Field(default=(), max_length=FEW)
    """People who look after it."""
    tags: tuple[Tag, ...] = Field(
        default=(), max_length=MOST_TAGS, json_schema_extra={"uniqueItems": True}
    )
    """Words to find it by; `team:`, `domain:`, `runtime:` and `risk:` are facets."""
    runtime: Runtime
    """Where and how it runs."""
    triggers: tuple[TriggerOrType, ...] = Field(default=(), max_length=FEW)
    """What makes it run."""
    inputs: tuple[InputOrName, ...] = Field(default=(), max_length=MOST_NAMED)
    """Settings that a team chooses."""
    secrets: tuple[SecretOrName, ...] = Field(default=(), max_length=MOST_NAMED)
    """Secrets that it needs, never their values."""
    outputs: tuple[OutputOrName, ...] = Field(default=(), max_length=MOST_NAMED)
    """What it produces."""
    permissions: Permissions = Field(default_factory=Permissions)
    """What it may reach; what is absent is not granted."""
    data: DataFlow = Field(default_factory=DataFlow)
    """Which data goes through it."""
    policies: PoliciesMap | None = None
    """Rules that it asks to be held to."""
    vetting_status: VettingStatus = "draft"
    """The author's claim; the marketplace knows the effective status."""
    support: Support = Field(default_factory=Support)
    """Who helps."""
    packages: tuple[Package, ...] = Field(default=(), max_length=FEW)
    """Artifacts of this version."""
    source: Source | None = None
    """Where the source code is."""
    license: License | None = None
    """SPDX licence."""
    depends_on: tuple[Dependency, ...] = Field(default=(), max_length=FEW)
    """Connectors that must be there."""
    requires: Requires | None = None
    """What the marketplace must be."""
    forked_from: Origin | None = None
    """The version that it was forked from."""
    observability: Observability = Field(default_factory=Observability)
    """What it shows of itself."""
    cost: Cost = Field(default_factory=Cost)
    """Expected use; prices are in the price book."""
    lifecycle: Lifecycle = Field(default_factory=Lifecycle)
    """Maturity and announced end."""
    changes: tuple[ChangeOrText, ...] = Field(default=(), max_length=MOST_NAMED)
    """Changes since the version before."""
    rollback: Rollback | None = None
    """How to go back."""
    removal: Removal | None = None
    """What stays after removal."""
    examples: tuple[Example, ...] = Field(default=(), max_length=FEW)
    """Samples of use."""
    links: tuple[Link, ...] = Field(default=(), max_length=FEW)
    """Places to read more."""
    icon: Document | None = None
    """Picture: an https address or a file."""
    annotations: dict[str, str] = Field(default_factory=dict, max_length=MOST_NAMED)
    """Anything for other tools, text to text."""

    @model_validator(mode="before")
    @classmethod
    def _read_examples(cls, given: object) -> object:
        return typed_examples(given) if isinstance(given, dict) else given

    @property
    def major(self) -> int:
        """First number of the version."""
        return int(self.version.split(".")[0])

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts that the connector may call, sorted."""
        return tuple(sorted(self.permissions.allowed_hosts))

    def facets(self) -> dict[str, tuple[str, ...]]:
        """Return the values to filter by: `tag` (plain words), team, domain, runtime, risk.

        `team` and `runtime` fall back on the fields of that name.
        """
        values: dict[str, tuple[str, ...]] = {"tag": self._plain_tags()}
        for facet in FACETS:
            marked = (tag.partition(":") for tag in self.tags)
            values[facet] = tuple(sorted({v for key, _, v in marked if key == facet and v}))
        values["runtime"] = values["runtime"] or (self.runtime.type,)
        values["team"] = values["team"] or ((self.team,) if self.team else ())
        return values

    def uses(self) -> tuple[str, ...]:
        """Return the systems that it connects: declared ones, and tags that name one."""
        granted = {grant.provider for grant in self.permissions.oauth}
        named = {tag for tag in self._plain_tags() if is_system(tag)}
        return tuple(sorted({*granted, *self.data.reads_from, *self.data.writes_to, *named}))

    def normal(self) -> JsonObject:
        """Return the normal form: JSON, short forms expanded, absent values left out."""
        return self.model_dump(mode="json", exclude_none=True)

    def _plain_tags(self) -> tuple[str, ...]:
        return tuple(sorted({tag for tag in self.tags if ":" not in tag}))
