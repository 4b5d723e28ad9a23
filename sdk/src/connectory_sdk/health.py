"""What is wrong with the connector right now, by part."""

import threading

from connectory_sdk.masking import MASKER


class Health:
    """Reasons why the connector cannot do its work; none means healthy.

    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reasons: dict[str, str] = {}

    def fail(self, part: str, reason: str) -> None:
        """Say that a part does not work, until `clear` says that it does again."""
        with self._lock:
            self._reasons[part] = MASKER.clean(reason)

    def clear(self, part: str) -> None:
        """Say that a part works. Clearing what is fine is no error."""
        with self._lock:
            self._reasons.pop(part, None)

    def reasons(self) -> dict[str, str]:
        """Return what is wrong, by part; empty when healthy."""
        with self._lock:
            return dict(self._reasons)
