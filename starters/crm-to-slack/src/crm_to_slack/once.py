"""Events that are delivered more than once, as webhooks are, and handled once."""

import contextlib
import threading
from collections.abc import Iterator

from connectory_sdk import TryLaterError

REMEMBERED = 10_000  # events; a CRM repeats within minutes


class Once:
    """Remembers in memory which events were handled. Safe to use from several threads."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._done: dict[str, None] = {}  # in the order in which they were done

    @contextlib.contextmanager
    def claim(self, event: str) -> Iterator[bool]:
        """Handle an event inside the block; the value says whether it is new.

        A block that raises leaves the event unhandled, so that a later delivery tries again.

        Raises:
            TryLaterError: If another thread is handling it, because that may fail.
        """
        with self._lock:
            if event in self._busy:
                raise TryLaterError(f"{event} is being handled")
            is_new = event not in self._done
            if is_new:
                self._busy.add(event)
        if not is_new:
            yield False
            return
        try:
            yield True
            self._remember(event)
        finally:
            with self._lock:
                self._busy.discard(event)

    def _remember(self, event: str) -> None:
        with self._lock:
            self._done[event] = None
            while len(self._done) > self._remembered:
                del self._done[next(iter(self._done))]
