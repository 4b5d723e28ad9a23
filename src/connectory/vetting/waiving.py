"""Waiving a check for a while: by security, with a reason and an end."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from connectory.access import read as access
from connectory.access.rules import Actor, Reviewer
from connectory.checks.scanners.table import SCANNERS
from connectory.checks.table import CHECKS
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.ids import new_id
from connectory.vetting import review_store, settling, waiver_store
from connectory.vetting.rules import UNDECIDED, NotReviewerError
from connectory.vetting.waiver_store import EVERY, Waiver
from connectory.work import Event, Work

MOST_DAYS = 90
MOST_REVIEWS = 1000  # that are settled at once; the others are when their checks run again


@dataclass(frozen=True, slots=True)
class CheckWaived(Event):
    """A check need not pass for a connector, or for all, until a certain time."""

    waiver: str
    check_id: str
    reason: str
    days: int


@dataclass(frozen=True, slots=True)
class WaiverRevoked(Event):
    """A waiver ended before its time."""

    waiver: str
    check_id: str


class WaiverMissingError(ConnectoryError):
    """There is no waiver with this id."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "waiver-missing"

    def __init__(self, waiver: str) -> None:
        super().__init__(
            f"there is no waiver {waiver}", hint="list them: GET /api/v1/waivers", field="id"
        )


class CheckUnknownError(ConnectoryError):
    """There is no check with this name, or none that can be waived."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "check-unknown"

    def __init__(self, check: str) -> None:
        known = ", ".join(one.id for one in (*CHECKS, *SCANNERS))
        super().__init__(
            f"`{check}` is no check that can be waived", hint=f"one of: {known}", field="check"
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """Which check should be waived for what (`ns/id`, or `*`), why and for how many days."""

    connector: str
    check_id: str
    reason: str
    days: int


def waive(work: Work, wish: Wish, by: Actor) -> Waiver:
    """Waive a check, and approve what was only waiting for that.

    Raises:
        NotReviewerError: If the actor does not review for security.
        CheckUnknownError: If there is no such check.
    """
    _require_security(work, by)
    if wish.check_id not in {one.id for one in (*CHECKS, *SCANNERS)}:
        raise CheckUnknownError(wish.check_id)
    made = Waiver(
        id=new_id("wai"),
        connector=wish.connector,
        check_id=wish.check_id,
        reason=wish.reason,
        made_by=by.name,
        made_at=work.now,
        expires_at=work.now + timedelta(days=wish.days),
    )
    waiver_store.add(work, made)
    facts = {"waiver": made.id, "check_id": made.check_id, "reason": made.reason}
    work.emit(CheckWaived(made.connector, "", days=wish.days, **facts))
    for review in review_store.reviews(work, UNDECIDED, MOST_REVIEWS):
        if made.connector in {EVERY, review.name.key}:
            settling.settle(work, review.id)
    return made


def revoke(work: Work, waiver: str, by: Actor) -> None:
    """End a waiver; what was approved by it stays approved.

    Raises:
        WaiverMissingError: If there is no such waiver.
        NotReviewerError: If the actor does not review for security.
    """
    found = next((one for one in waiver_store.all_waivers(work) if one.id == waiver), None)
    if found is None:
        raise WaiverMissingError(waiver)
    _require_security(work, by)
    waiver_store.remove(work, waiver)
    work.emit(WaiverRevoked(found.connector, "", found.id, found.check_id))


def _require_security(work: Work, by: Actor) -> None:
    if Reviewer.SECURITY not in access.reviewer_kinds(work, by.name):
        raise NotReviewerError(Reviewer.SECURITY)
