"""runs list, show, again, redeliver, discard."""

import json

import pytest


@pytest.fixture
def ran_once(cli, installed: str) -> tuple[str, str]:
    """The instance, and a run of it by hand."""
    done = cli("run", installed, "--event", "-", "--json", account="max", stdin="{}")
    return installed, json.loads(done.out)["run"]


def test_runs_are_listed_and_shown(cli, ran_once) -> None:
    name, run = ran_once

    listed = cli("runs", "list", name, "--trigger", "manual", account="max")
    shown = cli("runs", "show", name, run, account="max")
    whole = cli("runs", "show", name, run, "--json", account="max")

    assert run in listed.out
    assert f"manual /run of payments/{name}" in shown.out
    assert whole.json["input"]["body"] == "{}"


def test_a_run_is_run_again_and_discarded_only_while_it_can_be(cli, ran_once) -> None:
    name, run = ran_once

    again = cli("runs", "again", name, run, "--json", account="max")

    assert again.json["again_of"] == run
    assert cli("runs", "show", name, "run_none", account="max").code == 3


def test_dead_letters_are_redelivered_one_or_all(cli, ran_once) -> None:
    name, run = ran_once

    everything = cli("runs", "redeliver", name, "--all", "--json", account="max")

    assert everything.json["redelivered"] >= 0
    assert cli("runs", "redeliver", name, account="max").code == 2
    assert cli("runs", "redeliver", name, run, "--all", account="max").code == 2
    held = cli("runs", "discard", name, run, "--dry-run", account="max")
    assert f"{run}:discard" in held.out


def test_without_a_standard_input_nothing_is_asked(offline) -> None:
    done = offline("runs", "list", "payments/leads", closed=True)

    assert done.code not in {0, 2}
