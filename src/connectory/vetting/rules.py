"""Which sign-offs a version needs, and when they are enough. Pure."""

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import ClassVar

from connectory.access.rules import Reviewer
from connectory.checks.rules import Result, State
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest.model import Manifest
from connectory.manifest.surface import Surface


class Decision(StrEnum):
    """What a reviewer says of a version, in one role."""

    APPROVE = "approve"
    REQUEST_CHANGES = "request-changes"
    REJECT = "reject"
    ABSTAIN = "abstain"
    VETO = "veto"
    """By security alone: the version is quarantined, whatever the others say."""


class ReviewState(StrEnum):
    """How far a review is."""

    OPEN = "open"
    CHANGES_REQUESTED = "changes-requested"
    REJECTED = "rejected"
    APPROVED = "approved"
    VETOED = "vetoed"
    CLOSED = "closed"
    """An admin decided, or the version went back to draft."""


UNDECIDED = frozenset({ReviewState.OPEN, ReviewState.CHANGES_REQUESTED, ReviewState.REJECTED})
"""States in which decisions are taken."""

RISKS = ("low", "medium", "high")
ALWAYS = (Reviewer.ARCHITECT, Reviewer.SECURITY, Reviewer.OPS)
ROLES: Mapping[str, tuple[Reviewer, ...]] = {
    "low": ALWAYS,
    "medium": tuple(Reviewer),
    "high": tuple(Reviewer),
}
"""Whose sign-off a version needs, by its risk."""

DUE: Mapping[str, timedelta] = {
    "low": timedelta(hours=8),
    "medium": timedelta(hours=24),
    "high": timedelta(hours=48),
}
"""How long a review may take, by risk."""

OWNERS: Mapping[str, Reviewer] = {
    "secrets": Reviewer.SECURITY,
    "oauth_scopes": Reviewer.SECURITY,
    "cloud_actions": Reviewer.SECURITY,
    "hosts": Reviewer.SECURITY,
    "data_classes": Reviewer.SECURITY,
    "regions": Reviewer.ARCHITECT,
    "triggers": Reviewer.ARCHITECT,
}
"""Who is asked when a part of the exposure surface grows."""

CHECKLIST: Mapping[Reviewer, tuple[str, ...]] = {
    Reviewer.ARCHITECT: (
        "Data flows only where its purpose needs it",
        "The cost estimate is plausible and worth it",
    ),
    Reviewer.SECURITY: (
        "Each OAuth scope and permission is needed, and none is wider than that",
        "It reads no more data than its purpose needs, and keeps none longer",
    ),
    Reviewer.OPS: (
        "Its failures are seen: monitoring and alerts name somebody who acts",
        "The runbook says what to do, and how to roll back",
    ),
    Reviewer.PRODUCT: (
        "A team can use it without asking its author",
        "It has an owner, and its end is planned: support, updates, deprecation",
    ),
}
"""What each role looks at before it signs."""


class ReviewMissingError(ConnectoryError):
    """There is no such review, or the caller may not know of it."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "review-missing"

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"there is no review `{wanted[:40]}`", hint="list them: `connectory review list`"
        )


class OwnWorkError(ConnectoryError):
    """Somebody wants to sign off what they published."""

    kind: ClassVar[Kind] = Kind.NOT_ALLOWED
    code: ClassVar[str] = "own-work"

    def __init__(self, label: str) -> None:
        super().__init__(
            f"you published or maintain {label}, so you cannot sign it off",
            hint="ask another reviewer of this role",
        )


class NotReviewerError(ConnectoryError):
    """The account does not have the role in which it wants to decide, or lost it."""

    kind: ClassVar[Kind] = Kind.NOT_ALLOWED
    code: ClassVar[str] = "not-reviewer"

    def __init__(self, role: Reviewer) -> None:
        super().__init__(
            f"you are no reviewer for {role}",
            hint=f"ask one, or let an admin run `connectory reviewer appoint ACCOUNT {role}`",
        )


class NotGuardError(ConnectoryError):
    """Somebody wants to quarantine a version, and neither reviews for security nor is admin."""

    kind: ClassVar[Kind] = Kind.NOT_ALLOWED
    code: ClassVar[str] = "not-guard"

    def __init__(self) -> None:
        super().__init__(
            "only security reviewers and admins quarantine a version",
            hint="ask a reviewer who signs for security, or an admin",
        )


class VetoRoleError(ConnectoryError):
    """A veto is given in another role than security."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "veto-role"

    def __init__(self, role: Reviewer) -> None:
        super().__init__(
            f"{role} has no veto", hint="only security has: send `role: security`", field="role"
        )


