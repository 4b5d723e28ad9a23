"""connectory quarantine, and what it does to status, resume and install."""

from collections.abc import Iterator

import pytest

VERSION = "bizops/pagerduty-notify@1.0.0"
WHY = ("--reason", "it pages a stranger")
LIFT = ("--lift", "--reason", "a false alarm")


@pytest.fixture
def paging(cli, fresh: str) -> Iterator[str]:
    """An instance of a connector that no other test of this module installs."""
    done = cli("install", VERSION, "--name", fresh, "--yes", account="max")
    assert done.code == 0, done.err
    yield fresh
    cli("quarantine", VERSION, *LIFT, account="sam")
    cli("uninstall", fresh, "--yes", "--confirm", fresh, account="max")


def test_a_quarantine_stops_what_runs_says_so_everywhere_and_is_lifted(
    cli, paging: str
) -> None:
    stopped = cli("quarantine", VERSION, *WHY, account="sam")
    status = cli("status", paging, account="max")
    resume = cli("resume", paging, account="max")
    install = cli("install", VERSION, "--name", "other", "--yes", account="max")
    lifted = cli("quarantine", VERSION, *LIFT, account="sam")
    resumed = cli("resume", paging, account="max")

    assert stopped.code == 0, stopped.err
    assert f"{VERSION} is quarantined" in stopped.out
    assert f"payments/{paging}" in stopped.out
    assert "suspended" in stopped.out
    assert "by sam: it pages a stranger" in status.out
    assert (resume.code, install.code) == (5, 5)
    assert f"{VERSION} is quarantined" in resume.err
    assert "is approved" in lifted.out
    assert f"connectory resume payments/{paging}" in lifted.err
    assert resumed.code == 0, resumed.err


def test_without_a_reason_it_shows_how_a_version_stands(cli) -> None:
    shown = cli("quarantine", VERSION, "--json", account="max").json

    assert (shown["version"], shown["stopped"]) == (VERSION, False)


def test_a_member_quarantines_nothing_and_no_admin_lifts(cli) -> None:
    stopped = cli("quarantine", VERSION, *WHY, account="max")
    lifted = cli("quarantine", VERSION, *LIFT)

    assert (stopped.code, lifted.code) == (4, 4)
    assert "only security reviewers and admins" in stopped.err


def test_it_needs_a_version_and_a_reason_to_lift(offline) -> None:
    unnamed = offline("quarantine", "bizops/pagerduty-notify", *WHY, closed=True)
    silent = offline("quarantine", VERSION, "--lift", closed=True)

    assert (unnamed.code, silent.code) == (2, 2)
    assert "--lift needs --reason" in silent.err


def test_a_dry_run_only_shows_the_request(cli) -> None:
    shown = cli("quarantine", VERSION, *WHY, "--dry-run", account="sam")
    after = cli("quarantine", VERSION, "--json", account="sam").json

    assert "quarantine" in shown.out
    assert after["status"] != "quarantined"
