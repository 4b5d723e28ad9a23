"""Who was recognised a moment ago, so that not every request asks the database again.

What is kept is good until the next change that this process commits, whatever it changes, and
never longer than `LIFE_S`. One process serves a database, so a token that was revoked, an
account that was disabled and a role that was taken away count from the next request on.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectory.access.credentials import fingerprint
from connectory.access.rules import Actor
from connectory.work import Works

LIFE_S = 1.0  # for which the end of a token's life may be overlooked
MOST = 1_000  # callers; then all are forgotten


@dataclass(frozen=True, slots=True)
class _Seen:
    actor: Actor
    mark: object
    at: datetime


@dataclass(slots=True)
class Known:
    """Remembers actors by the fingerprint of what they sent, never by the credential itself."""

    works: Works
    _seen: dict[str, _Seen] = field(default_factory=dict)

    def find(self, sent: str) -> Actor | None:
        """Return who sent this a moment ago; None when that has to be looked up."""
        seen = self._seen.get(fingerprint(sent))
        if seen is None or seen.mark is not self.works.latest.mark:
            return None
        is_fresh = timedelta(0) <= self.works.clock() - seen.at < timedelta(seconds=LIFE_S)
        return seen.actor if is_fresh else None

    def keep(self, sent: str, actor: Actor, mark: object) -> None:
        """Remember an actor that was looked up after `mark` was taken."""
        if len(self._seen) >= MOST:
            self._seen.clear()
        self._seen[fingerprint(sent)] = _Seen(actor, mark, self.works.clock())
