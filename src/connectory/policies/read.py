"""Answers about policies, for other slices."""

from collections.abc import Sequence

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


def rego(found: Files) -> Files:
    """Leave out what are no rules."""
    return tuple((name, text) for name, text in found if name.endswith(REGO))


def shipped() -> Bundle:
    """Return the rules that come with Connectory."""
    return check.compiled(None)


def keep_bases(work: Work, digest: str, bases: Sequence[str]) -> None:
    """Note which images a version is built on, for the documents that rules judge."""
    store.put_bases(work, digest, bases)
