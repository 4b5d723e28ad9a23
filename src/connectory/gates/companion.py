"""A program that stays beside this one and answers one line with one line."""

import os
import selectors
import subprocess  # noqa: TID251  only for its constant
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from connectory.gates.process import (
    CHUNK,
    ProgramTimedOutError,
    ProgramTooLoudError,
    end,
    start,
)

MOST_BYTES = 32 * 1024 * 1024  # of one answer


class CompanionDiedError(Exception):
    """The program ended instead of answering, with an exit code or minus a signal."""

    def __init__(self, code: int) -> None:
        super().__init__(f"it ended with code {code}")
        self.code = code


class Companion:
    """One running program. It is for one thread at a time; `close` ends it."""

    def __init__(self, argv: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> None:
        """Start it.

        Raises:
            ProgramMissingError: If it cannot be started.
        """
        self._name = Path(argv[-1]).name
        self._process = start(argv, cwd, environment, subprocess.PIPE)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None  # noqa: S101  both were asked for
            os.set_blocking(pipe.fileno(), False)

    def ask(self, line: bytes, timeout_s: float) -> bytes:
        """Send a line and return the line that comes back.

        After any error nothing more can be asked: close it.

        Raises:
            CompanionDiedError: If it ended.
            ProgramTimedOutError: If there is no answer in time.
            ProgramTooLoudError: If the answer has more than `MOST_BYTES`.
        """
        until = time.monotonic() + timeout_s
        given, answer = memoryview(line + b"\n"), bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._pipe("stdin"), selectors.EVENT_WRITE)
            selector.register(self._pipe("stdout"), selectors.EVENT_READ)
            while not answer.endswith(b"\n"):
                ready = selector.select(max(0.0, until - time.monotonic()))
                if not ready:
                    raise ProgramTimedOutError(self._name, timeout_s)
                for key, _ in ready:
                    if key.fd == self._pipe("stdout"):
                        self._take(answer)
                    else:
                        given = given[self._give(given) :]
                        if not given:
                            selector.unregister(key.fd)
        return bytes(answer)

    def close(self) -> None:
        """End it, at once."""
        end(self._process)

    def _pipe(self, name: str) -> int:
        return int(getattr(self._process, name).fileno())

    def _give(self, given: memoryview) -> int:
        try:
            return os.write(self._pipe("stdin"), given[:CHUNK])
        except BrokenPipeError:
            raise self._died() from None

    def _take(self, into: bytearray) -> None:
        piece = os.read(self._pipe("stdout"), CHUNK)
        if not piece:
            raise self._died()
        into.extend(piece)
        if len(into) > MOST_BYTES:
            raise ProgramTooLoudError(self._name, MOST_BYTES)

    def _died(self) -> CompanionDiedError:
        self.close()
        return CompanionDiedError(self._process.returncode)
