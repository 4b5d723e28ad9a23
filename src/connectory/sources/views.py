"""How sources and their syncs are told over HTTP."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from pydantic import BaseModel

from connectory.kernel.clock import rfc3339
from connectory.sources import store
from connectory.sources.rules import EVERY, Entry, Failure, Outcome, Source, Sync, Wanted
from connectory.work import Work


class FailureView(BaseModel):
    """Why something did not work, and what to do next."""

    code: str
    message: str
    hint: str


class SyncView(BaseModel):
    """One pull of a source; `counts` says how many folders had which outcome."""

    id: str
    source: str
    state: str
    anew: bool
    asked_by: str
    asked_at: str
    started_at: str | None
    ended_at: str | None
    commit: str
    error: FailureView | None
    counts: dict[str, int]


class SignOffView(BaseModel):
    """For which roles a merge counts as the sign-off of who merged, and why for no more."""

    roles: list[str]
    by: str
    commit: str
    reason: str


class EntryView(BaseModel):
    """What became of one folder: published, unchanged, refused, or skipped (no manifest).

    `sign_off` is null where merges do not count as sign-offs, or nothing was published.
    """

    folder: str
    outcome: str
    version: str
    digest: str
    authors: list[str]
    error: FailureView | None
    problems: list[str]
    sign_off: SignOffView | None


class SyncLog(SyncView):
    """One pull of a source with what became of each folder."""

    items: list[EntryView]


class SyncList(BaseModel):
    """The pulls of a source, newest first."""

    items: list[SyncView]


class SourceView(BaseModel):
    """A repository that is pulled, and its last pull.

    A merge into its branch counts as the sign-off of the roles in `sign_offs`; `people` are the
    accounts of those whom the host, or their commits, call by another name.
    """

    name: str
    url: str
    branch: str
    folder: str
    team: str
    namespace: str
    secret: str
    added_by: str
    added_at: str
    hook_url: str
    sign_offs: list[str]
    people: dict[str, str]
    last: SyncView | None


class SourceList(BaseModel):
    """The repositories that are pulled for the teams of whoever asks, by name."""

    items: list[SourceView]


class SourceMade(SourceView):
    """A source whose webhook has a new secret, `hook_secret`, which is shown this once."""

    hook_secret: str


def source_views(work: Work, sources: Iterable[Source], url: str) -> list[SourceView]:
    """Tell of sources; `url` is where the marketplace is reached."""
    every = list(sources)
    last = {one.name: store.syncs(work, one.name, 1) for one in every}
    told = sync_views(work, [one for syncs in last.values() for one in syncs])
    latest = {one.source: one for one in told}
    return [
        SourceView(
            name=one.name,
            url=one.url,
            branch=one.branch,
            folder=one.folder,
            team=one.team,
            namespace=one.namespace,
            secret=one.secret,
            added_by=one.added_by,
            added_at=rfc3339(one.added_at),
            hook_url=f"{url}/hooks/git/{one.name}",
            sign_offs=list(one.sign_offs),
            people=dict(one.people),
            last=latest.get(one.name),
        )
        for one in every
    ]


def sync_views(work: Work, syncs: Iterable[Sync]) -> list[SyncView]:
    """Tell of syncs."""
    every = list(syncs)
    counts = store.counts(work, [one.id for one in every])
    return [_sync_view(one, counts[one.id]) for one in every]


def sync_log(work: Work, sync: Sync) -> SyncLog:
    """Tell of a sync and of each folder in it."""
    [told] = sync_views(work, [sync])
    return SyncLog(**told.model_dump(), items=entry_views(work, sync.id))


def entry_views(work: Work, sync: str, wanted: Wanted = EVERY) -> list[EntryView]:
    """Tell what became of folders in a sync."""
    return [_entry_view(one) for one in store.entries(work, sync, wanted)]


def _sync_view(one: Sync, counts: Mapping[Outcome, int]) -> SyncView:
    return SyncView(
        id=one.id,
        source=one.source,
        state=one.state,
        anew=one.is_anew,
        asked_by=one.asked_by,
        asked_at=rfc3339(one.asked_at),
        started_at=rfc3339(one.started_at) if one.started_at else None,
        ended_at=rfc3339(one.ended_at) if one.ended_at else None,
        commit=one.commit,
        error=_failure_view(one.failure),
        counts={outcome.value: counts.get(outcome, 0) for outcome in Outcome},
    )


def _entry_view(one: Entry) -> EntryView:
    return EntryView(
        folder=one.folder,
        outcome=one.outcome,
        version=one.label,
        digest=one.digest,
        authors=list(one.authors),
        error=_failure_view(one.failure),
        problems=list(one.problems),
        sign_off=SignOffView(**asdict(one.sign_off)) if one.sign_off else None,
    )


def _failure_view(failure: Failure | None) -> FailureView | None:
    if failure is None:
        return None
    return FailureView(code=failure.code, message=failure.message, hint=failure.hint)
