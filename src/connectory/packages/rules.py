"""What a package is, who may need it, and what can be wrong with one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectory.kernel.errors import ConnectoryError, Kind
from connectory.work import Event

BUNDLE = "bundle"
BUNDLE_TYPE = "application/vnd.connectory.bundle.v1.tar+gzip"
MANIFEST_NAME = "manifest.yaml"
SHOWN_HOLDERS = 10


@dataclass(frozen=True, slots=True)
class Package:
    """One deployable content, known by its digest."""

    digest: str
    size: int  # bytes, compressed
    media_type: str
    kind: str  # `bundle`
    stored_at: datetime  # of the newest upload of these bytes


@dataclass(frozen=True, slots=True)
class Pin:
    """The claim of one holder that a package is needed."""

    holder_kind: str  # `version`, `instance`
    holder: str  # `bizops/crm-to-slack-v1@1.3.0`, `inst_…`
    reason: str  # for people: `published`, `running`

    def __str__(self) -> str:
        return f"{self.holder_kind} {self.holder}"


@dataclass(frozen=True, slots=True)
class PackageStored(Event):
    """New package bytes arrived; `subject` is their digest."""

    size: int


@dataclass(frozen=True, slots=True)
class PackageRemoved(Event):
    """Package bytes that nobody needed were deleted; `subject` is their digest."""

    size: int


class PackageMissingError(ConnectoryError):
    """No package has this digest."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "package-missing"

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"no package has the digest {digest}",
            hint="publish the version with its package; a package is kept while it is in use",
            digest=digest,
        )


class PackageInUseError(ConnectoryError):
    """A package cannot be deleted while a version or an instance needs it."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "package-in-use"

    def __init__(self, digest: str, pins: tuple[Pin, ...]) -> None:
        holders = [str(pin) for pin in pins]
        more = len(holders) - SHOWN_HOLDERS
        shown = ", ".join(holders[:SHOWN_HOLDERS]) + (f" and {more} more" if more > 0 else "")
        super().__init__(
            f"the package {digest} is in use by {shown}",
            hint="remove these instances and versions first",
            digest=digest,
            holders=holders,
        )


class PackageTooLargeError(ConnectoryError):
    """An uploaded package is larger than the server takes."""

    kind: ClassVar[Kind] = Kind.TOO_LARGE
    code: ClassVar[str] = "package-too-large"

    def __init__(self, max_size: int) -> None:
        super().__init__(
            f"the package has more than {max_size} bytes",
            hint="leave out data and build output, or raise `CONNECTORY_MAX_UPLOAD_MB`",
            field="package",
        )


class PackageManifestError(ConnectoryError):
    """The manifest inside a package is missing or is not the manifest that is published."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "package-manifest"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the {MANIFEST_NAME} in the package {what}",
            hint="pack again with `connectory package` after the last change to the manifest",
            field="package",
        )
