"""What the page of a connector says of its removal, and of trying it."""

from starlette.datastructures import State

from connectory.access.rules import Actor
from connectory.catalog.read import Version
from connectory.kernel.clock import parse_rfc3339
from connectory.rehearsals import read
from connectory.rehearsals.read import Played, Thing
from connectory.rehearsals.rules import TryUncontainedError
from connectory.web.answering import sentence
from connectory.web.pages.connector import Rehearsed, Trying
from connectory.web.parts import Fact
from connectory.work import Work


def rehearsed(work: Work, version: Version) -> Rehearsed | None:
    """Return what the certificate of exactly this release says, None without one."""
    found = read.certificate(work, version.release.digest)
    if found is None:
        return None
    certificate = found.certificate
    return Rehearsed(
        at=parse_rfc3339(certificate.at),
        engine=certificate.engine,
        contained=certificate.contained,
        examples=tuple(_example(one) for one in certificate.examples),
        findings=tuple(_in_words(one) for one in certificate.findings),
        retained=tuple(_in_words(one) for one in certificate.retained),
    )


def trying(state: State, version: Version, by: Actor) -> Trying | None:
    """Return how the reader can try a version, or why not; None if there is nothing to try."""
    obstacle = state.tries.obstacle(version, by)
    if isinstance(obstacle, TryUncontainedError):
        return Trying("", sentence(obstacle.message), sentence(obstacle.hint))
    if obstacle is not None:
        return None
    if by.is_anonymous and not state.settings.anonymous_try:
        return Trying("", "Sign in to try it with sample data.")
    release = version.release
    return Trying(f"/c/{release.name.key}@{release.version}/try")


def _example(one: Played) -> Fact:
    word = "failed with" if one.has_failed else "answered"
    return Fact(one.name, f"{word} {one.status}, {one.arrived} arrived at stand-ins")


def _in_words(thing: Thing) -> str:
    return f"{thing.kind} {thing.name}"
