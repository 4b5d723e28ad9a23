"""The only door to other programs: fixed arguments, no shell, nothing inherited, limited."""

import os
import selectors
import signal
import subprocess  # noqa: TID251  this is the place
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, ClassVar, cast

from connectory.kernel.errors import ConnectoryError, Kind

MAX_OUTPUT = 1024 * 1024  # bytes, of each of stdout and stderr
CHUNK = 64 * 1024
GRACE_S = 10.0  # between SIGTERM and SIGKILL

Pipe = IO[bytes]


class ProgramMissingError(ConnectoryError):
    """A program that this machine should have cannot be started."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "program-missing"

    def __init__(self, program: str, why: str) -> None:
        super().__init__(
            f"{program} cannot be started: {why}",
            hint="install it again, or repair its permissions, on the machine of the server",
            program=program,
        )


class ProgramTimedOutError(ConnectoryError):
    """A program did not end in time; it and all that it started were killed."""

    kind: ClassVar[Kind] = Kind.TIMED_OUT
    code: ClassVar[str] = "program-timed-out"

    def __init__(self, program: str, timeout_s: float) -> None:
        super().__init__(
            f"{program} did not end within {timeout_s:g} s",
            hint="try again when the machine is less busy",
            program=program,
        )


class ProgramTooLoudError(ConnectoryError):
    """A program printed more than anybody will read; it was killed."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "program-too-loud"

    def __init__(self, program: str, limit: int) -> None:
        super().__init__(
            f"{program} printed more than {limit} bytes",
            hint="run it by hand to see what it prints",
            program=program,
        )


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended. A negative `returncode` is the signal that ended it."""

    returncode: int
    stdout: bytes
    stderr: bytes


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    timeout_s: float,
    input: bytes = b"",  # noqa: A002  the name that `subprocess` has for it
    max_output: int = MAX_OUTPUT,
) -> Finished:
    """Run a program to its end and return what it printed.

    Nothing of it outlives the call, except what has made a session of its own.

    Args:
        argv: The program, by absolute path, and its arguments; no shell looks at them.
        cwd: Where it runs.
        environment: All that it sees; nothing is inherited.
        timeout_s: Seconds until the end of its output and of itself.
        input: What it can read from its standard input.
        max_output: Bytes that it may print, on each of stdout and stderr.

    Raises:
        ProgramMissingError: If it cannot be started.
        ProgramTimedOutError: If it takes too long.
        ProgramTooLoudError: If it prints more than `max_output` bytes.
    """
    program = Path(argv[0]).name
    process = start(argv, cwd, environment, subprocess.PIPE)
    try:
        talk = _Talk(program, process, input, max_output)
        talk.finish(timeout_s)
    finally:
        end(process)
    return Finished(process.returncode, bytes(talk.stdout), bytes(talk.stderr))


@contextmanager
def beside(
    argv: Sequence[str], *, cwd: Path, environment: Mapping[str, str], output: BinaryIO
) -> Iterator[Callable[[], int | None]]:
    """Run a program for as long as the block; it ends by SIGTERM, then SIGKILL.

    Args:
        argv: The program, by absolute path, and its arguments; no shell looks at them.
        cwd: Where it runs.
        environment: All that it sees; nothing is inherited.
        output: The file that gets what it prints.

    Yields:
        A function that gives the exit code of the program, None while it runs.

    Raises:
        ProgramMissingError: If it cannot be started.
    """
    process = start(argv, cwd, environment, output)
    try:
        yield process.poll
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
        end(process)


def start(
    argv: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str],
    output: "int | BinaryIO",
) -> "subprocess.Popen[bytes]":
    """Start a program in a session of its own; for this package, which ends it with `end`.

    Raises:
        ProgramMissingError: If it cannot be started.
    """
    try:
        return subprocess.Popen(  # noqa: S603  fixed arguments, no shell
            argv,
            cwd=cwd,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            bufsize=0,
            start_new_session=True,  # so that it can be killed with all that it started
        )
    except OSError as failure:
        raise ProgramMissingError(argv[0], failure.strerror or str(failure)) from failure


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program with all that it started, and close its pipes."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


class _Talk:
    """What goes into a process and what comes out of it, at the same time."""

    def __init__(
        self, program: str, process: "subprocess.Popen[bytes]", given: bytes, most: int
    ) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self._program = program
        self._process = process
        self._given = given
        self._most = most

    def finish(self, timeout_s: float) -> None:
        """Go on until the process has closed its output and ended."""
        until = time.monotonic() + timeout_s
        with selectors.DefaultSelector() as selector:
            self._register(selector)
            while selector.get_map():
                ready = selector.select(max(0.0, until - time.monotonic()))
                if not ready:
                    raise ProgramTimedOutError(self._program, timeout_s)
                for key, _ in ready:
                    if key.data(key.fileobj):
                        selector.unregister(key.fileobj)
                        cast("Pipe", key.fileobj).close()
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise ProgramTimedOutError(self._program, timeout_s) from None

    def _register(self, selector: selectors.BaseSelector) -> None:
        ways = (
            (self._process.stdin, selectors.EVENT_WRITE, self._write),
            (self._process.stdout, selectors.EVENT_READ, partial(self._read, self.stdout)),
            (self._process.stderr, selectors.EVENT_READ, partial(self._read, self.stderr)),
        )
        for pipe, event, step in ways:
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
                selector.register(pipe, event, step)

    def _write(self, pipe: Pipe) -> bool:
        """Write some of the input, and say whether that was all."""
        try:
            written = pipe.write(self._given[:CHUNK]) or 0
        except (
            BrokenPipeError
        ):  # it does not read to the end; its exit code says if that is fine
            return True
        self._given = self._given[written:]
        return not self._given

    def _read(self, into: bytearray, pipe: Pipe) -> bool:
        """Read some of the output, and say whether that was all."""
        piece = pipe.read(CHUNK)
        into.extend(piece or b"")
        if len(into) > self._most:
            raise ProgramTooLoudError(self._program, self._most)
        return piece == b""
