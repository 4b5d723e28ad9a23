"""Repositories that are pulled, and what became of each folder of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.web.parts import Fact, Field, Link, Trouble


@dataclass(frozen=True, slots=True)
class SyncRow:
    """One pull of a source. `commit` is empty before it was fetched."""

    id: str
    url: str
    state: str
    asked_by: str
    asked_at: datetime
    commit: str
    published: int
    refused: int
    is_anew: bool = False

    @property
    def is_over(self) -> bool:
        """Whether its log is complete."""
        return self.state in {"done", "failed"}


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source in the list, and its last pull if there was any."""

    name: str
    repository: str
    branch: str
    team: str
    last: SyncRow | None


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """The sources of the reader's teams. Template: sources.html."""

    template: ClassVar[str] = "sources.html"

    rows: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class FolderRow:
    """What became of one folder, why, and where to go on.

    `sign_off` says for whom its merge signs, or why for nobody; empty where none counts.
    """

    folder: str
    outcome: str
    version: Link | None = None
    review: Link | None = None
    trouble: Trouble | None = None
    problems: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    sign_off: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How many folders had an outcome, and where only those are shown."""

    outcome: str  # empty for all
    number: int
    url: str
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class ShownLog:
    """The log of one pull, a part of it at a time."""

    sync: SyncRow
    rows: tuple[FolderRow, ...]
    counts: tuple[Count, ...]
    failure: Trouble | None = None
    first_url: str = ""
    next_url: str = ""


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One source: its pulls, and the log of one of them. Template: source.html.

    `rule` are the fields of the form for admins: as whose sign-off a merge counts.
    `hook_secret` is the webhook's new secret, in the one answer that shows it.
    """

    template: ClassVar[str] = "source.html"

    name: str
    about: tuple[Fact, ...]
    syncs: tuple[SyncRow, ...]
    log: ShownLog | None = None
    may_sync: bool = False
    newer_url: str = ""
    older_url: str = ""
    rule: tuple[Field, ...] = ()
    counts_merges: bool = False
    hook_url: str = ""
    hook_secret: str = ""
    troubles: tuple[Trouble, ...] = ()
