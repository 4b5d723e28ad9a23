"""What an instance is, and when a version may become one. Pure."""

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from connectory.catalog.rules import Status
from connectory.kernel.errors import ConnectoryError, Kind, Problem
from connectory.manifest import regions
from connectory.manifest.model import Manifest
from connectory.policy.judge import Decision, Verdict

NAME = re.compile(r"\A[a-z][a-z0-9-]{1,62}\Z")
RETRY_AFTER_S = 60  # how long who wants to run a paused instance is asked to wait
ENVIRONMENTS = ("dev", "staging", "prod")


class InstanceState(StrEnum):
    """Where an instance stands. A removed one frees its name."""

    INSTALLING = "installing"
    RUNNING = "running"
    PAUSED = "paused"
    SUSPENDED = "suspended"  # by a quarantine: no process and no credentials
    REMOVING = "removing"
    FAILED = "failed"
    REMOVED = "removed"


class Source(StrEnum):
    """Where the value of a setting comes from."""

    YOU = "you"
    TEAM = "team default"
    CONNECTOR = "connector default"
    MISSING = "missing"


class SecretState(StrEnum):
    """Whether a secret that the connector needs can be handed to it."""

    RESOLVABLE = "resolvable"
    MISSING = "missing"
    UNMAPPED = "unmapped"


class InstanceMissingError(ConnectoryError):
    """The team has no such instance."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "instance-missing"

    def __init__(self, team: str, name: str) -> None:
        super().__init__(
            f"{team} has no instance called `{name[:80]}`",
            hint=f"list them with `connectory list --team {team}`",
        )


class InstanceExistsError(ConnectoryError):
    """The team has an instance of this name with other contents, or one that has failed."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "instance-exists"

    def __init__(self, label: str, what: str) -> None:
        super().__init__(
            f"{label} exists already, as {what}",
            hint="choose another name, or remove it first: `connectory uninstall`",
            field="name",
        )


class InstanceStateError(ConnectoryError):
    """An instance is in a state that does not allow this change."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "instance-state"

    def __init__(self, label: str, state: InstanceState, change: str) -> None:
        super().__init__(
            f"{label} is {state}, so there is nothing to {change}",
            hint=f"see how it is: `connectory status {label}`",
            state=str(state),
        )


class InstancePausedError(ConnectoryError):
    """An instance is paused, so it cannot be run by hand now."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "instance-paused"

    def __init__(self, label: str) -> None:
        super().__init__(
            f"{label} is paused",
            hint=f"resume it first: `connectory resume {label}`",
            retry_after_s=RETRY_AFTER_S,
        )


class InstanceSuspendedError(ConnectoryError):
    """An instance is suspended by a quarantine, so nothing that comes in is taken."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "instance-suspended"

    def __init__(self, label: str) -> None:
        super().__init__(
            f"{label} is suspended: its version was quarantined",
            hint=f"see why and what next: `connectory status {label}`",
            retry_after_s=RETRY_AFTER_S,
        )


class VersionQuarantinedError(ConnectoryError):
    """A version is quarantined: it is not installed, nothing is changed to it or started."""

    kind: ClassVar[Kind] = Kind.BLOCKED
    code: ClassVar[str] = "version-quarantined"


class PlanBlockedError(ConnectoryError):
    """The plan cannot be installed: vetting or policy says no."""

    kind: ClassVar[Kind] = Kind.BLOCKED
    code: ClassVar[str] = "plan-blocked"


class PlanIncompleteError(ConnectoryError):
    """The plan cannot be installed: something it needs is missing or wrong."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "plan-incomplete"


class TargetUnknownError(ConnectoryError):
    """There is no such target in this marketplace."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "target-unknown"

    def __init__(self, target: str, known: Iterable[str]) -> None:
        super().__init__(
            f"there is no target `{target[:60]}`",
            hint=f"use one of: {', '.join(sorted(known))}",
            field="target",
        )


class PlanMissingError(ConnectoryError):
    """There is no such plan, or it is another team's."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "plan-missing"

    def __init__(self, plan: str) -> None:
        super().__init__(
            f"there is no plan {plan[:40]}", hint="make one with `connectory preview`"
        )


class PlanOutdatedError(ConnectoryError):
    """A plan has expired, or what it says is no longer so."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "plan-outdated"

    def __init__(self, plan: str, reason: str) -> None:
        super().__init__(
            f"{plan} can no longer be installed: {reason}",
            hint="make a new one with `connectory preview` and look at it again",
            plan=plan,
        )


class PermissionsGrowError(ConnectoryError):
    """A version may do more than the one that is installed, and nobody has agreed to that."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "permissions-grow"

    def __init__(self, label: str, version: str, grown: Iterable[str]) -> None:
        listed = list(grown)
        super().__init__(
            f"{version} of {label} may do more than the installed version: {', '.join(listed)}",
            hint="agree with `accept_permissions: true`, or `--accept-permissions`",
            field="accept_permissions",
            grown=listed,
        )


