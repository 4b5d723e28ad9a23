"""Reviews of versions, what is decided and said in them, and waivers of checks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from connectory.client.transport import Transport, path_of

PREFIX = "rev_"


class ReviewCard(TypedDict):
    """A review in the queue."""

    id: str
    connector: str
    version: str
    digest: str
    state: str
    risk: str
    base: str
    grown: dict[str, list[str]]
    checks_passed: int | None
    checks_total: int
    missing: list[str]
    signed: list[str]
    opened_at: str
    due_at: str
    ended_at: str | None
    overdue: bool
    stage: str
    position: int | None
    url: str


class Role(TypedDict):
    """A role whose sign-off is needed."""

    role: str
    signed: bool
    grown: dict[str, list[str]]
    checklist: list[str]


class Decision(TypedDict):
    """What somebody decided in one role."""

    role: str
    decision: str
    account: str
    comment: str
    at: str
    carried_from: str
    behalf_of: NotRequired[str]  # older servers know neither
    merge: NotRequired[str]


class Comment(TypedDict):
    """What somebody wrote."""

    number: int
    account: str
    text: str
    at: str


class Since(TypedDict):
    """What differs from the submission that the reader looked at last."""

    version: str
    digest: str
    was_seen: bool
    grown: dict[str, list[str]]
    gone: dict[str, list[str]]
    is_package_changed: bool
    reset: list[str]


class Review(ReviewCard):
    """A review, whole."""

    published_by: str
    open_points: list[str]
    roles: list[Role]
    decisions: list[Decision]
    comments: list[Comment]
    since_last_seen: Since | None
    typical_wait_s: float | None


class Waiver(TypedDict):
    """A check that need not pass for a while."""

    id: str
    connector: str
    check: str
    reason: str
    made_by: str
    made_at: str
    expires_at: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class Reviews:
    """The routes under /reviews. Every method raises what `Transport.send` raises."""

    http: Transport

    def list(
        self, *, role: str | None = None, state: str | None = None, mine: bool = False
    ) -> Iterator[ReviewCard]:
        """List reviews, those that wait longest first; without a state the undecided ones."""
        only = True if mine else None
        return self.http.pages(ReviewCard, "/reviews", role=role, state=state, mine=only)

    def show(self, review: str) -> Review:
        """Show a review."""
        return self.http.get(Review, path_of("reviews", review))

    def of_version(self, namespace: str, connector: str, version: str) -> Review:
        """Show the review of a version."""
        path = path_of("connectors", namespace, connector, "versions", version, "review")
        return self.http.get(Review, path)

    def decide(
        self, review: str, decision: str, *, role: str, digest: str, comment: str
    ) -> Review:
        """Decide in one role, about the bytes with a digest."""
        body = {"role": role, "decision": decision, "digest": digest, "comment": comment}
        return self.http.send(
            Review, "POST", path_of("reviews", review, "decisions"), body=body
        )

    def comment(self, review: str, text: str) -> Review:
        """Add to the discussion."""
        path = path_of("reviews", review, "comments")
        return self.http.send(Review, "POST", path, body={"text": text})


@dataclass(frozen=True, slots=True)
class Waivers:
    """The routes under /waivers. Every method raises what `Transport.send` raises."""

    http: Transport

    def list(self) -> Iterator[Waiver]:
        """List waivers, the next to expire first, also those that have expired."""
        return self.http.pages(Waiver, "/waivers")

    def add(self, connector: str, check: str, *, reason: str, days: int) -> Waiver:
        """Waive a check for `ns/id`, or for all connectors (`*`)."""
        body = {"connector": connector, "check": check, "reason": reason, "days": days}
        return self.http.send(Waiver, "POST", "/waivers", body=body)

    def revoke(self, waiver: str) -> None:
        """End a waiver before its time."""
        self.http.tell_to("DELETE", path_of("waivers", waiver))
