"""What listings and pages tell of manifests.

Manifests never change, so what was read once stays true. Whoever indexes a version reads its
manifest first, so that those who ask for it find it read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic_core import to_json

from connectory.catalog import store
from connectory.catalog.rules import is_owner_claimed
from connectory.manifest.model import Manifest
from connectory.manifest.permissions import in_words
from connectory.manifest.surface import surface
from connectory.work import Work

MOST = 1_000  # manifests that are remembered, 5 kB each


@dataclass(frozen=True, slots=True)
class Told:
    """The part of a manifest that a listing shows or is found by.

    `members` are those of a version's JSON that say nothing but what the manifest says, without
    the braces around them.
    """

    name: str
    description: str
    owner: str
    tags: tuple[str, ...]
    facets: Mapping[str, tuple[str, ...]]
    uses: tuple[str, ...]
    triggers: tuple[str, ...]
    examples: tuple[str, ...]
    secrets: tuple[str, ...]
    members: bytes

    def members_for(self, team: str) -> bytes:
        """Return all members that never change while the connector is the team's."""
        claimed = members({"owner_claimed": is_owner_claimed(self.owner, team)})
        return b"%b,%b" % (claimed, self.members)


_KEPT: dict[str, Told] = {}
"""By digest of the manifest, those that were asked for last at the end."""


def told(work: Work, digests: Iterable[str]) -> dict[str, Told]:
    """Return what each of these manifests tells, by digest; only new ones are read."""
    found = {digest: _KEPT.pop(digest, None) for digest in digests}
    normals = store.normal_manifests(work, [one for one, seen in found.items() if seen is None])
    known = {digest: seen or _read(normals[digest]) for digest, seen in found.items()}
    _KEPT.update(known)
    if len(_KEPT) > MOST:
        for digest in list(_KEPT)[: len(_KEPT) - MOST]:
            _KEPT.pop(digest, None)
    return known


def _read(normal: dict[str, object]) -> Told:
    manifest = Manifest.model_validate(normal)
    return Told(
        name=manifest.name,
        description=manifest.description,
        owner=manifest.owner,
        tags=tuple(manifest.tags),
        facets=manifest.facets(),
        uses=manifest.uses(),
        triggers=tuple(each.type for each in manifest.triggers),
        examples=tuple(
            text for one in manifest.examples for text in (one.title, one.description) if text
        ),
        secrets=tuple(secret.name for secret in manifest.secrets),
        members=members({**described(manifest), "manifest": normal}),
    )


def described(manifest: Manifest) -> dict[str, object]:
    """Return what the JSON of a version says of its manifest, but for the normal form."""
    permissions = in_words(manifest)
    return {
        "name": manifest.name,
        "description": manifest.description,
        "owner": manifest.owner,
        "surface": surface(manifest).as_json(),
        "permissions": {"will": permissions.will, "will_not": permissions.will_not},
    }


def members(values: Mapping[str, object]) -> bytes:
    """Write an object without its braces, so that it can be joined with others."""
    return to_json(values)[1:-1]
