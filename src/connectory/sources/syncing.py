"""Pulling sources in the background: one at a time of each, continued after a crash."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from connectory.access.edge import Opener
from connectory.access.rules import Actor, Role, Scope
from connectory.backends.secrets import Secrets
from connectory.catalog import read as catalog
from connectory.gates import git
from connectory.gates.git import Fetched, Remote
from connectory.gates.member_names import shown
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest.errors import ManifestError
from connectory.publishing.release import Depot, Publication, publish
from connectory.sources import merging, reading, store
from connectory.sources.merging import Evidence
from connectory.sources.reading import Folder
from connectory.sources.rules import (
    MOST_TRIES,
    Entry,
    Failure,
    Outcome,
    SignOff,
    Source,
    Sync,
    SyncEnded,
    SyncLostError,
    SyncState,
    SyncTriedOftenError,
    VersionMerged,
    accounts_of,
)
from connectory.sources.store import Published
from connectory.work import Origin, Works

MOST_PROBLEMS = 20  # of one manifest
OF_ALL = {Kind.UNAVAILABLE, Kind.STORAGE_FULL, Kind.TIMED_OUT}
"""Refusals that the next connector would get too."""


class StoppingError(ConnectoryError):
    """The server is being stopped; the sync goes on when it is back."""

    kind = Kind.UNAVAILABLE
    code = "server-stopping"

    def __init__(self) -> None:
        super().__init__("the server is being stopped", hint="it goes on by itself afterwards")


@dataclass(slots=True)
class Syncer:
    """Pulls what waits. A turn that dies leaves its sync to the next process."""

    works: Works
    secrets: Secrets
    depot: Depot
    rules: git.Rules
    lease: timedelta
    stopping: threading.Event
    refresh: Callable[[str], None]  # brings the rights of an account up to date
    _held: Sync | None = field(default=None, init=False)

    @property
    def scratch(self) -> Path:
        """Where repositories are for as long as they are read."""
        return self.depot.scratch

    def turn(self) -> bool:
        """Pull one source; say whether there was any."""
        with self.works.read() as work:  # most turns find nothing, and need not wait to write
            if store.due(work) is None:
                return False
        with self.works.note() as work:
            held = self._held = store.claim(work, self.lease)
        if held is None:
            return False
        try:
            self._pull(held)
        except SyncLostError:
            pass
        finally:
            self._held = None
        return True

    def beat(self) -> None:
        """Keep the sync at which this process works."""
        held = self._held
        if held is None:
            return
        try:
            with self.works.note() as work:
                store.hold(work, held, self.lease)
        except SyncLostError:  # the turn itself finds out with its next entry
            pass

    def _pull(self, held: Sync) -> None:
        with self.works.read() as work:
            source = store.source(work, held.source)
        if source is None:  # it was removed, and the sync with it
            return
        try:
            self._fetch_and_publish(source, held)
        except StoppingError:
            with self.works.note() as work:
                store.release(work, held)
        except SyncLostError:
            raise
        except ConnectoryError as failure:
            self._end(source, held, SyncState.FAILED, _failure(failure))
        else:
            self._end(source, held, SyncState.DONE, None)

    def _fetch_and_publish(self, source: Source, held: Sync) -> None:
        if held.fence > MOST_TRIES:
            raise SyncTriedOftenError
        token = self.secrets.read(source.secret_path) if source.secret else None
        remote = Remote(source.url, source.branch, token)
        with git.fetched(remote, self.scratch, self.rules) as found:
            with self.works.note() as work:
                store.note_commit(work, held, found.commit)
                known = store.folders(work, source.name)
            for folder in reading.folders(found, source.folder):
                if self.stopping.is_set():
                    raise StoppingError
                before = known.get(folder.path, Published())
                if before.tree == folder.tree and not held.is_anew:
                    entry = Entry(shown(folder.path), Outcome.UNCHANGED, folder.tree)
                else:
                    entry = self._entry(source, held, found, folder, before)
                is_new = entry.outcome is Outcome.PUBLISHED
                commit = found.commit if is_new else before.commit
                now = Published(folder.tree, commit, entry.label)
                self._keep(source, held, folder.path, entry, (before, now))

    def _entry(
        self, source: Source, held: Sync, found: Fetched, folder: Folder, before: Published
    ) -> Entry:
        """Publish one folder, and say what became of it."""
        base = Entry(shown(folder.path), Outcome.SKIPPED, folder.tree)
        if not folder.has_manifest:
            return base
        try:
            upload = reading.upload_of(found, folder, self.depot.max_size)
            addresses = found.authors(folder.path, before.commit)
            authors = accounts_of(addresses)
            authors |= source.accounts(authors)
            counts = bool(source.sign_offs)  # of merges nobody else asks git
            landings = found.landings(folder.path, before.commit) if counts else []
            opener = Opener(self.works, Origin(source.publisher, held.id))
            done = publish(
                opener, self.depot, replace(upload, authors=authors), _publisher(source)
            )
        except ConnectoryError as refused:
            if refused.kind in OF_ALL:
                raise
            return replace(
                base,
                outcome=Outcome.REFUSED,
                failure=_failure(refused),
                problems=tuple(_problems(refused)),
            )
        release = done.added.release
        is_new = done.added.created or _is_of(done, source, held)
        return replace(
            base,
            outcome=Outcome.PUBLISHED if is_new else Outcome.UNCHANGED,
            label=release.label,
            digest=release.digest,
            authors=tuple(sorted(authors)),
            sign_off=self._sign_off(source, done, Evidence(tuple(landings), addresses))
            if is_new and counts
            else None,
        )

    def _sign_off(self, source: Source, done: Publication, evidence: Evidence) -> SignOff:
        """Say for which roles the merge of a new version counts.

        Who merged may not have been here for a while, so their rights are looked up anew.
        """
        seen = self._seen(source, done, evidence)
        if not seen.roles:
            return seen
        try:
            self.refresh(seen.by)
        except ConnectoryError as unknown:
            return SignOff(commit=seen.commit, reason=str(unknown))
        return self._seen(source, done, evidence)

    def _seen(self, source: Source, done: Publication, evidence: Evidence) -> SignOff:
        with self.works.read() as work:
            found = catalog.of_release(work, done.added.release)
            return merging.sign_off(work, source, found, evidence)

    def _keep(
        self,
        source: Source,
        held: Sync,
        folder: str,
        entry: Entry,
        change: tuple[Published, Published],
    ) -> None:
        """Note what became of a folder, and what was in it when it was published last."""
        before, now = change
        signed = entry.sign_off if entry.sign_off and entry.sign_off.roles else None
        origin = Origin(source.publisher, held.id)
        with self.works.write(origin) if signed else self.works.note() as work:
            store.hold(work, held, self.lease)
            store.put_entries(work, held.id, [entry])
            if entry.label:
                store.put_folder(work, source.name, folder, now)
            if signed:
                work.emit(
                    VersionMerged(
                        subject=entry.label,
                        team=source.team,
                        digest=entry.digest,
                        source=source.name,
                        sync=held.id,
                        folder=entry.folder,
                        commit=signed.commit,
                        by=signed.by,
                        roles=list(signed.roles),
                        after=before.label,
                    )
                )

    def _end(
        self, source: Source, held: Sync, state: SyncState, failure: Failure | None
    ) -> None:
        with self.works.write(Origin(source.publisher, held.id)) as work:
            counts = store.counts(work, [held.id])[held.id]
            store.finish(work, held, state, failure)
            there = store.sync(work, source.name, held.id)
            work.emit(
                SyncEnded(
                    subject=source.name,
                    team=source.team,
                    sync=held.id,
                    state=state,
                    commit=there.commit if there else "",
                    published=counts.get(Outcome.PUBLISHED, 0),
                    refused=counts.get(Outcome.REFUSED, 0),
                )
            )


def _publisher(source: Source) -> Actor:
    """Return who publishes: a member of the team of the source, and nothing else."""
    return Actor(
        name=source.publisher,
        teams={source.team: Role.MEMBER},
        scopes=frozenset({Scope.PUBLISH}),
        via="source",
        namespace=source.namespace,
    )


def _is_of(done: Publication, source: Source, held: Sync) -> bool:
    """Whether a version was published by this sync before the process died."""
    release, began = done.added.release, held.started_at
    is_ours = release.published_by == source.publisher
    return is_ours and began is not None and release.published_at >= began


def _failure(refused: ConnectoryError) -> Failure:
    return Failure(refused.code, str(refused), refused.hint)


def _problems(refused: ConnectoryError) -> Iterator[str]:
    """Give each problem of a manifest as a line."""
    if isinstance(refused, ManifestError):
        for one in refused.problems[:MOST_PROBLEMS]:
            where = f"line {one.line}: " if one.line else ""
            yield f"{where}{one.message}; {one.hint}"
