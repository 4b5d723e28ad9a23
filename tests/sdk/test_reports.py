"""What the platform learns of a connector: names, once, and never values."""

import json

import pytest

from connectory_sdk.reports import Report


def said(capfd: pytest.CaptureFixture[str]) -> list[list[str]]:
    return [json.loads(line)["secrets_read"] for line in capfd.readouterr().out.splitlines()]


def test_names_are_said_once_and_only_while_it_serves(
    capfd: pytest.CaptureFixture[str],
) -> None:
    report = Report("secrets_read", "read a secret")
    report.note("crm_key")

    assert said(capfd) == []
    assert report.begin() == {"secrets_read": ["crm_key"]}
    for name in ("crm_key", "slack_token", "slack_token"):
        report.note(name)
    assert said(capfd) == [["slack_token"]]


def test_what_is_no_plain_name_may_be_data_and_is_not_said(
    capfd: pytest.CaptureFixture[str],
) -> None:
    report = Report("secrets_read", "read a secret")
    report.begin()

    report.note("ada@example.com", 7, "", "x" * 65, "ok")

    assert said(capfd) == [["ok"]]


def test_there_is_a_most(capfd: pytest.CaptureFixture[str]) -> None:
    report = Report("secrets_read", "read a secret")
    report.begin()

    report.note(*(f"name_{n}" for n in range(80)))
    report.note("one_more")

    assert [len(names) for names in said(capfd)] == [50]
