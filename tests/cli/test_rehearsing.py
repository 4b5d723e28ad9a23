"""rehearse, try."""

import pytest


def test_a_rehearsal_shows_its_steps_and_answers_with_the_certificate(cli) -> None:
    done = cli("rehearse", "slack-alerts@1.0.0", "--json", account="ana")

    assert done.code == 0, done.err
    assert (done.json["clean"], done.json["findings"]) == (True, [])
    assert [one["name"] for one in done.json["examples"]] == ["alert", "critical"]
    assert "ok Look for what is left" in done.err


def test_a_try_shows_input_answer_arrivals_and_log(cli) -> None:
    done = cli("try", "bizops/slack-alerts", account="max")

    assert done.code == 0, done.err
    for said in ("Example alert, POST /alert", "Answer", "200", "slack", "posted"):
        assert said in done.out


@pytest.mark.parametrize("command", ["rehearse", "try"])
def test_a_dry_run_shows_the_request(cli, command: str) -> None:
    done = cli(command, "slack-alerts", "--dry-run", account="ana")

    assert done.code == 0
    path = f"/api/v1/connectors/bizops/slack-alerts/versions/1.0.0:{command}"
    assert done.out.startswith(f"Would send POST {path}")


@pytest.mark.parametrize("command", ["rehearse", "try"])
def test_what_does_not_exist_is_said_so(cli, command: str) -> None:
    done = cli(command, "bizops/nothing", account="ana")

    assert done.code == 3


@pytest.mark.parametrize("command", ["rehearse", "try"])
def test_without_standard_input_nothing_else_happens(offline, command: str) -> None:
    done = offline(command, "slack-alerts", closed=True)

    assert done.code == 7