class NothingToChangeError(ConnectoryError):
    """An upgrade leads to exactly what is installed."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "nothing-to-change"

    def __init__(self, label: str, version: str) -> None:
        super().__init__(
            f"{label} is at {version} with these settings already",
            hint="name another version or setting: `--to 1.4.0`, `--set name=value`",
        )


class NoVersionBeforeError(ConnectoryError):
    """There is no version before to go back to."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "no-version-before"

    def __init__(self, label: str) -> None:
        super().__init__(
            f"{label} was never upgraded, so there is no version to go back to",
            hint=f"name the version that you want: `connectory upgrade {label} --to 1.2.0`",
        )


@dataclass(frozen=True, slots=True)
class Setup:
    """A version with the settings and secrets that an instance runs it with."""

    version: str
    digest: str
    package_digest: str
    settings: Mapping[str, tuple[object, str]]  # name -> (value, source)
    secrets: Mapping[str, str]  # requirement -> path
    content: str

    @classmethod
    def from_text(cls, text: str) -> "Setup":
        """Read what `as_text` wrote."""
        known: dict[str, Any] = json.loads(text)
        known["settings"] = {name: tuple(pair) for name, pair in known["settings"].items()}
        return cls(**known)

    def as_text(self) -> str:
        """Write it as JSON."""
        return json.dumps(dataclasses.asdict(self))


NOT_APPROVED = "not-approved"
QUARANTINED = "version-quarantined"
DENIED = "policy-denied"
BLOCKING = frozenset({NOT_APPROVED, QUARANTINED, "no-package", "region-not-allowed", DENIED})
"""Codes of problems that the person who installs cannot mend in the form."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instance is to run."""

    target: str
    region: str
    environment: str


def gate(
    label: str, status: Status, package: str | None, manifest: Manifest, place: Place
) -> tuple[Problem, ...]:
    """Say everything that keeps a version from running at a place; nothing means it may."""
    found = []
    if status is Status.QUARANTINED:
        found.append(quarantined(label))
    elif status is not Status.APPROVED:
        found.append(
            Problem(
                NOT_APPROVED,
                f"{label} is not approved (status: {status})",
                "ask a reviewer or admin; only approved versions can be installed",
                "version",
            )
        )
    if package is None:
        found.append(
            Problem(
                "no-package",
                f"{label} was published without a package, so there is nothing to run",
                "publish a version with a package: `connectory publish <folder>`",
                "version",
            )
        )
    return (*found, *_region_problems(manifest, place), *_environment_problems(place))


def quarantined(label: str) -> Problem:
    """Say that nothing may run a version, because it is quarantined."""
    hint = f"choose another version; why: `connectory quarantine {label}`"
    return Problem(QUARANTINED, f"{label} is quarantined", hint, "version")


def policy_problems(decision: Decision) -> tuple[Problem, ...]:
    """Say which rules of the organisation keep a version from running there."""
    return tuple(
        Problem(DENIED, f"policy: {one.message}", one.fix, "connector")
        for one in decision.said
        if one.verdict is not Verdict.WARNS
    )


def _region_problems(manifest: Manifest, place: Place) -> Iterable[Problem]:
    allowed = manifest.policies.allowed_regions if manifest.policies else None
    if allowed is not None and not regions.is_allowed(place.region, allowed):
        yield Problem(
            "region-not-allowed",
            f"the target is in {place.region}, which the connector's policy does not allow",
            f"it allows: {', '.join(allowed)}",
            "target",
        )


def _environment_problems(place: Place) -> Iterable[Problem]:
    if place.environment not in ENVIRONMENTS:
        yield Problem(
            "environment-unknown",
            f"there is no environment `{place.environment[:60]}`",
            f"use one of: {', '.join(ENVIRONMENTS)}",
            "environment",
        )


def name_problems(name: str) -> tuple[Problem, ...]:
    """Say what is wrong with the name of an instance."""
    if NAME.match(name):
        return ()
    return (
        Problem(
            "instance-name",
            f"`{name[:80]}` cannot be the name of an instance",
            "use 2 to 63 of a-z, 0-9 and `-`, beginning with a letter",
            "name",
        ),
    )


def refusal(problems: tuple[Problem, ...]) -> ConnectoryError:
    """Turn the problems of a plan into the error that says them all."""
    blocked = [one for one in problems if one.code in BLOCKING]
    first = (blocked or list(problems))[0]
    kind: type[ConnectoryError] = PlanBlockedError if blocked else PlanIncompleteError
    if first.code == QUARANTINED:
        kind = VersionQuarantinedError
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return kind(first.message + more, hint=first.hint, field=first.path, problems=problems)


def as_text(value: object) -> str:
    """Write a setting's value for an environment variable: text as it is, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def fill(template: str, values: Mapping[str, str]) -> str:
    """Fill `{team}` and the like into the path of a secret; unknown names stay as they are."""
    return re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], m[0]), template)


def service_account(team: str, name: str) -> str:
    """Return the name of the machine identity of an instance."""
    return f"sa-{team}-{name}"


def hook_key_path(instance_id: str) -> str:
    """Return where the hook key of an instance is kept among the secrets."""
    return f"instances/{instance_id}/hook-key"


def coming_key_path(instance_id: str) -> str:
    """Return where a new hook key is kept until it takes the place of the old one."""
    return f"instances/{instance_id}/hook-key-coming"
