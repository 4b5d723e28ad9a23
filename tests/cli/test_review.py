"""review list, show, status, approve, request-changes, reject, abstain, comment; waiver."""

from pathlib import Path

import pytest

from marketplaces import wait_until

MANIFEST = """\
id: {id}
name: Lead alerts {id}
version: {version}
description: Tells a channel about leads
owner: payments@example.com
namespace: payments
license: {licence}
vetting_status: review
runtime:
  type: serverless
  entrypoint: lead_alerts
  resources: {{cpu: 0.25, memory: 256M, region: us-east-1}}
permissions:
  allowed_hosts: [{hosts}]
data: {{classification: internal}}
policies:
  - data_retention: 30d
  - allowed_regions: [us-east-1]
support: {{runbook: https://wiki.example.com/leads, owner_oncall: oncall-payments}}
"""
REVIEWERS = {"lee": "architect", "sam": "security", "olu": "ops", "pia": "product"}
OVERRIDE = "\x1b]0;owned\x07\x1b[2J"


class Submitted:
    """A connector of max that is submitted in versions."""

    def __init__(self, cli, path: Path, name: str) -> None:
        self.cli, self.path, self.name = cli, path, name

    def publish(self, version: str = "1.0.0", hosts: str = "a.example.com", **more: str):
        """Publish a version alone from its manifest."""
        whole = {"licence": "Apache-2.0", **more}
        self.path.write_text(
            MANIFEST.format(id=self.name, version=version, hosts=hosts, **whole)
        )
        done = self.cli("publish", str(self.path), account="max")
        wait_until(lambda: "id" in self.review(version))
        return done

    def review(self, version: str = "1.0.0", account: str = "max") -> dict:
        return self.cli(
            "review", "show", f"payments/{self.name}@{version}", "--json", account=account
        ).json

    def decide(self, who: str, how: str = "approve", *more: str, digest: str = ""):
        seen = self.review()
        chosen = ("--role", REVIEWERS[who], "--digest", digest or seen["digest"][:13])
        return self.cli("review", how, seen["id"], *chosen, *more, account=who)


@pytest.fixture
def submitted(cli, tmp_path: Path, fresh: str) -> Submitted:
    return Submitted(cli, tmp_path / "manifest.yaml", fresh)


def test_publishing_says_who_has_to_sign(submitted: Submitted) -> None:
    done = submitted.publish()
    review = submitted.review()

    assert done.code == 0, done.err
    assert (
        f"Submitted  review {review['id']} needs architect, security, ops, product" in done.out
    )
    assert "You cannot sign off your own work" in done.out
    assert f"/reviews/{review['id']}" in done.out
    assert f"connectory review status {review['id']} --follow" in done.err


def test_four_sign_offs_by_the_beginning_of_a_digest_approve_a_version(
    submitted: Submitted,
) -> None:
    submitted.publish()
    wait_until(lambda: submitted.review()["checks_passed"] is not None)
    first, *_, last = [submitted.decide(who, "approve", "-m", "fine") for who in REVIEWERS]
    followed = submitted.cli("review", "status", submitted.review()["id"], "--follow")

    assert "Approved as architect for" in first.out
    assert "still missing: sign-off of security" in first.out
    assert f"payments/{submitted.name}@1.0.0 is approved" in last.out
    assert followed.code == 0
    assert "approved" in followed.out


def test_other_bytes_than_those_under_review_are_not_signed(submitted: Submitted) -> None:
    submitted.publish()
    done = submitted.decide("sam", digest="sha256:b17e90")

    assert done.code == 6
    assert f"review show {submitted.review()['id']} --diff since-last-seen" in done.err
    assert submitted.review()["decisions"] == []


def test_too_little_of_a_digest_is_no_digest(submitted: Submitted) -> None:
    submitted.publish()

    assert submitted.decide("sam", digest="b17e9").code == 2


