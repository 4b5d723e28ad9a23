"""What the platform learns of a connector at work: names, never values, each said once.

They are facts in lines of the log, so they need no way of their own: `secrets_read` and
`outputs_given`, lists of names.
"""

import re
import threading

from connectory_sdk.logs import log

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
MOST = 50


class Report:
    """Names of one kind. Nothing is said before the connector serves.

    Safe to use from several threads.
    """

    def __init__(self, fact: str, said: str) -> None:
        self._fact = fact
        self._said = said
        self._lock = threading.Lock()
        self._names: set[str] = set()
        self._is_serving = False

    def note(self, *names: object) -> None:
        """Note names; those that are no plain names may be data and are left out."""
        plain = {name for name in names if isinstance(name, str) and NAME.fullmatch(name)}
        with self._lock:
            new = sorted(plain - self._names)[: MOST - len(self._names)]
            self._names.update(new)
            is_serving = self._is_serving
        if new and is_serving:
            log.debug(self._said, **{self._fact: new})

    def begin(self) -> dict[str, list[str]]:
        """Return the fact with all names so far; those to come are said as they come."""
        with self._lock:
            self._is_serving = True
            return {self._fact: sorted(self._names)}


SECRETS = Report("secrets_read", "read a secret")
OUTPUTS = Report("outputs_given", "gave an output")
