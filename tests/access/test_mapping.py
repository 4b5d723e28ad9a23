"""Groups of the organisation are read as rights here, or refused."""

import pytest

from connectory.access import mapping
from connectory.access.accounts import SLUG
from connectory.access.rules import Reviewer, Role
from connectory.settings import BadSettingError

GROUPS = mapping.read("eng=bizops:member, a=b=bizops:owner,, sec=review:security")


def test_each_group_has_its_rights() -> None:
    found = GROUPS.rights(["eng", "sec", "unknown"])

    assert found.teams == {"bizops": Role.MEMBER}
    assert found.reviews == {Reviewer.SECURITY}


def test_a_group_may_have_an_equals_sign_in_its_name() -> None:
    assert GROUPS.rights(["a=b"]).teams == {"bizops": Role.OWNER}


def test_what_groups_stand_for_is_managed_and_nothing_else() -> None:
    assert GROUPS.managed.teams.keys() == {"bizops"}
    assert GROUPS.managed.reviews == {Reviewer.SECURITY}


def test_nothing_mapped_is_nothing_managed() -> None:
    assert mapping.read("").managed == mapping.Rights()


@pytest.mark.parametrize(
    "text", ["eng", "eng=", "=bizops:member", "eng=bizops", "eng=bizops:boss", "s=review:owner"]
)
def test_what_cannot_be_read_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(BadSettingError, match="CONNECTORY_OIDC_GROUPS"):
        mapping.read(text)


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("Ada.Lovelace@x.example", "ada-lovelace"),
        ("007", "user-007"),
        ("x", "user-x"),
        ("@x.example", "user"),
        ("Zoë", "zo"),
        ("a" * 200, "a" * 50),
    ],
)
def test_a_name_is_made_of_what_somebody_is_called(called: str, name: str) -> None:
    assert mapping.account_name(called) == name
    assert SLUG.match(name)
