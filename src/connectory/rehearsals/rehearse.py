"""The operation: install a version in a throw-away marketplace, run it, remove it, compare."""

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectory import __version__
from connectory.access.rules import Actor, Role, require_role
from connectory.backends.blobs import Blobs
from connectory.catalog import read as catalog
from connectory.catalog.read import Version
from connectory.catalog.rules import Status, of_label
from connectory.instances.rules import quarantined, refusal
from connectory.kernel.clock import rfc3339
from connectory.operations import read as operations
from connectory.operations.begin import Wish, begin
from connectory.operations.read import OperationRow, Wanted
from connectory.operations.rules import ACTIVE, Done, Operation, Recipe, State, Step
from connectory.rehearsals import examples, picture, store
from connectory.rehearsals.picture import Picture
from connectory.rehearsals.rules import (
    COMPARED,
    REHEARSE,
    Certificate,
    Example,
    NothingToRunError,
    Played,
    RehearsalInterruptedError,
    TooManyRehearsalsError,
    sorted_out,
)
from connectory.rehearsals.signing import sign
from connectory.rehearsals.throwaway import TARGET, Goods, Stay, Throwaways
from connectory.work import Event, Work, Works

MOST = 2  # rehearsals at once; the other workers are for the instances of teams
SECONDS = 240.0  # of one


@dataclass(frozen=True, slots=True)
class VersionRehearsed(Event):
    """A version was installed, run and removed on trial. `left` is what it left behind."""

    digest: str
    clean: bool
    left: list[str]


def goods_of(work: Work, version: Version) -> Goods:
    """Return what a throw-away marketplace has to know of a version.

    Raises:
        VersionQuarantinedError: If it is quarantined.
        NothingToRunError: If it has no package.
    """
    release = version.release
    if release.status is Status.QUARANTINED:
        raise refusal((quarantined(release.label),))
    if release.package_digest is None:
        raise NothingToRunError(release.label, "package")
    manifest = catalog.raw_manifest(work, release)
    return Goods(release.name, release.version, manifest, release.package_digest)


def start(work: Work, version: Version, by: Actor, recipe: Recipe) -> str:
    """Begin to rehearse the removal of a version; one that goes on answers with its operation.

    Raises:
        RoleError, TeamMissingError: Unless the actor is a member of its team.
        NothingToRunError: If it has no package.
        TooManyRehearsalsError: If too many go on.
    """
    require_role(by, Role.MEMBER, version.team)
    release = version.release
    goods_of(work, version)
    running = operations.active_on(work, release.digest)
    if running is not None:
        return running
    if _going_on(work) >= MOST:
        raise TooManyRehearsalsError(MOST)
    wish = Wish(REHEARSE, release.digest, release.label, version.team, generation=1)
    return begin(work, wish, recipe)


def _going_on(work: Work) -> int:
    wanted = (Wanted(state=state, kind=REHEARSE, limit=MOST) for state in ACTIVE)
    return sum(len(operations.operations(work, one)) for one in wanted)


