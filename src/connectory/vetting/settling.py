"""Approving a version as soon as its sign-offs and checks are complete."""

from connectory.catalog import decide
from connectory.catalog import read as catalog
from connectory.catalog.read import Version, writers
from connectory.catalog.rules import Status
from connectory.policies import read as policies
from connectory.vetting import approved, review_store, rules, store, waiver_store
from connectory.vetting.review_store import Review
from connectory.vetting.rules import UNDECIDED, Decision, ReviewOutdatedError, ReviewState
from connectory.vetting.store import CheckReport
from connectory.work import Work


def settle(work: Work, review_id: str) -> None:
    """Give a review the state that follows from its decisions, and its version the approval.

    The review is locked, so of those who complete it at the same time one approves.
    """
    review = review_store.by_id(work, review_id, lock=True)
    if review is None or review.state not in UNDECIDED:
        return
    entries = review_store.decisions(work, review.id)
    state = rules.state_of(entries)
    if state is not ReviewState.OPEN or open_points(work, review):
        if state is not review.state:
            review_store.set_state(work, review.id, state, is_over=False)
        return
    found = version_of(work, review)
    if found is None or found.release.status is not Status.REVIEW:
        return
    signed = [
        f"{one.role} {one.account}"
        + (f" for {one.behalf_of}" if one.behalf_of else "")
        + (" by a merge" if one.merge else "")
        + (" (carried over)" if one.carried_from else "")
        for one in rules.latest(entries).values()
        if one.decision is Decision.APPROVE
    ]
    review_store.set_state(work, review.id, ReviewState.APPROVED, is_over=True)
    approved.tell(work, review, writers(work, found))
    reason = f"{review.id}: checks passed, signed by {', '.join(signed)}"
    decide.set_status(work, found.release, Status.APPROVED, reason)


def settle_digest(work: Work, digest: str) -> None:
    """Settle the reviews of these bytes: their checks have ended."""
    for review in review_store.of_digest(work, digest):
        settle(work, review)


def open_points(work: Work, review: Review) -> list[str]:
    """Say what is still missing for the approval; nothing means that it is complete."""
    entries = review_store.decisions(work, review.id)
    roles = [f"sign-off of {role}" for role in rules.missing(review.risk, entries)]
    report = store.reports(work, [review.digest]).get(review.digest)
    results = report.results if report is not None and _is_current(work, report) else None
    waived = {one.check_id for one in waiver_store.in_force(work, review.name.key)}
    return [*roles, *rules.blocking(results, waived)]


def _is_current(work: Work, report: CheckReport) -> bool:
    """Whether the checks ran, and since the policies that are in force."""
    since = policies.active(work).at
    return report.ended_at is not None and (since is None or report.ended_at >= since)


def version_of(work: Work, review: Review) -> Version | None:
    """Return the version under review, if it still has the bytes that are reviewed."""
    return catalog.by_digest(work, review.name, review.version, review.digest)


def required(work: Work, review: Review) -> Version:
    """Return the version under review.

    Raises:
        ReviewOutdatedError: If the version has other bytes by now.
    """
    found = version_of(work, review)
    if found is None:
        raise ReviewOutdatedError(review.id, review.digest)
    return found
