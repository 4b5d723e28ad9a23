"""What may happen to a connector version, as data and pure functions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from connectory.kernel.digest import canonical_json, digest_of
from connectory.kernel.errors import ConnectoryError, Kind

SEMVER = re.compile(
    r"\A(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?\Z", re.ASCII
)


DEPLOY = "deploy"
"""Kind of the document that holds the normal form of a version's deploy.yaml."""


class Status(StrEnum):
    """The vetting status of one version, as the marketplace knows it."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    DEPRECATED = "deprecated"
    QUARANTINED = "quarantined"
    """Stopped by security: nothing runs it, until it is lifted to the status before."""


NEXT: Mapping[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.REVIEW}),
    Status.REVIEW: frozenset({Status.DRAFT, Status.APPROVED}),
    Status.APPROVED: frozenset({Status.DEPRECATED}),
    Status.DEPRECATED: frozenset(),
    Status.QUARANTINED: frozenset(),
}
"""Every allowed move. A version never goes back from approved: publish a new one.

Into and out of quarantine there is another way (`catalog.quarantine`).
"""

HOLDABLE = frozenset({Status.REVIEW, Status.APPROVED, Status.DEPRECATED})
"""Statuses of versions that can be quarantined; a draft is for its own team alone anyway."""

LIVE = frozenset({Status.DRAFT, Status.REVIEW, Status.APPROVED})
"""Statuses of versions that somebody still works on or with."""

EFFECTIVE: Mapping[Status, Status] = {
    Status.DRAFT: Status.DRAFT,
    Status.REVIEW: Status.REVIEW,
    Status.APPROVED: Status.REVIEW,
    Status.DEPRECATED: Status.DEPRECATED,
}
"""What a claim is worth at first: `approved` has to be earned, so it opens a review."""


class StatusMoveError(ConnectoryError):
    """The version cannot go from its status to the one asked for."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "status-move"

    def __init__(self, version: str, now: Status, wanted: Status) -> None:
        last = "nothing; publish a new version"
        if now is Status.QUARANTINED:
            last = f"nothing, until it is lifted: `connectory quarantine {version} --lift`"
        allowed = ", ".join(sorted(NEXT[now])) or last
        super().__init__(
            f"{version} is {now} and cannot become {wanted}",
            hint=f"from {now} it can become: {allowed}",
            field="status",
            version=version,
            status=now,
        )


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """The identity of a connector."""

    namespace: str
    id: str

    @property
    def key(self) -> str:
        """The identity as one text: `bizops/crm-to-slack-v1`."""
        return f"{self.namespace}/{self.id}"

    def at(self, version: str) -> str:
        """Name one version: `bizops/crm-to-slack-v1@1.3.0`."""
        return f"{self.key}@{version}"


def of_label(label: str) -> tuple[Name, str]:
    """Return what `Name.at` was made of: a connector and one of its versions."""
    key, _, version = label.partition("@")
    namespace, _, slug = key.partition("/")
    return Name(namespace, slug), version


def check_move(version: str, now: Status, wanted: Status) -> None:
    """Refuse a move of status that `NEXT` does not allow.

    Raises:
        StatusMoveError: If it does not.
    """
    if wanted not in NEXT[now]:
        raise StatusMoveError(version, now, wanted)


def is_owner_claimed(owner: str, team: str) -> bool:
    """Whether only the manifest says who owns a connector; its own team is known to be true."""
    return owner != team


def release_digest(manifest_digest: str, package_digest: str | None) -> str:
    """Return the address of a release: what approvals, plans and instances are bound to."""
    return digest_of(
        canonical_json({"manifest": manifest_digest, "package": package_digest}).encode()
    )


def precedence(version: str) -> tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]:
    """Return a sort key with the precedence of Semantic Versioning 2.0.0, section 11.

    Raises:
        ValueError: If the text is no semantic version; the manifest loader refuses those.
    """
    match = SEMVER.match(version)
    if match is None:
        raise ValueError(f"{version} is not a semantic version")
    major, minor, patch, pre = match.groups()
    words = tuple(
        (False, int(word), "") if word.isdecimal() else (True, 0, word)
        for word in (pre or "").split(".")
        if pre
    )
    return int(major), int(minor), int(patch), pre is None, words


def shown_first(versions: Iterable[tuple[str, Status]]) -> str | None:
    """Choose the version that stands for a connector.

    The newest approved one; without any the newest deprecated or reviewed one; else the newest
    draft. None when there are no versions.
    """
    ranked = sorted(versions, key=lambda v: (_showing(v[1]), precedence(v[0])))
    return ranked[-1][0] if ranked else None


def _showing(status: Status) -> int:
    return {Status.APPROVED: 2, Status.DRAFT: 0}.get(status, 1)
