"""Running the checks on what was published: in the background, once for the same bytes."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from connectory import __version__
from connectory.backends.blobs import Blobs
from connectory.catalog import read as catalog
from connectory.catalog.add import VersionPublished
from connectory.checks.dockerfile import FILE as DOCKERFILE
from connectory.checks.dockerfile import bases
from connectory.checks.rules import Alike, Result, State
from connectory.checks.run import Report, run_all
from connectory.checks.sbom import Sbom, sbom
from connectory.checks.subject import Subject, Surroundings
from connectory.gates import archive
from connectory.manifest.model import Manifest
from connectory.packages.read import bundle_path
from connectory.policies import read as policies
from connectory.policies.change import PolicyActivated
from connectory.scaffold.layout import MANIFEST
from connectory.vetting import (
    alerts,
    merging,
    opening,
    review_store,
    sbom_store,
    settling,
    store,
)
from connectory.vetting.alerts import RunsIn
from connectory.vetting.rules import UNDECIDED
from connectory.vetting.store import CheckReport
from connectory.work import Event, Work, Works, log, seal

EVENTS = 20  # that are followed in one transaction: publishers wait for it
TOGETHER = 8  # reports of one turn, kept in one transaction: publishers wait for it
MOST_REVIEWS = 1000  # that come first when policies change; the others follow by their age
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class VersionChecked(Event):
    """The checks of a version ended. The lists name those that did not pass.

    `sbom` is the digest of its bill of materials; a manifest that breaks the format has none.
    """

    digest: str
    engine: str
    failed: list[str]
    not_run: list[str]
    sbom: str


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
        elif event.kind == PolicyActivated.__name__:
            _ask_undecided(work)
        opening.follow(work, event)
        merging.follow(work, event)
    store.follow_to(work, before + len(events))
    return bool(events)


def _ask_undecided(work: Work) -> None:
    """Let what waits for a decision be checked by the policies that hold now."""
    for review in review_store.reviews(work, UNDECIDED, MOST_REVIEWS):
        store.ask_again(work, review.digest)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in a version, the images that it is built on, and its first bill."""

    report: Report
    bases: list[str]
    sbom: Sbom | None


@dataclass(frozen=True, slots=True)
class Examiner:
    """Runs the checks. A turn that dies changes nothing: what waits still waits."""

    works: Works
    blobs: Blobs
    scratch: Path
    around: Surroundings
    runs_in: RunsIn
    alike: Callable[[str, Manifest], Sequence[Alike]]
    """Returns the connectors like that of a manifest, whose own key comes first."""
    imported: Callable[[], datetime | None]
    """Returns when the advisories were imported; it is asked at every turn."""

    def turn(self) -> bool:
        """Check what waits the longest; say whether there was anything."""
        with self.works.read() as work:
            is_behind = store.position(work) < seal.head(work.db).position
        if is_behind:
            with self.works.write() as work:
                catch_up(work)
        with self.works.read() as work:
            waiting = store.waiting(work, TOGETHER) or self._outdated(work)
            if not waiting:
                return is_behind
            rules = policies.active(work)
            around = replace(self.around, policies=policies.active_files(work))
            bills = sbom_store.known(work, [one.digest for one in waiting])
            manifests = {
                one.digest: catalog.manifest_bytes(work, one.manifest_digest) for one in waiting
            }
        done = [
            (
                one,
                self._examine(one, manifests[one.digest], around, has_bill=one.digest in bills),
            )
            for one in waiting
        ]
        with self.works.write() as work:
            if policies.active(work) == rules:  # else it all waits for its next turn
                for one, seen in done:
                    self._keep(work, one, seen)
        return True

    def _outdated(self, work: Work) -> list[CheckReport]:
        """Return reports that are older than the advisories, the policies, or a day.

        Once a day, because also advisories that nobody replaces say less each day.
        """
        activated = policies.active(work).at
        known = (activated, self.imported())
        moments = [work.now - DAY, *(one for one in known if one is not None)]
        # A clock that was set back must not make every report outdated for ever.
        newest = max(one for one in moments if one < work.now)
        return store.older(work, newest, TOGETHER)

    def _examine(
        self, waiting: CheckReport, manifest: bytes, around: Surroundings, *, has_bill: bool
    ) -> Seen:
        with self._files(waiting) as (root, names):
            alike = partial(self.alike, waiting.label.partition("@")[0])
            subject = Subject(manifest, MANIFEST, "", root, names)
            report = run_all(subject, around=replace(around, alike=alike))
            about = None if has_bill else report.manifest
            bill = sbom(subject, about, waiting.package_digest) if about else None
            return Seen(report, bases(subject.text(DOCKERFILE)), bill)

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

    def _keep(self, work: Work, before: CheckReport, seen: Seen) -> None:
        report = seen.report
        policies.keep_bases(work, before.digest, seen.bases)
        if seen.sbom:
            sbom_store.keep(work, before.digest, seen.sbom)
        store.finish(work, before, __version__, report.results)
        failed = [one.check for one in report.failed]
        not_run = [one.check for one in report.not_run]
        is_other = _states(before.results) != _states(report.results)
        if before.ended_at is None or is_other or seen.sbom:
            bill = sbom_store.digest(work, before.digest)
            told = before.digest, __version__, failed, not_run, bill
            work.emit(VersionChecked(before.label, "", *told))
        alerts.follow(work, before, report.results, self.runs_in)
        settling.settle_digest(work, before.digest)


def _states(results: Iterable[Result]) -> dict[str, State]:
    return {one.check: one.state for one in results}