@dataclass(slots=True)
class _Run:
    """One rehearsal between its steps; it ends with the process."""

    version: Version
    stay: Stay
    before: Picture = frozenset()
    played: tuple[Played, ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsals:
    """The steps of a rehearsal. `key` signs certificates.

    What goes on between the steps is in memory: a server that ends in the middle leaves a
    throw-away marketplace without its stand-ins, so whoever goes on undoes it.
    """

    works: Works
    blobs: Blobs
    scratch: Path
    throwaways: Throwaways
    key: Ed25519PrivateKey
    _runs: dict[str, _Run] = field(default_factory=dict)

    def recipe(self) -> Recipe:
        """Return how a rehearsal works."""
        return Recipe(
            steps=(
                Step("open", "Make a throw-away marketplace", self._open, self._close),
                Step("install", "Install the version in it", self._install),
                Step("examples", "Run its examples", self._play),
                Step("remove", "Remove it again", self._remove),
                Step("compare", "Look for what is left", self._compare),
            ),
            finish=self._finish,
            again=_again,
        )

    def _open(self, held: Operation) -> Done:
        self.throwaways.close(held.id)  # of a server that ended in the middle of this step
        with self.works.read() as work:
            version = _version(work, held)
            goods = goods_of(work, version)
        throwaway = self.throwaways.open(held.id, goods)
        stay = Stay.of(throwaway, goods, version.manifest, SECONDS)
        self._runs[held.id] = _Run(version, stay)
        stay.give_secrets()
        return Done(f"with {', '.join(throwaway.standins)} as stand-ins and made-up secrets")

    def _close(self, held: Operation) -> Done:
        self.throwaways.close(held.id)
        return Done("deleted")

    def _install(self, held: Operation) -> Done:
        run = self._run(held)
        run.before = picture.take(run.stay)
        run.stay.install()
        return Done("healthy")

    def _play(self, held: Operation) -> Done:
        run = self._run(held)
        package = run.stay.goods.package
        run.played = tuple(
            _play(run.stay, one) for one in examples.read(self.blobs, package, self.scratch)
        )
        return Done(_in_words(run.played))

    def _remove(self, held: Operation) -> Done:
        self._run(held).stay.remove()
        return Done("removed")

    def _compare(self, held: Operation) -> Done:
        run = self._run(held)
        left = picture.left(run.stay, run.before)
        self._close(held)
        with self.works.read() as work:
            certificate = self._certificate(run, left, held.by, rfc3339(work.now))
        return Done(
            "nothing" if certificate.is_clean else ", ".join(_names(certificate)),
            lambda work: self._keep(work, held, certificate),
        )

    def _certificate(self, run: _Run, left: Picture, by: str, at: str) -> Certificate:
        release, removal = run.version.release, run.version.manifest.removal
        retained, findings = sorted_out(left, removal.retain if removal else ())
        return Certificate(
            connector=release.name.key,
            version=release.version,
            digest=release.digest,
            manifest_digest=release.manifest_digest,
            package_digest=run.stay.goods.package,
            at=at,
            by=by,
            target=TARGET,
            contained=run.stay.throwaway.target.is_contained,
            engine=__version__,
            compared=COMPARED,
            examples=run.played,
            retained=retained,
            findings=findings,
        )

    def _keep(self, work: Work, held: Operation, certificate: Certificate) -> None:
        store.put(work, certificate, sign(certificate, self.key))
        work.emit(
            VersionRehearsed(
                subject=held.label,
                team=held.team,
                digest=certificate.digest,
                clean=certificate.is_clean,
                left=_names(certificate),
            )
        )

    def _finish(self, work: Work, held: Operation, state: State) -> None:  # noqa: ARG002  as a recipe has it
        self._runs.pop(held.id, None)

    def _run(self, held: Operation) -> _Run:
        run = self._runs.get(held.id)
        if run is None:
            raise RehearsalInterruptedError
        return run


def _version(work: Work, held: Operation) -> Version:
    """Return the very version that is rehearsed; a certificate is about a digest."""
    name, version = of_label(held.label)
    found = catalog.by_digest(work, name, version, held.resource)
    if found is None:
        raise catalog.VersionMissingError(name, version, ())
    return found


def _again(work: Work, row: OperationRow) -> int:  # noqa: ARG001  as a recipe has it
    """Try a rehearsal again: it begins anew, on the same release."""
    return row.generation


def _play(stay: Stay, one: Example) -> Played:
    answered = stay.play(one)
    return Played(one.name, answered.path, answered.status, len(answered.arrived))


def _in_words(played: tuple[Played, ...]) -> str:
    return (
        ", ".join(f"{one.name}: {one.status}, {one.arrived} arrived" for one in played)
        or "none"
    )


def _names(certificate: Certificate) -> list[str]:
    return [f"{one.kind} {one.name}" for one in certificate.findings]
