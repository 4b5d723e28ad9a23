import json

import pytest

from connectory_sdk.logs import LONGEST_TEXT, Log, log
from connectory_sdk.masking import Masker


@pytest.fixture
def lines() -> list[bytes]:
    return []


def written(lines: list[bytes]) -> dict[str, object]:
    return json.loads(lines[-1])


def test_a_line_is_one_json_object_with_time_level_and_facts(lines: list[bytes]) -> None:
    Log(Masker(), lines.append).info("posted\nit", channel="#ops", n=3)

    line = written(lines)
    assert lines[0].count(b"\n") == 1
    assert line.pop("ts").endswith("Z")
    assert line == {"level": "info", "msg": "posted\nit", "channel": "#ops", "n": 3}


@pytest.mark.parametrize("level", ["debug", "info", "warn", "error"])
def test_each_level_has_a_method(lines: list[bytes], level: str) -> None:
    getattr(Log(Masker(), lines.append), level)("hello")

    assert written(lines)["level"] == level


def test_secrets_are_masked_in_messages_facts_and_traces(lines: list[bytes]) -> None:
    masker = Masker()
    masker.learn("secret-value")

    Log(masker, lines.append).crash(
        "got secret-value", ValueError("secret-value"), a="secret-value"
    )

    assert b"secret-value" not in lines[0]
    assert written(lines)["error"] == "ValueError('***')"


def test_facts_cannot_replace_what_every_line_has(lines: list[bytes]) -> None:
    Log(Masker(), lines.append).info("real", level="fake", ts="fake", msg="fake")

    assert written(lines)["level"] == "info"
    assert written(lines)["msg"] == "real"


def test_a_payload_does_not_fill_the_log(lines: list[bytes]) -> None:
    Log(Masker(), lines.append).info("got", body="x" * 100_000)

    assert len(lines[0]) < LONGEST_TEXT + 200


def test_the_log_of_the_process_goes_to_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    log.info("hello", odd="\ud800")

    assert json.loads(capfd.readouterr().out)["msg"] == "hello"
