"""The exposure surface: everything through which a connector could do harm, as sets.

Two surfaces are compared by subtraction. A minor or patch version whose surface grew needs the
same reviews as a new connector.
"""

from dataclasses import dataclass, fields

from connectory.manifest.model import Manifest
from connectory.manifest.regions import resolve

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Surface:
    """What a version may touch. Each entry is one text, such as `slack chat:write`."""

    secrets: frozenset[str] = NOTHING
    oauth_scopes: frozenset[str] = NOTHING  # `<provider> <scope>`
    cloud_actions: frozenset[str] = NOTHING  # `<provider> <action> on <resource>`
    hosts: frozenset[str] = NOTHING
    regions: frozenset[str] = NOTHING  # canonical spelling
    data_classes: frozenset[str] = NOTHING
    triggers: frozenset[str] = NOTHING  # `webhook /lead`

    def grown_since(self, older: "Surface") -> "Surface":
        """Return what this surface has and the older one had not."""
        return Surface(
            **{f.name: getattr(self, f.name) - getattr(older, f.name) for f in fields(self)}
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not any(getattr(self, f.name) for f in fields(self))

    def as_json(self) -> dict[str, list[str]]:
        """Return the sets as sorted lists."""
        return {f.name: sorted(getattr(self, f.name)) for f in fields(self)}


def surface(manifest: Manifest) -> Surface:
    """Return the exposure surface of a version."""
    return Surface(
        secrets=frozenset(secret.name for secret in manifest.secrets),
        oauth_scopes=frozenset(
            f"{grant.provider} {scope}"
            for grant in manifest.permissions.oauth
            for scope in grant.scopes
        ),
        cloud_actions=frozenset(
            f"{grant.provider} {action} on {grant.resource or 'everything'}"
            for grant in manifest.permissions.cloud
            for action in grant.actions
        ),
        hosts=frozenset(manifest.permissions.allowed_hosts),
        regions=_regions(manifest),
        data_classes=_data_classes(manifest),
        triggers=frozenset(
            f"{each.type} {each.detail}" if each.detail else each.type
            for each in manifest.triggers
        ),
    )


def _regions(manifest: Manifest) -> frozenset[str]:
    own = manifest.runtime.resources.region
    allowed = manifest.policies.allowed_regions if manifest.policies else None
    names = [*(allowed or ()), *([own] if own else ())]
    return frozenset(resolve(name).canonical for name in names)


def _data_classes(manifest: Manifest) -> frozenset[str]:
    data = manifest.data
    about_people = ["personal-data"] if data.personal_data else []
    return frozenset((*filter(None, [data.classification]), *about_people, *data.categories))
