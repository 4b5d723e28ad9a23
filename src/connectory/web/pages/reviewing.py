"""One review with all that a reviewer looks at, what grew first."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from markupsafe import Markup

from connectory.web.pages.comparing import DiffLine, FileRow, ValueRow
from connectory.web.pages.connector import Checked, PermissionRow
from connectory.web.parts import Cost, Fact, Option, Permissions, Trouble


@dataclass(frozen=True, slots=True)
class GrownRow:
    """Something that the version may touch and the approved one may not."""

    part: str
    name: str
    owner: str  # the role that answers for it


@dataclass(frozen=True, slots=True)
class SignOff:
    """What one role, whose sign-off is needed, looks at and said last."""

    role: str
    state: str
    grown: int  # how much of its part is new
    checklist: tuple[str, ...]
    account: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision. `carried_from` says of which digest, if it was not made about this one.

    `behalf_of` is the reviewer who let the account decide; `merge` is the source and the commit
    by whose merge it did.
    """

    role: str
    decision: str
    account: str
    comment: str
    at: datetime
    carried_from: str = ""
    behalf_of: str = ""
    merge: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CommentRow:
    """Something that was said, as safe HTML."""

    number: int
    account: str
    text: Markup
    at: datetime


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since the submission that the reader spoke about, or the one before."""

    version: str
    was_seen: bool
    differences: tuple[tuple[str, Fact], ...]  # add or remove, and what
    is_package_changed: bool
    reset: tuple[str, ...]  # roles that had signed it and have to look again
    url: str  # the two beside each other


@dataclass(frozen=True, slots=True)
class Compared:
    """What is in a version, beside the approved one if there is one."""

    changes: tuple[ValueRow, ...] = ()
    source: tuple[DiffLine, ...] = ()  # the manifest, where nothing is beside it
    files: tuple[FileRow, ...] = ()  # that differ
    all_files: tuple[Fact, ...] = ()
    cost: Cost | None = None
    cost_before: Cost | None = None


@dataclass(frozen=True, slots=True)
class Deciding:
    """The form of a decision, with what was entered."""

    roles: tuple[Option, ...]
    can_veto: bool = False
    role: str = ""
    decision: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One review. Template: review.html."""

    template: ClassVar[str] = "review.html"

    id: str
    namespace: str
    connector: str
    name: str
    version: str
    digest: str
    state: str
    risk: str
    published_by: str
    opened_at: datetime
    due_at: datetime
    base: str  # the approved version that it is compared with; empty when there is none
    grown: tuple[GrownRow, ...]
    roles: tuple[SignOff, ...]
    checks: Checked
    permissions: Permissions
    permission_rows: tuple[PermissionRow, ...]
    decisions: tuple[DecisionRow, ...] = ()
    comments: tuple[CommentRow, ...] = ()
    open_points: tuple[str, ...] = ()
    since: Since | None = None
    compared: Compared = Compared()
    is_undecided: bool = True
    is_overdue: bool = False
    is_author: bool = False
    position: int | None = None
    typical_wait: str = ""
    deciding: Deciding | None = None  # None: there is nothing that the reader can decide
    may_waive: bool = False
    may_comment: bool = False
    text: str = ""  # of a comment that was not taken
    troubles: tuple[Trouble, ...] = ()

    @property
    def url(self) -> str:
        """This page."""
        return f"/reviews/{self.id}"

    @property
    def connector_url(self) -> str:
        """The page of the version."""
        return f"/c/{self.namespace}/{self.connector}@{self.version}"

    @property
    def label(self) -> str:
        """The version as people name it."""
        return f"{self.connector} {self.version}"