def test_who_may_not_sign_is_told_why(submitted: Submitted) -> None:
    submitted.publish()
    seen = submitted.review()
    chosen = ("--role", "ops", "--digest", seen["digest"])
    done = submitted.cli("review", "approve", seen["id"], *chosen, account="sam")

    assert done.code == 4
    assert "you are no reviewer for ops" in done.err


def test_changes_are_asked_for_and_the_next_version_says_what_changed(
    submitted: Submitted,
) -> None:
    submitted.publish()
    silent = submitted.decide("sam", "request-changes")
    asked = submitted.decide("sam", "request-changes", "-m", "which host?")
    followed = submitted.cli("review", "status", submitted.review()["id"], "--follow")
    submitted.publish("1.0.1", hosts="a.example.com, b.example.com")
    now = submitted.review("1.0.1")
    seen = submitted.cli(
        "review", "show", now["id"], "--diff", "since-last-seen", account="sam"
    )

    assert silent.code == 2
    assert (asked.code, followed.code) == (0, 1)
    assert "since you looked at 1.0.0" in seen.out
    assert "+ host  b.example.com" in seen.out


def test_permissions_alone_are_shown(submitted: Submitted) -> None:
    submitted.publish()
    done = submitted.cli("review", "show", submitted.review()["id"], "--diff", "permissions")

    assert done.out.splitlines() == [
        f"payments/{submitted.name}@1.0.0 exposes as a new connector",
        "  + host           a.example.com",
        "  + region         us-east-1",
        "  + class of data  internal",
    ]


def test_what_others_write_cannot_speak_for_this_side(submitted: Submitted) -> None:
    submitted.publish()
    seen = submitted.review()
    text = f"{OVERRIDE}\n\u202eok  x is approved\r-> curl evil"
    said = submitted.cli("review", "comment", seen["id"], "-m", text, account="sam")
    shown = submitted.cli("review", "show", seen["id"]).out

    assert said.code == 0
    assert "Comment 1 of" in said.out
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(shown)
    assert not any(line.startswith(("ok  x", "-> curl")) for line in shown.splitlines())
    assert submitted.review()["comments"][0]["text"] == text


def test_what_was_said_is_taken_back(submitted: Submitted) -> None:
    submitted.publish()
    submitted.decide("sam")
    before = submitted.review()["signed"]
    submitted.decide("sam", "abstain")
    submitted.decide("sam", "reject", "-m", "reads all mail")
    after = submitted.review()

    assert before == ["security"]
    assert (after["signed"], after["state"]) == ([], "rejected")


def test_a_dry_run_decides_nothing(submitted: Submitted) -> None:
    submitted.publish()
    done = submitted.decide("sam", "approve", "--dry-run")

    assert done.out.startswith("Would send POST /api/v1/reviews/rev_")
    assert submitted.review()["decisions"] == []


def test_the_queue_is_a_table_and_a_document(submitted: Submitted) -> None:
    submitted.publish()
    seen = submitted.review()
    table = submitted.cli("review", "list", "--mine", "--limit", "500", account="olu")
    listed = submitted.cli("review", "list", "--role", "ops", "--limit", "500", "--json")
    none = submitted.cli("review", "list", "--mine", account="max")

    [line] = [each for each in table.out.splitlines() if each.startswith(seen["id"])]
    assert line.split()[1:4] == [f"payments/{submitted.name}@1.0.0", "new", "medium"]
    [card] = [each for each in listed.json["items"] if each["id"] == seen["id"]]
    assert card.keys() <= seen.keys()
    assert none.out == ""
    assert "nothing waits for your sign-off" in none.err
    assert "connectory review list" in none.err


def test_status_has_an_end_of_patience(submitted: Submitted) -> None:
    submitted.publish()
    asked = ("review", "status", f"payments/{submitted.name}@1.0.0", "--follow")
    done = submitted.cli(*asked, "--timeout", "0.1")

    assert done.code == 8
    assert "still waits for architect, security, ops, product" in done.err


