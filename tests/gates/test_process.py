"""Starting other programs: what they see, what comes back, what ends them."""

import sys
import time
from pathlib import Path

import pytest

from connectory.gates.process import (
    MAX_OUTPUT,
    Finished,
    ProgramMissingError,
    ProgramTimedOutError,
    ProgramTooLoudError,
    beside,
    run,
)


def python(code: str, tmp_path: Path, *, timeout_s: float = 10, given: bytes = b"") -> Finished:
    argv = [sys.executable, "-I", "-S", "-c", code]
    return run(argv, cwd=tmp_path, environment={"A": "1"}, timeout_s=timeout_s, input=given)


def test_both_outputs_and_the_exit_code_come_back(tmp_path: Path) -> None:
    finished = python(
        "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", tmp_path
    )

    assert finished == Finished(3, b"out\n", b"err\n")


def test_a_program_sees_the_given_environment_and_nothing_else(tmp_path: Path) -> None:
    finished = python(
        "import os; print({k: v for k, v in os.environ.items() if k != 'LC_CTYPE'})", tmp_path
    )

    assert finished.stdout == b"{'A': '1'}\n"


def test_more_input_than_a_pipe_holds_arrives_whole(tmp_path: Path) -> None:
    code = "import sys; print(len(sys.stdin.buffer.read()))"

    finished = python(code, tmp_path, given=b"x" * 1_000_000)

    assert finished.stdout == b"1000000\n"


def test_input_that_nobody_reads_is_no_error(tmp_path: Path) -> None:
    finished = python("pass", tmp_path, given=b"x" * 1_000_000)

    assert finished.returncode == 0


def test_a_program_that_takes_too_long_is_killed_with_its_children(tmp_path: Path) -> None:
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    time.sleep(1)\n"
        "    open('alive', 'w')\n"
        "time.sleep(60)\n"
    )

    with pytest.raises(ProgramTimedOutError, match=r"did not end within 0\.3 s"):
        python(code, tmp_path, timeout_s=0.3)

    time.sleep(1)
    assert not (tmp_path / "alive").exists()


def test_a_program_that_closes_its_output_and_stays_is_killed(tmp_path: Path) -> None:
    with pytest.raises(ProgramTimedOutError):
        python("import os, time; os.closerange(0, 3); time.sleep(60)", tmp_path, timeout_s=0.3)


def test_a_program_that_prints_without_end_is_killed(tmp_path: Path) -> None:
    with pytest.raises(ProgramTooLoudError, match=str(MAX_OUTPUT)):
        python("while True: print('x' * 1000)", tmp_path)


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        ProgramMissingError, match="/nowhere/uv cannot be started: No such file"
    ):
        run(["/nowhere/uv"], cwd=tmp_path, environment={}, timeout_s=1)


SERVING = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
print("started", flush=True)
time.sleep(60)
"""


def test_a_program_beside_this_one_is_stopped_at_the_end_of_the_block(tmp_path: Path) -> None:
    said = tmp_path / "said"
    argv = [sys.executable, "-c", SERVING]

    with (
        said.open("wb") as output,
        beside(argv, cwd=tmp_path, environment={}, output=output) as ended,
    ):
        while b"started" not in said.read_bytes():
            time.sleep(0.01)
        assert ended() is None

    assert ended() == 1
    assert said.read_text() == "started\nstopped\n"


def test_the_end_of_a_program_beside_this_one_is_noticed(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "raise SystemExit(3)"]

    with (
        (tmp_path / "said").open("wb") as output,
        beside(argv, cwd=tmp_path, environment={}, output=output) as ended,
    ):
        while ended() is None:
            time.sleep(0.01)

    assert ended() == 3
