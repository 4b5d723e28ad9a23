"""Answers about policies, for other slices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectory.checks import policy as check
from connectory.policies import store
from connectory.policies.rules import Active, BundleMissingError, Files
from connectory.policy import trial
from connectory.policy.bundle import SHIPPED, Bundle
from connectory.work import Work

REGO = ".rego"


def active(work: Work) -> Active:
    """Return what is in force."""
    return store.active(work)


def active_files(work: Work) -> Files | None:
    """Return the rules in force as texts; None stands for the shipped ones."""
    now = store.active(work)
    return None if now.is_shipped else rego(files(work, now.digest))


def active_bundle(work: Work) -> Bundle:
    """Return the rules in force.

    Raises:
        PolicyEngineError: If the engine does not come up.
    """
    return check.compiled(active_files(work))


def files(work: Work, digest: str) -> Files:
    """Return the files of a bundle, also of the shipped one.

    Raises:
        BundleMissingError: If there is no such bundle.
        PolicyEngineError: If the engine does not come up.
    """
    found = store.files(work, digest)
    if found is None and digest == shipped().digest:
        return tuple(trial.texts(SHIPPED).items())
    if found is None:
        raise BundleMissingError(digest)
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """A bundle that could be in force. The shipped one has no `uploaded_at`."""

    digest: str
    rules: int
    is_active: bool
    is_shipped: bool = False
    uploaded_by: str = ""
    uploaded_at: datetime | None = None


def known(work: Work) -> list[Known]:
    """Return every bundle, the newest first and the shipped one last."""
    own = shipped()
    now = store.active(work).digest or own.digest
    found = [
        Known(one.digest, one.rules, one.digest == now, False, one.uploaded_by, one.uploaded_at)
        for one in store.uploaded(work)
        if one.digest != own.digest
    ]
    return [*found, Known(own.digest, len(own.rules), own.digest == now, is_shipped=True)]


def rego(found: Files) -> Files:
    """Leave out what are no rules."""
    return tuple((name, text) for name, text in found if name.endswith(REGO))


def shipped() -> Bundle:
    """Return the rules that come with Connectory."""
    return check.compiled(None)


def keep_bases(work: Work, digest: str, bases: Sequence[str]) -> None:
    """Note which images a version is built on, for the documents that rules judge."""
    store.put_bases(work, digest, bases)
