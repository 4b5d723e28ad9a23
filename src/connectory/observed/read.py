"""What pages and routes may know of what was observed, and the narrower manifest."""

from dataclasses import dataclass, replace
from typing import ClassVar

from connectory.access.edge import Opener
from connectory.access.rules import Actor
from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.instances import read as instances
from connectory.instances.crew import Crew
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest import loader
from connectory.manifest.narrow import Less, narrowed
from connectory.observed import store
from connectory.observed.collect import ask
from connectory.observed.rules import Item, Seen, Verdict, items, less, together
from connectory.work import Work


class NothingToTightenError(ConnectoryError):
    """A manifest declares nothing that is known to be unused, or it is too early to say."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "nothing-to-tighten"

    def __init__(self, label: str, why: str) -> None:
        super().__init__(
            f"there is no narrower manifest of {label}: {why}",
            hint=f"see what it used: `connectory tighten {label} --early --json`",
        )


@dataclass(frozen=True, slots=True)
class Narrower:
    """The manifest of the next version, which declares less than the published one."""

    version: str
    less: Less
    before: str
    text: str


@dataclass(frozen=True, slots=True)
class Observation:
    """A version, what was seen of it, and what that means."""

    version: Version
    label: str  # of the connector's version, or of the instance
    seen: Seen
    items: tuple[Item, ...]
    narrower: Narrower | None
    why_not: str  # there is no narrower one

    @property
    def questions(self) -> tuple[str, ...]:
        """Hosts that were wanted and refused: somebody has to say whether they are right."""
        return tuple(one.name for one in self.items if one.verdict is Verdict.REFUSED)

    def required(self) -> Narrower:
        """Return the narrower manifest.

        Raises:
            NothingToTightenError: If there is none.
        """
        if self.narrower is None:
            raise NothingToTightenError(self.label, self.why_not)
        return self.narrower


def of_version(work: Work, version: Version, by: Actor, *, early: bool = False) -> Observation:
    """Return what all instances of a version used.

    What was refused can tell of a team's systems, so only those who publish it see the names.
    """
    release = version.release
    seen = together(store.of_version(work, release.name, release.version))
    if not (by.is_admin or version.team in by.teams):
        seen = replace(seen, refused={})
    return _observation(work, version, release.label, seen, early=early)


def of_instance(
    opener: Opener, crew: Crew, team: str, name: str, *, early: bool = False
) -> Observation:
    """Return what an instance has used since it runs its version, up to now.

    Raises:
        InstanceMissingError: If there is none of this name.
    """
    with opener.read() as work:
        one = instances.instance(work, team, name)
    now = ask(crew, one)
    with opener.read() as work:
        kept = store.of_version(work, one.connector, one.version, instance=one.id)
        if now is not None:
            kept = [now, *(old for old in kept if old.generation != now.generation)]
        version = crew.launcher.version_of(work, one)
        return _observation(work, version, one.label, together(kept), early=early)


def _observation(
    work: Work, version: Version, label: str, seen: Seen, *, early: bool
) -> Observation:
    unneeded = less(version.manifest, seen, early=early)
    narrower, why_not = None, ""
    if unneeded:
        narrower = _narrower(catalog.raw_manifest(work, version.release), unneeded)
        why_not = "" if narrower else "its lines cannot be changed by themselves"
    elif not seen.instances:
        why_not = "nobody has observed it yet"
    elif not (seen.is_enough or early):
        why_not = "it has not been observed for long enough"
    else:
        why_not = "it uses what it declares, as far as is known"
    found = items(version.manifest, seen)
    return Observation(version, label, seen, found, narrower, why_not)


def _narrower(raw: bytes, unneeded: Less) -> Narrower | None:
    changed = narrowed(loader.load(raw), unneeded)
    if changed is None:
        return None
    version = loader.load(changed).manifest.version
    return Narrower(version, unneeded, raw.decode(), changed.decode())
