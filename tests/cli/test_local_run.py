"""run FOLDER: a connector at work on its author's machine, for one event."""

from pathlib import Path

import pytest

from connectory.kernel.digest import digest_of

OWNER = ("--owner", "bizops@example.com")
CHANNEL = ("--set", "slack_channel=#leads")
NOWHERE = ("--set", "slack_api_url=http://127.0.0.1:9/")


@pytest.fixture
def blank(offline, tmp_path: Path) -> str:
    offline("new", "news", *OWNER, "--into", str(tmp_path))
    return str(tmp_path / "news")


@pytest.fixture
def slack(offline, tmp_path: Path) -> str:
    template = ("--template", "webhook-to-slack")
    offline("new", "news", *template, *OWNER, "--into", str(tmp_path))
    return str(tmp_path / "news")


def test_an_example_is_answered_and_the_log_is_shown(offline, blank: str) -> None:
    done = offline("run", blank, "--example", "event", "--set", "greeting=Welcome")

    assert done.code == 0, done.err
    assert done.out == '200  {"said": "Welcome, Grace!"}\n'
    assert "INFO  greeted" in done.err


def test_an_event_from_standard_input_goes_to_the_trigger_that_is_named(
    offline, blank: str
) -> None:
    event = ("--event", "-", "--trigger", "/greet", "--json")

    done = offline("run", blank, *event, stdin='{"name": "Ada"}')

    assert done.json["output"] == {"said": "Hello, Ada!"}
    assert "greeted" in [line["msg"] for line in done.json["log"]]


def test_a_schedule_is_run_as_if_its_time_had_come(offline, tmp_path: Path) -> None:
    offline("new", "looks", "--template", "schedule", *OWNER, "--into", str(tmp_path))
    nowhere = ("--set", "page_url=http://127.0.0.1:9/")

    done = offline("run", str(tmp_path / "looks"), "--trigger", "schedule", *nowhere)

    assert done.code == 0, done.err
    assert '"answers": false' in done.out
    assert "trigger=schedule" in done.err


def test_an_event_that_is_refused_exits_1(offline, blank: str) -> None:
    done = offline("run", blank)

    assert done.code == 1
    assert done.out.startswith("422  ")


def test_stand_ins_give_inputs_and_secrets(offline, slack: str) -> None:
    done = offline("run", slack, "--example", "message", *CHANNEL, "--standins")

    assert done.code == 0, done.err
    assert '"status": "posted"' in done.out


def test_a_secret_is_read_from_standard_input_and_shown_nowhere(offline, slack: str) -> None:
    asked = ("--secret", "slack_bot_token", *CHANNEL, *NOWHERE)

    done = offline("run", slack, "--example", "message", *asked, stdin="xoxb-of-mine\n")

    assert (done.code, done.out[:3]) == (1, "503")
    assert "xoxb-of-mine" not in done.out + done.err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (CHANNEL, "slack_bot_token has no value; add --secret slack_bot_token"),
        ((), "slack_channel has no value; add --set slack_channel=VALUE"),
        (("--set", "x=1"), "no input x; there is slack_api_url, slack_channel"),
        (("--secret", "x"), "no secret x; there is slack_bot_token"),
        (("--secret", "slack_bot_token", *CHANNEL), "standard input has no line"),
        (("--example", "x"), "no example x"),
        (("--trigger", "/x"), "no trigger /x; there is /run, /message"),
    ],
)
def test_what_is_missing_or_unknown_is_named(
    offline, slack: str, asked: tuple[str, ...], said: str
) -> None:
    done = offline("run", slack, *asked)

    assert done.code == 2
    assert said in done.err


def test_a_connector_that_ends_is_reported_with_its_log(offline, blank: str) -> None:
    (Path(blank) / "src/news/__main__.py").write_text("raise SystemExit('no luck')\n")

    done = offline("run", blank)

    assert done.code == 1
    assert "no luck" in done.err
    assert "it ended with exit code 1" in done.err


def test_wheels_that_are_none_cannot_be_installed(offline, blank: str) -> None:
    (wheel,) = (Path(blank) / "wheels").iterdir()
    wheel.write_bytes(b"no wheel")
    lock = f"connectory-sdk==0.1.0 --hash={digest_of(b'no wheel')}\n"
    (Path(blank) / "requirements.lock").write_text(lock)

    done = offline("run", blank)

    assert done.code == 1
    assert "the wheels of requirements.lock cannot be installed" in done.err


def test_a_dry_run_starts_nothing(offline, blank: str) -> None:
    done = offline("run", blank, "--example", "event", "--dry-run")

    assert done.code == 0
    assert 'send POST /run  {"name": "Grace"}' in done.out


def test_options_of_a_folder_do_not_fit_an_instance(offline) -> None:
    done = offline("run", "payments/leads", "--standins")

    assert done.code == 2
    assert "is no folder with a manifest.yaml" in done.err
