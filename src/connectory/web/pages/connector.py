"""One version of a connector, before it is installed."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from markupsafe import Markup

from connectory.web.pages.observed import ObservedPart
from connectory.web.parts import Cost, Fact, Field, Permissions, SecretNeed, Twin


@dataclass(frozen=True, slots=True)
class PermissionRow:
    """One thing that the manifest asks for, and the author's reason."""

    what: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One published version."""

    version: str
    status: str
    published_at: datetime
    published_by: str
    digest: str
    url: str
    diff_url: str = ""  # what changed since the version before; empty for the first
    current: bool = False


@dataclass(frozen=True, slots=True)
class SimilarRow:
    """Another connector that does much the same, and why."""

    name: str
    key: str
    url: str
    status: str
    score: str
    reasons: tuple[str, ...]
    compare_url: str


@dataclass(frozen=True, slots=True)
class Vetting:
    """The status in force and how it came about."""

    status: str
    claimed: str
    missing: tuple[str, ...] = ()
    reason: str = ""
    replaced_by: str = ""  # URL of the successor
    by: str = ""  # whose decision it is
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One thing that a check found: where, what, and what to do."""

    place: str
    message: str
    hint: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class WaiverRow:
    """Why a check need not pass, whose word that is, and until when."""

    reason: str
    by: str
    until: datetime
    is_for_all: bool  # connectors


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check and what it says; `reason` is why it could not look, or need not."""

    title: str
    why: str
    state: str
    reason: str = ""
    findings: tuple[FindingRow, ...] = ()
    check: str = ""  # its id
    waiver: WaiverRow | None = None

    @property
    def is_blocking(self) -> bool:
        """Whether it keeps the version from being approved."""
        return self.state in {"failed", "not-run"} and self.waiver is None


@dataclass(frozen=True, slots=True)
class SbomFile:
    """The bill of materials of a version, to be downloaded, and what it says it lacks."""

    url: str
    digest: str
    components: int
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What all checks say; `at` is None before they ran."""

    rows: tuple[CheckRow, ...] = ()
    passed: int = 0
    total: int = 0
    at: datetime | None = None
    sbom: SbomFile | None = None


@dataclass(frozen=True, slots=True)
class ReviewedRow:
    """The review of one version: how far it is, and how many checks passed."""

    version: str
    state: str
    missing: tuple[str, ...]  # roles
    passed: int | None  # None before they ran
    total: int
    opened_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How the removal of a version was rehearsed. Component: removal.html."""

    at: datetime
    engine: str  # version of Connectory
    contained: bool
    examples: tuple[Fact, ...]  # name, and how it went
    findings: tuple[str, ...] = ()  # what was left behind
    retained: tuple[str, ...] = ()  # what was left as the manifest says


@dataclass(frozen=True, slots=True)
class Trying:
    """How to try a version; without an address, why not. Component: try.html."""

    url: str
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ConnectorPage:
    """One connector version. Template: connector.html."""

    template: ClassVar[str] = "connector.html"

    namespace: str
    id: str
    name: str
    version: str
    description: str
    owner: str
    owner_claimed: bool  # only the manifest says so
    vetting: Vetting
    digest: str
    published_at: datetime
    published_by: str
    latest_version: str  # newest approved one; empty when there is none
    permissions: Permissions
    permission_rows: tuple[PermissionRow, ...]
    needs: tuple[Field, ...]  # settings without a default
    secrets: tuple[SecretNeed, ...]
    cost: Cost | None
    glance: tuple[Fact, ...]
    versions: tuple[VersionRow, ...]
    source: str  # the manifest as its author wrote it
    tags: tuple[str, ...] = ()
    readme: Markup | None = None
    runbook: Markup | None = None
    links: tuple[Fact, ...] = ()
    similar: tuple[SimilarRow, ...] = ()
    checks: Checked = Checked()
    reviews: tuple[ReviewedRow, ...] = ()  # newest first
    observed: ObservedPart | None = None
    twins: tuple[Twin, ...] = ()  # of the list of versions
    rehearsed: Rehearsed | None = None
    can_rehearse: bool = False
    trying: Trying | None = None  # None: there is nothing to try

    @property
    def url(self) -> str:
        """The page of exactly this version."""
        return f"/c/{self.namespace}/{self.id}@{self.version}"

    @property
    def review(self) -> ReviewedRow | None:
        """The review of this version."""
        return next((one for one in self.reviews if one.version == self.version), None)

    @property
    def install_url(self) -> str:
        """Where to install it; empty unless it is approved."""
        return f"{self.url}/install" if self.vetting.status == "approved" else ""
