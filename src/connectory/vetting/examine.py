"""Running the checks on what was published: in the background, once for the same bytes."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectory import __version__
from connectory.advisories.mirror import Mirror, MirrorUnusableError
from connectory.backends.blobs import Blobs
from connectory.catalog import read as catalog
from connectory.catalog.add import VersionPublished
from connectory.checks import dependencies
from connectory.checks.rules import Result
from connectory.checks.run import Report, run_all
from connectory.checks.subject import Subject, Surroundings
from connectory.gates import archive
from connectory.packages.read import bundle_path
from connectory.scaffold.layout import MANIFEST
from connectory.vetting import opening, settling, store
from connectory.vetting.store import CheckReport
from connectory.work import Event, Work, Works, log, seal

EVENTS = 50  # that are followed in one transaction: publishers wait for it
TOGETHER = 20  # reports of one turn


@dataclass(frozen=True, slots=True)
class VersionChecked(Event):
    """The checks of a version ended. The lists name those that did not pass."""

    digest: str
    engine: str
    failed: list[str]
    not_run: list[str]


def catch_up(work: Work) -> bool:
    """Let what was published wait for its checks and reviews; say if there was anything new."""
    before = store.position(work)
    if before >= seal.head(work.db).position:
        return False
    events = log.sealed_after(work.db, before, EVENTS)
    for event in events:
        if event.kind == VersionPublished.__name__:
            package = event.facts["package_digest"]
            store.ask(
                work,
                str(event.facts["digest"]),
                str(event.facts["manifest_digest"]),
                str(package) if package else None,
                event.subject,
            )
        opening.follow(work, event)
    store.follow_to(work, before + len(events))
    return bool(events)


@dataclass(frozen=True, slots=True)
class AdvisoryFound(Event):
    """Newer advisories concern what an already checked version brings along."""

    digest: str
    findings: list[str]


@dataclass(frozen=True, slots=True)
class Examiner:
    """Runs the checks. A turn that dies changes nothing: what waits still waits."""

    works: Works
    blobs: Blobs
    scratch: Path
    around: Surroundings

    def turn(self) -> bool:
        """Check what waits the longest; say whether there was anything."""
        with self.works.read() as work:
            is_behind = store.position(work) < seal.head(work.db).position
        if is_behind:
            with self.works.write() as work:
                catch_up(work)
        with self.works.read() as work:
            waiting = store.waiting(work, TOGETHER) or self._outdated(work)
            manifests = {
                one.digest: catalog.manifest_bytes(work, one.manifest_digest) for one in waiting
            }
        done = [(one, self._examine(one, manifests[one.digest])) for one in waiting]
        if done:
            with self.works.write() as work:
                for one, report in done:
                    _keep(work, one, report)
        return bool(done)

    def _outdated(self, work: Work) -> list[CheckReport]:
        """Return reports that are older than the advisories."""
        path = self.around.advisories
        try:
            with Mirror.open(path or Path()) as mirror:
                imported = mirror.about().imported
        except MirrorUnusableError:
            return []
        # A clock that was set back must not make every report outdated for ever.
        return store.older(work, imported, TOGETHER) if imported < work.now else []

    def _examine(self, waiting: CheckReport, manifest: bytes) -> Report:
        with self._files(waiting) as (root, names):
            return run_all(Subject(manifest, MANIFEST, "", root, names), around=self.around)

    @contextmanager
    def _files(self, waiting: CheckReport) -> Iterator[tuple[Path | None, frozenset[str]]]:
        """Unpack the package for the length of the block."""
        if waiting.package_digest is None:
            yield None, frozenset()
            return
        with (
            bundle_path(self.blobs, waiting.package_digest, self.scratch) as bundle,
            tempfile.TemporaryDirectory(dir=self.scratch) as folder,
        ):
            root = Path(folder) / "package"
            members = archive.unpack(bundle, root)
            yield root, frozenset(member.name for member in members)


def _keep(work: Work, waiting: CheckReport, report: Report) -> None:
    store.finish(work, waiting, __version__, report.results)
    work.emit(
        VersionChecked(
            subject=waiting.label,
            team="",
            digest=waiting.digest,
            engine=__version__,
            failed=[one.check for one in report.failed],
            not_run=[one.check for one in report.not_run],
        )
    )
    new = _vulnerable(report.results) - _vulnerable(waiting.results)
    if new and waiting.results:
        work.emit(AdvisoryFound(waiting.label, "", waiting.digest, sorted(new)))
    settling.settle_digest(work, waiting.digest)


def _vulnerable(results: Iterable[Result]) -> set[str]:
    found = (one.problem for result in results for one in result.findings)
    return {problem.message for problem in found if problem.code == dependencies.VULNERABLE}
