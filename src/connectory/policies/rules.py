"""What can be said about bundles of policies. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.kernel.errors import ConnectoryError, Kind, Problem

Files = tuple[tuple[str, str], ...]
"""Names and texts, in the order of names."""


class BundleMissingError(ConnectoryError):
    """There is no bundle of policies with this digest."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "policy-bundle-missing"

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"there are no policies with the digest `{digest[:80]}`",
            hint="list them: GET /api/v1/policies/bundles",
            field="digest",
        )


class BundleFailsError(ConnectoryError):
    """A bundle does not pass its own tests and cases, so what was active stays active."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "policy-bundle-fails"

    def __init__(self, faults: Iterable[str]) -> None:
        hint = "correct it, try it with `connectory policy test`, and upload it again"
        told = tuple(Problem("policy-unproven", fault, hint) for fault in faults)
        super().__init__(
            f"the policies do not pass their own tests, so nothing changed: {told[0].message}",
            hint=hint,
            problems=told,
        )


@dataclass(frozen=True, slots=True)
class Active:
    """The bundle in force. Nobody chose the shipped one, before somebody does."""

    digest: str
    by: str = ""
    at: datetime | None = None

    @property
    def is_shipped(self) -> bool:
        """Whether it is the one that comes with Connectory, of whichever release."""
        return not self.digest
