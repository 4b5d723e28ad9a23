"""Which sign-offs a version needs, and which of earlier ones still hold."""

from datetime import UTC, datetime

import pytest

from connectory.access.rules import Reviewer
from connectory.checks.rules import Result, State
from connectory.manifest.surface import Surface
from connectory.vetting import rules
from connectory.vetting.rules import Decision, Entry, ReviewState

AT = datetime(2026, 11, 24, tzinfo=UTC)
ARCHITECT, SECURITY, OPS, PRODUCT = Reviewer
SIGNED = [Entry(role, Decision.APPROVE, f"{role}-person", "", AT) for role in Reviewer]


@pytest.mark.parametrize(
    ("grown", "asked"),
    [
        (Surface(), []),
        (Surface(oauth_scopes=frozenset({"slack chat:write"})), [SECURITY]),
        (Surface(hosts=frozenset({"slack.com"})), [SECURITY]),
        (Surface(regions=frozenset({"eu-west-1"})), [ARCHITECT]),
        (
            Surface(secrets=frozenset({"key"}), triggers=frozenset({"manual"})),
            [ARCHITECT, SECURITY],
        ),
    ],
)
def test_a_grown_surface_asks_only_the_owners_of_its_parts(
    grown: Surface, asked: list[Reviewer]
) -> None:
    still = rules.carried(SIGNED, grown, (), "sha256:before")

    assert rules.missing("high", still) == asked
    assert {one.carried_from for one in still} <= {"sha256:before"}


def test_who_publishes_does_not_carry_an_own_sign_off_over() -> None:
    still = rules.carried(SIGNED, Surface(), {"ops-person"}, "sha256:before")

    assert rules.missing("medium", still) == [OPS]


def test_only_the_newest_decision_of_a_role_counts() -> None:
    changed = [*SIGNED, Entry(SECURITY, Decision.REQUEST_CHANGES, "sam", "why?", AT)]

    assert rules.missing("low", changed) == [SECURITY]
    assert rules.state_of(changed) is ReviewState.CHANGES_REQUESTED
    assert rules.state_of(SIGNED) is ReviewState.OPEN


@pytest.mark.parametrize(
    ("results", "said"),
    [
        (None, ["the checks wait to run"]),
        ([Result("layout", State.PASSED), Result("image", State.NOT_APPLICABLE)], []),
        ([Result("secrets", State.FAILED)], ["secrets failed"]),
        ([Result("dependencies", State.NOT_RUN)], ["dependencies could not run"]),
    ],
    ids=["waiting", "passed", "failed", "not-run"],
)
def test_what_did_not_pass_blocks(results: list[Result] | None, said: list[str]) -> None:
    assert rules.blocking(results) == said


def test_each_part_of_a_surface_has_an_owner() -> None:
    assert set(rules.OWNERS) == set(Surface().as_json())
    assert set(rules.CHECKLIST) == set(Reviewer)
