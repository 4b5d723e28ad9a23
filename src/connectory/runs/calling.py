"""Call a connector with a run, and judge how it went."""

import dataclasses
import logging
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

from connectory.backends.targets import InstanceUnreachableError, Phase
from connectory.instances import read as instances
from connectory.instances.crew import Crew
from connectory.instances.read import Instance
from connectory.instances.rules import hook_key_path
from connectory.kernel.errors import ConnectoryError
from connectory.kernel.secret import Secret
from connectory.operations import read as operations
from connectory.runs import rules
from connectory.runs.rules import ONE_ATTEMPT, Held, Outcome

LOG = logging.getLogger("connectory.runs")


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls connectors. Safe to use from several threads.

    `attempts` is after how many a run is given up.
    """

    crew: Crew
    attempts: int
    _secrets: dict[str, tuple[int, tuple[Secret, ...]]] = field(default_factory=dict)

    def call(self, held: Held) -> Outcome:
        """Call the connector once and say what that means for the run; never raises."""
        instance = held.taking.instance
        try:
            begin = self._log_end(instance)
            outcome = self._attempt(held)
            return dataclasses.replace(
                outcome,
                shown=self._shown(instance, outcome),
                log_from=begin,
                log_to=self._log_end(instance),
            )
        except Exception:  # whatever it is, the run must not be held for ever
            LOG.exception("%s failed", held.id, extra={"run": held.id})
            return self._failed(held, "the server could not call it; its log says why")

    def _attempt(self, held: Held) -> Outcome:
        instance = held.taking.instance
        target = self.crew.target(instance)
        path, named = address(held), headers(held)
        try:
            answer = target.call(instance.id, "POST", path, held.body, headers=named)
        except InstanceUnreachableError as silence:
            if held.trigger not in ONE_ATTEMPT and self._is_away(instance):
                return rules.held_back(silence.message)
            return self._failed(held, silence.message)
        return rules.judged(answer, held, self.attempts, _luck())

    def _failed(self, held: Held, error: str) -> Outcome:
        return rules.failed(error, held, self.attempts, _luck())

    def _is_away(self, seen: Instance) -> bool:
        """Whether nobody was asked: the process does not run, or was changed meanwhile."""
        if self.crew.target(seen).observe(seen.id).phase is not Phase.RUNNING:
            return True
        with self.crew.works.read() as work:
            now = instances.by_id(work, seen.id)
            return now != seen or operations.active_on(work, seen.id) is not None

    def _log_end(self, instance: Instance) -> int:
        """Return the cursor behind the last line of an instance's log."""
        last = self.crew.target(instance).logs(instance.id, after=-1, limit=1)
        return last[-1].offset if last else 0

    def _shown(self, instance: Instance, outcome: Outcome) -> str | None:
        if outcome.answer is None:
            return None
        return rules.shown(outcome.answer.body, self._secrets_of(instance))

    def _secrets_of(self, instance: Instance) -> tuple[Secret, ...]:
        """Return what the process of an instance was handed, to be hidden in its answers."""
        generation, known = self._secrets.get(instance.id, (-1, ()))
        if generation != instance.generation:
            paths = (*instance.secrets.values(), hook_key_path(instance.id))
            known = tuple(secret for path in paths if (secret := self._secret(path)))
            self._secrets[instance.id] = (instance.generation, known)
        return known

    def _secret(self, path: str) -> Secret | None:
        with suppress(ConnectoryError):  # it has been deleted since the process began
            return self.crew.secrets.read(path)
        return None


def address(held: Held) -> str:
    """Return what is called on the connector: the path and the query of its caller."""
    return f"{held.path}?{urlencode(held.query)}" if held.query else held.path


def headers(held: Held) -> dict[str, str]:
    """Return the headers by which a connector knows a run that it has seen before."""
    return {
        "Content-Type": held.content_type,
        "Connectory-Run": held.id,
        "Connectory-Attempt": str(held.attempts),
    }


def _luck() -> float:
    return secrets.randbelow(1_000) / 1_000