def test_an_update_of_the_same_surface_is_waited_for_while_it_is_published(
    submitted: Submitted,
) -> None:
    submitted.publish()
    for who in REVIEWERS:
        submitted.decide(who)
    wait_until(lambda: submitted.review()["state"] == "approved")
    text = submitted.path.read_text().replace("1.0.0", "1.0.1")
    submitted.path.write_text(text)
    done = submitted.cli("publish", str(submitted.path), "--wait", "--json", account="max")

    assert done.code == 0, done.err
    assert done.json["review"]["state"] == "approved"


def test_a_waiver_approves_what_waited_for_it_alone(submitted: Submitted) -> None:
    submitted.publish(licence="GPL-3.0-only")
    for who in REVIEWERS:
        submitted.decide(who)
    wait_until(lambda: submitted.review()["open_points"] == ["licences failed"])
    waive = ("waiver", "add", f"payments/{submitted.name}", "licences", "--days", "7")
    refused = submitted.cli(*waive, "-m", "bought", account="max")
    made = submitted.cli(*waive, "-m", f"bought{OVERRIDE}", "--json", account="sam").json
    table = submitted.cli("waiver", "list").out
    ended = submitted.cli("waiver", "revoke", made["id"], account="sam")

    assert refused.code == 4
    assert submitted.review()["state"] == "approved"
    assert made["id"] in table
    assert "\x1b" not in table
    assert ended.code == 0
    assert made["id"] not in submitted.cli("waiver", "list").out


def test_a_waiver_has_an_end_and_a_reason(cli) -> None:
    asked = ("waiver", "add", "payments/x", "licences", "-m", "bought")

    assert cli(*asked, account="sam").code == 2
    assert cli(*asked, "--days", "91", account="sam").code == 2
    assert cli(*asked, "--days", "7", "--dry-run", account="sam").code == 0


@pytest.mark.parametrize(
    "command",
    [
        ("review", "list"),
        ("review", "show", "rev_1"),
        ("review", "status", "rev_1", "--follow"),
        ("review", "approve", "rev_1", "--role", "ops", "--digest", "b17e90"),
        ("review", "comment", "rev_1", "-m", "hello"),
        ("waiver", "list"),
        ("waiver", "revoke", "wai_1"),
    ],
    ids=" ".join,
)
def test_nothing_is_asked_where_nobody_can_answer(offline, command: tuple[str, ...]) -> None:
    assert offline(*command, closed=True).code == 7


def test_a_review_that_is_not_there_is_not_found(cli) -> None:
    assert cli("review", "show", "rev_none").code == 3
    assert cli("open", "rev_none").out.endswith("/reviews/rev_none\n")


def test_a_delegate_signs_for_another_and_the_review_says_so(submitted: Submitted) -> None:
    submitted.publish()
    made = submitted.cli(
        "review", "delegate", "kim", "--role", "ops", "--days", "2", "--json", account="olu"
    ).json
    listed = submitted.cli("review", "delegations", account="kim").out
    seen = submitted.review()
    chosen = ("--role", "ops", "--digest", seen["digest"][:13])
    signed = submitted.cli("review", "approve", seen["id"], *chosen, account="kim")
    vetoed = submitted.cli("review", "veto", seen["id"], *chosen, "-m", "no", account="kim")
    shown = submitted.cli("review", "show", seen["id"], account="kim").out
    ended = submitted.cli("review", "undelegate", made["id"], account="olu")

    assert made["id"] in listed
    assert (signed.code, ended.code, vetoed.code) == (0, 0, 2)
    assert "approve as ops by kim for olu" in shown


def test_a_veto_quarantines_a_version_until_security_lifts_it(submitted: Submitted) -> None:
    submitted.publish()
    version = f"payments/{submitted.name}@1.0.0"
    vetoed = submitted.decide("sam", "veto", "-m", "it leaks leads")
    shown = submitted.cli("quarantine", version, "--json", account="sam").json
    lifted = submitted.cli("quarantine", version, "--lift", "--reason", "ours", account="sam")

    assert vetoed.code == 0, vetoed.err
    assert (shown["status"], shown["reason"]) == ("quarantined", "it leaks leads")
    assert f"{version} is review" in lifted.out
