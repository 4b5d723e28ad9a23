"""The words of a rehearsal: what is played, what is found, what is certified. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import ClassVar

from connectory.kernel.digest import canonical_json
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest.model import Manifest

REHEARSE = "rehearse"
RUN = "/run"
COMPARED = (
    "files of the marketplace, and shared folders where connectors are not contained",
    "processes",
    "secrets and service accounts",
    "hooks, schedules, runs, metrics and every other row",
    "subscriptions at stand-ins",
)
"""What a rehearsal looks at before and after, in words."""


class CertificateMissingError(ConnectoryError):
    """The removal of this version was never rehearsed."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "certificate-missing"

    def __init__(self, label: str) -> None:
        super().__init__(
            f"the removal of {label} was never rehearsed",
            hint=f"rehearse it: `connectory rehearse {label}`",
        )


class NothingToRunError(ConnectoryError):
    """A version has no package, or no example, so that there is nothing to run."""

    kind: ClassVar[Kind] = Kind.BLOCKED
    code: ClassVar[str] = "nothing-to-run"

    def __init__(self, label: str, what: str) -> None:
        super().__init__(
            f"{label} has no {what}",
            hint="publish a version whose package has code and `examples/<name>.json`",
        )


class ExampleUnreadableError(ConnectoryError):
    """An example of a package is not a JSON object."""

    kind: ClassVar[Kind] = Kind.BLOCKED
    code: ClassVar[str] = "example-unreadable"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"examples/{name}.json of the package is not a JSON object",
            hint="mend it in a new version; `connectory run FOLDER --example` tries it",
        )


class ThrowawayFailedError(ConnectoryError):
    """A version did not get through its run in a throw-away marketplace."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "throwaway-failed"

    def __init__(self, what: str, reason: str, hint: str = "") -> None:
        super().__init__(
            f"{what}: {reason}",
            hint=hint or "try it on your machine: `connectory run FOLDER --standins`",
        )


class ThrowawayLateError(ConnectoryError):
    """A run in a throw-away marketplace was not over in time; all of it is gone."""

    kind: ClassVar[Kind] = Kind.TIMED_OUT
    code: ClassVar[str] = "throwaway-late"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"it was not over within {seconds:g} s, and was ended",
            hint="try again when the server is less busy",
        )


class RehearsalInterruptedError(ConnectoryError):
    """The server ended in the middle of a rehearsal; what it had made is deleted."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "rehearsal-interrupted"

    def __init__(self) -> None:
        super().__init__(
            "the server ended in the middle of it",
            hint="rehearse again; nothing of this attempt is left",
        )


class TooManyRehearsalsError(ConnectoryError):
    """As many rehearsals go on as this server does at once."""

    kind: ClassVar[Kind] = Kind.RATE_LIMITED
    code: ClassVar[str] = "too-many-rehearsals"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"{most} rehearsals are going on, and no more do at once",
            hint="wait for one: `connectory operations list`",
            retry_after_s=10,
        )


class TryUncontainedError(ConnectoryError):
    """This machine has no sandbox, so that nobody may try connectors on it."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "try-uncontained"

    def __init__(self) -> None:
        super().__init__(
            "connectors cannot be contained on this machine, so they cannot be tried here",
            hint="install bubblewrap on the server, or set CONNECTORY_TRY_UNCONTAINED=true",
        )


class TryNotApprovedError(ConnectoryError):
    """Only approved versions can be tried, and drafts by the team that writes them."""

    kind: ClassVar[Kind] = Kind.BLOCKED
    code: ClassVar[str] = "try-not-approved"

    def __init__(self, label: str, status: str) -> None:
        super().__init__(
            f"{label} is {status}, and only approved versions can be tried",
            hint="wait for its approval, or try the latest approved version",
        )


class TryBusyError(ConnectoryError):
    """The caller tries something already, or as many people do as may at once."""

    kind: ClassVar[Kind] = Kind.RATE_LIMITED
    code: ClassVar[str] = "try-busy"

    def __init__(self, who: str) -> None:
        super().__init__(
            f"{who} trying connectors right now",
            hint="wait some seconds, then try again",
            retry_after_s=10,
        )


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """Something that is there: `kind` in words, and what it is called."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Example:
    """An event that the author ships: examples/<name>.json."""

    name: str
    event: dict[str, object]


@dataclass(frozen=True, slots=True)
class Played:
    """How an example went: what the connector answered, and how much arrived at stand-ins."""

    name: str
    path: str
    status: int
    arrived: int

    @property
    def has_failed(self) -> bool:
        """Whether the connector said that it could not."""
        return self.status >= 400  # noqa: PLR2004  as HTTP has it


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a rehearsal found, and all that says what it is about. Times are RFC 3339."""

    connector: str  # bizops/crm-to-slack-v1
    version: str
    digest: str
    manifest_digest: str
    package_digest: str
    at: str
    by: str
    target: str
    contained: bool
    engine: str  # version of Connectory
    compared: tuple[str, ...]
    examples: tuple[Played, ...]
    retained: tuple[Thing, ...]  # left behind, as the manifest says
    findings: tuple[Thing, ...]  # left behind

    @property
    def is_clean(self) -> bool:
        """Whether nothing was left behind but what the manifest retains."""
        return not self.findings

    def text(self) -> str:
        """Return what is signed and kept."""
        return canonical_json(asdict(self))


def path_for(manifest: Manifest, example: str) -> str:
    """Return the trigger that an example is for.

    One whose name begins with `run` starts the connector by hand, where it can be; the others
    go to the first webhook, where there is one.
    """
    webhooks = [one.path for one in manifest.triggers if one.type == "webhook" and one.path]
    by_hand = any(one.type == "manual" for one in manifest.triggers)
    is_run = example.startswith("run") and by_hand
    return RUN if is_run or not webhooks else webhooks[0]


def sorted_out(
    left: Iterable[Thing], retain: Iterable[str]
) -> tuple[tuple[Thing, ...], tuple[Thing, ...]]:
    """Tell what was left on purpose from what was left behind, each in order."""
    named = frozenset(retain)
    things = sorted(left)
    kept = tuple(one for one in things if _names(one) & named)
    return kept, tuple(one for one in things if one not in kept)


def _names(thing: Thing) -> set[str]:
    """Return the names under which a manifest may retain a thing: whole, or its last part."""
    return {thing.name, thing.name.rpartition("/")[2]}
