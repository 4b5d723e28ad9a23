"""Logs: one JSON object per line on stdout, without secrets."""

import contextlib
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

from connectory_sdk.masking import MASKER, Masker

LONGEST_TEXT = 8_000  # characters of one value; a log line is no place for a payload
STDOUT = 1
RUN: ContextVar[str] = ContextVar("run", default="")
"""The run that this thread works on; each of its lines says so."""


def write_stdout(line: bytes) -> None:
    """Write a line to stdout, unbuffered, so that nothing is lost when the process ends.

    A reader that went away must not stop the connector's work, so that is no error.
    """
    rest = memoryview(line)
    with contextlib.suppress(OSError):
        while rest:
            rest = rest[os.write(STDOUT, rest) :]


class Log:
    """Writes `{"ts", "level", "msg", ...facts}` lines. Safe to use from several threads."""

    def __init__(
        self, masker: Masker = MASKER, write: Callable[[bytes], object] = write_stdout
    ) -> None:
        self._masker = masker
        self._write = write
        self._lock = threading.Lock()

    def debug(self, msg: str, /, **facts: object) -> None:
        """Say something that only its author wants to know."""
        self._line("debug", msg, facts)

    def info(self, msg: str, /, **facts: object) -> None:
        """Say what happened."""
        self._line("info", msg, facts)

    def warn(self, msg: str, /, **facts: object) -> None:
        """Say that something went wrong and is being dealt with."""
        self._line("warn", msg, facts)

    def error(self, msg: str, /, **facts: object) -> None:
        """Say that something failed and somebody may have to act."""
        self._line("error", msg, facts)

    def crash(self, msg: str, error: BaseException, /, **facts: object) -> None:
        """Say that an unexpected error ended something, with its trace."""
        trace = "".join(traceback.format_exception(error))[-LONGEST_TEXT:]
        self._line("error", msg, {**facts, "error": repr(error), "trace": trace})

    def _line(self, level: str, msg: str, facts: Mapping[str, object]) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")  # noqa: TID251  SDK's clock
        known = {"ts": at.replace("+00:00", "Z"), "level": level, "msg": msg}
        if run := RUN.get():
            known["run"] = run
        parts = {**known, **{name: fact for name, fact in facts.items() if name not in known}}
        cleaned = self._masker.clean_json(parts, longest=LONGEST_TEXT)
        line = json.dumps(cleaned, ensure_ascii=False) + "\n"
        with self._lock:
            self._write(line.encode("utf-8", "backslashreplace"))


log = Log()
"""The log of this process."""


def log_uncaught() -> None:
    """Send errors that nobody catches to the log, where secrets are masked, not to stderr."""

    def of_main(
        _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        log.crash("stopped by an error", error)

    def of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            log.crash("a thread ended unexpectedly", args.exc_value)

    sys.excepthook = of_main
    threading.excepthook = of_thread
