"""What other slices and pages may know about rehearsals."""

from dataclasses import dataclass

from connectory.rehearsals import store
from connectory.rehearsals.rules import Certificate, Played, Thing
from connectory.work import Work

__all__ = ["Certificate", "Played", "Signed", "Thing", "certificate"]


@dataclass(frozen=True, slots=True)
class Signed:
    """A removal certificate with its signature (hex, by the audit key)."""

    certificate: Certificate
    signature: str


def certificate(work: Work, digest: str) -> Signed | None:
    """Return the newest removal certificate of a release by its digest, None without one."""
    found = store.certificate(work, digest)
    return None if found is None else Signed(*found)
