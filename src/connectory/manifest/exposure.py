"""What a connector may touch, and under which policies it wants to live."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from connectory.manifest.addresses import Host
from connectory.manifest.parts import Part
from connectory.manifest.texts import Anything, Bool, refusal, shown
from connectory.manifest.words import Duration, Line, RegionName, Scope, Slug

MOST_GRANTS = 20
MOST_NAMES = 50

Classification = Literal["public", "internal", "confidential", "restricted"]


class OauthGrant(Part):
    """Rights at a SaaS system that are granted by OAuth scopes."""

    provider: Slug
    """System that grants the scopes: slack."""
    scopes: tuple[Scope, ...] = Field(min_length=1, max_length=MOST_NAMES)
    """Scopes, spelled as the provider does."""
    reason: Line | None = None
    """Why the connector needs them, for reviewers."""


class CloudGrant(Part):
    """Rights at a cloud provider."""

    provider: Slug
    """Cloud that grants the actions: aws, gcp, azure."""
    actions: tuple[Scope, ...] = Field(min_length=1, max_length=MOST_NAMES)
    """Actions, spelled as the provider does: `ce:GetCostAndUsage`."""
    resource: Line | None = None
    """What the actions apply to."""
    reason: Line | None = None
    """Why the connector needs them, for reviewers."""


class Permissions(Part):
    """Everything the connector may reach. What is absent is not granted."""

    oauth: tuple[OauthGrant, ...] = Field(default=(), max_length=MOST_GRANTS)
    """OAuth scopes by provider."""
    cloud: tuple[CloudGrant, ...] = Field(default=(), max_length=MOST_GRANTS)
    """Cloud actions by provider."""
    allowed_hosts: tuple[Host, ...] = Field(default=(), max_length=MOST_NAMES)
    """Hosts it may call: `host` (ports 443 and 80) or `host:port` (any TCP protocol)."""


class DataFlow(Part):
    """Which data goes through the connector."""

    classification: Classification | None = None
    """Most sensitive class of the data."""
    personal_data: Bool | None = None
    """Whether the data is about people."""
    categories: tuple[Slug, ...] = Field(default=(), max_length=MOST_NAMES)
    """Kinds of data: `contact`, `billing`."""
    reads_from: tuple[Slug, ...] = Field(default=(), max_length=MOST_NAMES)
    """Systems that data comes from."""
    writes_to: tuple[Slug, ...] = Field(default=(), max_length=MOST_NAMES)
    """Systems that data goes to."""


class Policies(Part):
    """Rules that the connector asks to be held to; any name that a policy module knows."""

    __pydantic_extra__: dict[str, Anything]  # pyrefly: ignore[bad-override]
    model_config = ConfigDict(extra="allow")

    data_retention: Duration | None = None
    """Longest time that data is kept: `30d`, or ISO 8601."""
    allowed_regions: tuple[RegionName, ...] | None = Field(default=None, max_length=MOST_NAMES)
    """Regions where it may run, in any provider's spelling."""


class OneKeyMaps:
    """A map, which may also be written as a list of maps with one key each."""

    @staticmethod
    def merge(value: object) -> object:
        """Return the one map, or raise a `refusal` for an item that is no one-key map."""
        if not isinstance(value, list):
            return value
        merged: dict[str, object] = {}
        for item in value:
            key, policy = _only_pair(item)
            if key in merged:
                raise refusal(
                    "duplicate-name", f"{shown(key)} is given twice", "keep one of the two"
                )
            merged[key] = policy
        return merged

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.merge, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        whole = handler(schema)
        item = {"allOf": [whole], "minProperties": 1, "maxProperties": 1}
        return {"anyOf": [whole, {"type": "array", "items": item}]}


def _only_pair(item: object) -> Sequence[Any]:
    if isinstance(item, dict) and len(item) == 1:
        return next(iter(item.items()))
    raise refusal(
        "wrong-type",
        "an entry of the list is not one `name: value`",
        "write `- data_retention: 30d`, one policy for each dash",
    )


PoliciesMap = Annotated[Policies, OneKeyMaps()]
