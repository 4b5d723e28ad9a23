"""What an approval was made of, for the log and for whoever verifies it later."""

from collections.abc import Iterable
from dataclasses import dataclass

from connectory.kernel.clock import rfc3339
from connectory.vetting import review_store, rules, sbom_store, store, waiver_store
from connectory.vetting.review_store import Review
from connectory.vetting.rules import Decision
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class ReviewApproved(Event):
    """A version has all that it needs. The lists say what that was, as words in a row.

    `required` and `authors`: roles and accounts. `sign_offs`: role, account. `checks`: check,
    how it ended. `waivers`: check, id, end, reason. `sbom`: digest of the bill of materials.
    """

    review: str
    digest: str
    risk: str
    required: list[str]
    authors: list[str]
    sign_offs: list[str]
    engine: str
    checks: list[str]
    waivers: list[str]
    sbom: str


def tell(work: Work, review: Review, authors: Iterable[str]) -> None:
    """Say of a review that is complete what it has."""
    report = store.reports(work, [review.digest])[review.digest]
    latest = rules.latest(review_store.decisions(work, review.id)).values()
    work.emit(
        ReviewApproved(
            subject=review.label,
            team="",
            review=review.id,
            digest=review.digest,
            risk=review.risk,
            required=[str(role) for role in rules.ROLES[review.risk]],
            authors=sorted(authors),
            sign_offs=[
                f"{one.role} {one.account}"
                for one in latest
                if one.decision is Decision.APPROVE
            ],
            engine=report.engine,
            checks=[f"{one.check} {one.state}" for one in report.results],
            waivers=[
                f"{one.check_id} {one.id} {rfc3339(one.expires_at)} {one.reason}"
                for one in waiver_store.in_force(work, review.name.key)
            ],
            sbom=sbom_store.digest(work, review.digest),
        )
    )
