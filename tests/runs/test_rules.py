"""What becomes of a run, and who may go first."""

import dataclasses

import pytest

from connectory.backends.targets import Answer
from connectory.kernel.secret import Secret
from connectory.runs.rules import Held, RunState, Taking, Trigger, judged, shares, shown

HELD = Held("run_1", Taking(None, 1), Trigger.WEBHOOK, "/x", b"", {}, "a/b", 1, 1)  # type: ignore[arg-type]  # the instance plays no part


def state(status: int, **more: object) -> RunState:
    held = dataclasses.replace(HELD, **more)
    return judged(Answer(status, "a/b", b""), held, most=3, luck=0).state


@pytest.mark.parametrize(
    ("status", "becomes"),
    [
        (200, "succeeded"),
        (204, "succeeded"),
        (302, "refused"),
        (400, "refused"),
        (404, "refused"),
        (422, "refused"),
        (408, "failed"),
        (425, "failed"),
        (429, "failed"),
        (500, "failed"),
        (503, "failed"),
        (504, "failed"),
    ],
)
def test_an_answer_decides_what_becomes_of_a_run(status: int, becomes: str) -> None:
    assert state(status) == becomes


def test_the_last_attempt_and_the_only_one_of_a_manual_run_are_final() -> None:
    assert state(500, attempts=3) == "dead"
    assert state(500, trigger=Trigger.MANUAL) == "dead"
    assert state(503, trigger=Trigger.TRY) == "dead"


def test_pauses_grow_and_are_spread_and_the_connector_can_ask_for_more() -> None:
    def pause(attempts: int, luck: float = 0, later: int | None = None) -> float:
        answer = Answer(503, "a/b", b"", later)
        held = dataclasses.replace(HELD, attempts=attempts)
        paused = judged(answer, held, most=99, luck=luck).pause
        assert paused is not None
        return paused.total_seconds()

    assert [pause(n) for n in range(1, 9)] == [1, 5, 30, 120, 600, 1800, 3600, 3600]
    assert pause(1, luck=1) == 1.25
    assert (pause(1, later=60), pause(8, later=60)) == (60, 3600)


def test_places_are_shared_beginning_with_who_has_the_fewest() -> None:
    assert shares({"a": 8, "b": 8}, {"a": 6}, 4) == {"b": 4}
    assert shares({"a": 8, "b": 8}, {}, 5) == {"a": 3, "b": 2}
    assert shares({"a": 1, "b": 8}, {"a": 1}, 64) == {"b": 8}
    assert shares({}, {}, 64) == {}


def test_what_is_kept_of_an_answer_is_short_text_without_secrets() -> None:
    long = b"x" * 4_000 + b"secret-value" + b"\0\xff" * 100

    text = shown(long, [Secret("secret-value"), Secret("x")])

    assert text.startswith("x" * 4_000 + "***")
    assert "\0" not in text
    assert len(text) <= 4_200
