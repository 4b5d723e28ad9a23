"""Publishing with forms: drafts by steps, their review, and uploads."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.web.parts import Field, Option, Permissions, Trouble


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together, with groups inside. Component: group.html.

    `add` and `remove` are the paths of what its buttons add and take away; empty without one.
    """

    title: str
    hint: str = ""
    fields: tuple[Field, ...] = ()
    groups: "tuple[Group, ...]" = ()
    add: str = ""
    remove: str = ""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One draft in the list of whoever wrote it."""

    id: str
    title: str
    template: str
    changed_at: datetime

    @property
    def url(self) -> str:
        """Its first step."""
        return f"/new/{self.id}"


@dataclass(frozen=True, slots=True)
class Beginning:
    """One way to begin: a template with code, or a manifest alone."""

    value: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class NewPage:
    """Where publishing begins: ways to do it, and the reader's drafts. Template: new.html."""

    template: ClassVar[str] = "new.html"

    beginnings: tuple[Beginning, ...]
    drafts: tuple[DraftRow, ...] = ()
    days: int = 90  # after which an unchanged draft is deleted
    may_publish: bool = True  # into at least one namespace
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class StepPage:
    """One step of a draft. Template: new-step.html."""

    template: ClassVar[str] = "new-step.html"

    draft: str
    title: str
    steps: tuple[Option, ...]  # slug and title of each, the review last
    current: int
    groups: tuple[Group, ...]
    code: str = ""  # the template whose code goes with it
    troubles: tuple[Trouble, ...] = ()
    is_saved: bool = False

    @property
    def url(self) -> str:
        """Where the form is sent."""
        return f"/new/{self.draft}/{self.steps[self.current].value}"

    @property
    def back(self) -> str:
        """The step before; the list of drafts before the first."""
        before = self.steps[self.current - 1].value if self.current else ""
        return f"/new/{self.draft}/{before}" if before else "/new"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a line of a manifest, and where to put it right."""

    message: str
    hint: str
    line: int | None
    is_error: bool
    url: str = ""  # the field that it is about


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The last step: the manifest, what is open, and publishing. Template: new-review.html."""

    template: ClassVar[str] = "new-review.html"

    draft: str
    title: str
    steps: tuple[Option, ...]
    source: str
    findings: tuple[Finding, ...] = ()
    permissions: Permissions | None = None
    code: str = ""  # the template whose code goes with it
    troubles: tuple[Trouble, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands against publishing it."""
        return not any(one.is_error for one in self.findings)

    @property
    def url(self) -> str:
        """The draft; what can be done with it is below."""
        return f"/new/{self.draft}"

    @property
    def back(self) -> str:
        """The step before."""
        return f"{self.url}/{self.steps[-2].value}"


@dataclass(frozen=True, slots=True)
class UploadPage:
    """A manifest as text or file, with its package. Template: upload.html."""

    template: ClassVar[str] = "upload.html"

    title: str
    url: str
    source: str = ""
    namespace: str = ""  # of the connector that gets a new version
    id: str = ""
    version: str = ""  # the newest one
    part: str = ""  # of the version that was raised
    findings: tuple[Finding, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    is_checked: bool = False

    @property
    def lines(self) -> tuple[tuple[int, str], ...]:
        """The lines that something is said about, with their numbers."""
        wanted = {one.line for one in self.findings if one.line}
        numbered = enumerate(self.source.splitlines(), start=1)
        return tuple((number, text) for number, text in numbered if number in wanted)
