"""What a connector prints, on its way to the log and back."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectory.backends.targets.local.log import read
from connectory.backends.targets.local.shim.log import LINE, Log, Output, Scribe


@pytest.fixture
def output() -> Iterator[Output]:
    out, into = os.pipe()
    os.close(into)
    with os.fdopen(out, "rb", buffering=0) as pipe:
        yield Output(pipe, "info")


def record(printed: bytes, *secrets: str) -> dict[str, str]:
    found = Scribe(secrets).record(printed, level="warn")
    found.pop("ts")
    return found


def test_text_becomes_a_record_of_the_level_of_its_pipe() -> None:
    assert record(b"hello") == {"level": "warn", "msg": "hello"}


def test_a_json_line_keeps_its_level_and_its_facts_as_text() -> None:
    printed = b'{"ts": "x", "level": "ERROR", "msg": "m", "n": 1, "l": ["\xc3\xa9"], "b": null}'

    assert record(printed) == {
        "level": "error",
        "msg": "m",
        "n": "1",
        "l": '["é"]',
        "b": "null",
    }


@pytest.mark.parametrize(
    "printed",
    [
        '{"msg": 1}',
        '{"level": "info"}',
        "[1]",
        "{",
        "[" * 10_000,
        '{"msg": "a", "n": ' + "9" * 5000,
    ],
)
def test_what_is_not_such_a_line_is_text(printed: str) -> None:
    assert record(printed.encode()) == {"level": "warn", "msg": printed}


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        (b"\x1b[31mred\r", r"\x1b[31mred\r"),
        (b"\xff\xfe", r"\xff\xfe"),
        ("a\u202eb\u200bc\x85".encode(), r"a\u202eb\u200bc\x85"),
        (b'{"msg": "one\\ntwo \\ud800"}', r"one\ntwo \ud800"),
        ("Zürich 東京 🎉".encode(), "Zürich 東京 🎉"),
    ],
)
def test_characters_that_could_deceive_a_reader_are_written_out(
    printed: bytes, shown: str
) -> None:
    assert record(printed)["msg"] == shown


@pytest.mark.parametrize(
    "printed",
    [
        'say "pass word"',
        "{}".format(json.dumps({"msg": 'say "pass word"'})),
        "say %22pass%20word%22",
    ],
)
def test_a_secret_is_masked_in_each_way_to_write_it(printed: str) -> None:
    assert record(printed.encode(), '"pass word"')["msg"] == "say ***"


def test_each_line_of_a_long_secret_is_masked_and_short_words_are_not() -> None:
    printed = b"key-line-1 and key-line-2 and end"

    assert record(printed, "key-line-1\nkey-line-2\nend", "and")["msg"] == "*** and *** and end"


def test_a_line_that_is_too_long_is_cut() -> None:
    message = record(b"x" * (LINE + 1))["msg"]

    assert message == "x" * LINE + " (cut)"


def test_lines_are_put_together_from_pieces(output: Output) -> None:
    pieces = [b"on", b"e\ntwo\n\n \nth", b"ree", b""]

    assert [output.lines(piece) for piece in pieces] == [[], [b"one", b"two"], [], [b"three"]]


def test_a_line_without_end_takes_no_memory(output: Output) -> None:
    for _ in range(10):
        output.lines(b"x" * LINE)

    assert output.lines(b"\n") == [b"x" * (LINE + 1)]


def test_offsets_stay_true_when_the_log_is_rotated_and_opened_again(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    for begin in (0, 50):
        log = Log(folder, segment_bytes=1000, segments=3)
        for number in range(begin, begin + 50):
            log.write(Scribe(()).record(b"%d" % number, level="info"))

    lines = read(folder, after=0, limit=1000)

    numbers = [int(line.message) for line in lines]
    assert len(list(folder.iterdir())) == 3
    assert numbers == list(range(numbers[0], 100))
    assert numbers[0] > 50
    middle = lines[len(lines) // 2]
    assert read(folder, after=middle.offset, limit=1)[0] == lines[len(lines) // 2 + 1]
    assert read(folder, after=-len(lines) - 5, limit=1000) == lines


@pytest.mark.parametrize("wanted", [1, 2, 7, 100, 299, 300, 500])
def test_the_last_lines_are_the_same_however_they_are_found(
    tmp_path: Path, wanted: int
) -> None:
    log = Log(tmp_path / "log", segment_bytes=30_000, segments=9)
    for n in range(300):
        log.write(Scribe(()).record(f"{n} {'x' * (n * 37 % 900)}".encode(), level="info"))

    last = read(tmp_path / "log", after=-wanted, limit=1000)

    assert last == read(tmp_path / "log", after=0, limit=1000)[-wanted:]


def test_a_line_that_is_not_whole_is_not_yet_a_line(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    Log(folder, segment_bytes=1000, segments=3).write(Scribe(()).record(b"a", level="info"))
    segment = next(folder.iterdir())
    with segment.open("ab") as file:
        file.write(b'{"ts": "2026-')

    before = read(folder, after=0, limit=10)
    Log(folder, segment_bytes=1000, segments=3).write(Scribe(()).record(b"b", level="info"))

    assert [line.message for line in before] == ["a"]
    assert [line.message for line in read(folder, after=0, limit=10)] == ["a", "b"]


def test_there_is_no_log_where_nothing_ran(tmp_path: Path) -> None:
    assert read(tmp_path / "log", after=0, limit=10) == ()
