"""Two transactions that create the same thing at once: one does, the other is told."""

from connectory.access import accounts, signing_in, store
from connectory.access.accounts import TeamExistsError
from connectory.access.rules import Reviewer, Role
from connectory.access.signing_in import TokenRequest
from connectory.instances import defaults, team_store
from connectory.work import Work, Works
from marketplaces import racing


def people(works: Works) -> None:
    with works.write() as work:
        accounts.create_account(work, "ana")
        accounts.create_team(work, "payments", "")


def test_two_teams_of_one_name(works: Works) -> None:
    _, second = racing(works, lambda work: accounts.create_team(work, "payments", ""))

    assert isinstance(second, TeamExistsError)


def test_two_accounts_of_one_name(works: Works) -> None:
    both = racing(works, lambda work: accounts.create_account(work, "ana"))

    assert both == (True, False)


def test_two_memberships_of_one_account(works: Works) -> None:
    people(works)

    both = racing(works, lambda work: accounts.set_member(work, "payments", "ana", Role.OWNER))

    assert both == (None, None)
    with works.read() as work:
        assert store.members(work, "payments") == [("ana", Role.OWNER)]


def test_one_right_to_review_given_twice(works: Works) -> None:
    people(works)

    both = racing(works, lambda work: accounts.make_reviewer(work, "ana", Reviewer.OPS))

    assert both == (None, None)


def test_two_secrets_of_one_name(works: Works) -> None:
    def point(work: Work) -> None:
        team_store.set_reference(work, "payments", "key", "teams/payments/key")

    assert racing(works, point) == (None, None)


def test_two_defaults_of_one_environment(works: Works) -> None:
    def choose(work: Work) -> None:
        defaults.set_defaults(work, "payments", "dev", {"channel": "#x"})

    assert racing(works, choose) == (None, None)


def test_a_token_is_revoked_once(works: Works) -> None:
    people(works)
    with works.write() as work:
        wanted = TokenRequest(account="ana", name="ci", days=1)
        made = signing_in.create_token(work, wanted, most_days=90)

    both = racing(works, lambda work: len(store.revoke_token(work, made.token.id)))

    assert both == (1, 0)
