"""Background work of one process: threads that run a function when woken or when due."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

REST_S = 0.05
LOG = logging.getLogger("connectory.loops")


@dataclass(slots=True)
class Loop:
    """Runs `work` each `every_s` seconds, and at once when woken, until stopped.

    One that `rests` does so after each turn for as long as that took, but `REST_S` at most: it
    is woken by what others do, and is not to take the processor from them.

    A failure is logged and counted, and the next turn comes as planned: the work must be
    written so that it can simply be tried again.
    """

    name: str
    every_s: float
    work: Callable[[], None]
    rests: bool = False
    failures: int = 0
    _awake: threading.Event = field(default_factory=threading.Event)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin the thread."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Let the next turn come at once. Never blocks."""
        self._awake.set()

    def halt(self) -> None:
        """Ask the thread to end after its present turn. Never blocks."""
        self._stopping.set()
        self._awake.set()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread to end; it is a daemon, so a long turn dies with the process."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self.work()
            except Exception:  # a background loop must survive everything
                self.failures += 1
                LOG.exception("%s failed; it will be tried again", self.name)
            if self.rests:
                self._stopping.wait(min(time.monotonic() - began, REST_S))
            self._awake.wait(self.every_s)
            self._awake.clear()
