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