class ReviewOutdatedError(ConnectoryError):
    """A decision was made about other bytes than those under review."""

    kind: ClassVar[Kind] = Kind.OUTDATED
    code: ClassVar[str] = "review-outdated"

    def __init__(self, review: str, digest: str) -> None:
        super().__init__(
            f"{review} is about {digest[:19]}…, and the decision names another digest",
            hint=f"connectory review show {review} --diff since-last-seen",
            digest=digest,
        )


class ReviewEndedError(ConnectoryError):
    """The review is over, so nothing more can be decided in it."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "review-ended"

    def __init__(self, review: str, state: ReviewState) -> None:
        super().__init__(
            f"{review} is {state}",
            hint=f"see how it ended: `connectory review show {review}`",
        )


class RoleNotNeededError(ConnectoryError):
    """A sign-off is offered in a role that this review does not ask for."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "role-not-needed"

    def __init__(self, review: str, role: Reviewer, needed: Iterable[Reviewer]) -> None:
        super().__init__(
            f"{review} does not need a sign-off of {role}",
            hint=f"it needs: {', '.join(needed)}",
            field="role",
        )


class CommentMissingError(ConnectoryError):
    """A decision against a version, or a comment, was sent without words."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "comment-missing"

    def __init__(self) -> None:
        super().__init__(
            "the author has to know why", hint="say it in `comment`", field="comment"
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision of a review; `carried_from` is the digest that it was made about first.

    `behalf_of` is the account that delegated the role to the one that decided. `merge` is the
    source and the commit by whose merge it was made, as `source@commit`.
    """

    role: Reviewer
    decision: Decision
    account: str
    comment: str
    at: datetime
    carried_from: str = ""
    behalf_of: str = ""
    merge: str = ""


def risk_of(manifest: Manifest) -> str:
    """Return the highest risk that the tags name; without any it counts as medium."""
    named = [risk for risk in RISKS if risk in manifest.facets()["risk"]]
    return named[-1] if named else "medium"


def parts_of(role: Reviewer, surface: Surface) -> dict[str, list[str]]:
    """Return the part of a surface that a role answers for."""
    return {
        part: names
        for part, names in surface.as_json().items()
        if names and OWNERS[part] is role
    }


def carried(
    before: Iterable[Entry], grown: Surface, authors: Collection[str], digest: str
) -> list[Entry]:
    """Return the sign-offs of an earlier version that hold for one whose surface grew so far.

    Roles that own a part that grew have to look again. Nobody signs off own work this way.
    """
    return [
        Entry(
            one.role,
            Decision.APPROVE,
            one.account,
            one.comment,
            one.at,
            one.carried_from or digest,
            one.behalf_of,
            one.merge,
        )
        for one in latest(before).values()
        if one.decision is Decision.APPROVE
        and not parts_of(one.role, grown)
        and not {one.account, one.behalf_of} & set(authors)
    ]


def reset(said: Mapping[Reviewer, Entry], carried_over: Iterable[Entry]) -> list[Reviewer]:
    """Return the roles whose sign-off of an earlier version does not hold any more."""
    kept = {one.role for one in carried_over}
    approved = (role for role, one in said.items() if one.decision is Decision.APPROVE)
    return [role for role in approved if role not in kept]


def is_riskier(risk: str, before: str) -> bool:
    """Whether a version has a higher risk than the one before."""
    return RISKS.index(risk) > RISKS.index(before)


def latest(entries: Iterable[Entry]) -> dict[Reviewer, Entry]:
    """Return the newest decision of each role; entries come oldest first."""
    return {one.role: one for one in entries}


def missing(risk: str, entries: Iterable[Entry]) -> list[Reviewer]:
    """Return the roles whose sign-off is still needed."""
    signed = latest(entries)
    return [
        role
        for role in ROLES[risk]
        if role not in signed or signed[role].decision is not Decision.APPROVE
    ]


def before_veto(entries: Iterable[Entry]) -> list[Entry]:
    """Return what was decided before security stood against it for the first time."""
    return list(takewhile(lambda one: one.decision is not Decision.VETO, entries))


def state_of(entries: Iterable[Entry]) -> ReviewState:
    """Return the state that the decisions so far lead to, short of an approval."""
    said = {one.decision for one in latest(entries).values()}
    if Decision.REJECT in said:
        return ReviewState.REJECTED
    if Decision.REQUEST_CHANGES in said:
        return ReviewState.CHANGES_REQUESTED
    return ReviewState.OPEN


def blocking(results: Iterable[Result] | None, waived: Container[str] = ()) -> list[str]:
    """Return what keeps checks from being good enough; None are those that did not end.

    `waived` are checks that need not pass.
    """
    if results is None:
        return ["the checks wait to run"]
    bad = {State.FAILED: "failed", State.NOT_RUN: "could not run"}
    return [
        f"{one.check} {bad[one.state]}"
        for one in results
        if one.state in bad and one.check not in waived
    ]
