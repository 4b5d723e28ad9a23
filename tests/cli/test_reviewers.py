"""connectory reviewer."""


def test_an_admin_appoints_a_reviewer_and_dismisses_them_again(cli) -> None:
    made = cli("reviewer", "appoint", "max", "ops")
    listed = cli("reviewer", "list", "--json", account="kim").json["items"]
    ended = cli("reviewer", "dismiss", "max", "ops", "--json").json

    assert made.out == "ok max reviews for ops\n"
    assert {"account": "max", "roles": ["ops"]} in listed
    assert (ended["account"], ended["role"], ended["reviewer"]) == ("max", "ops", False)


def test_a_member_appoints_nobody(cli) -> None:
    refused = cli("reviewer", "appoint", "max", "security", account="max")

    assert refused.code == 4
    assert "cannot be used to admin" in refused.err


def test_a_role_that_there_is_not_is_refused_before_anything_is_sent(offline) -> None:
    assert offline("reviewer", "appoint", "max", "chief", closed=True).code == 2
