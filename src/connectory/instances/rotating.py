"""The steps of a rotation: a new hook key, and the team's secrets as they are now.

While keys are exchanged both open the hook address, so that no event is lost: the connector
tells its callers of the new one when it starts. Afterwards the old one is refused.
"""

from dataclasses import dataclass, replace

from connectory.access.credentials import new_key
from connectory.backends.secrets import SecretMissingError
from connectory.instances import again, hook_store, hooks, store
from connectory.instances.change import ROTATE
from connectory.instances.crew import Crew, required
from connectory.instances.rules import InstanceState, coming_key_path, hook_key_path
from connectory.kernel.secret import Secret
from connectory.operations.rules import Done, Operation, Recipe, Recipes, State, Step
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class CredentialsRotated(Event):
    """An instance has a new hook key and its team's present secrets; `secrets` are paths."""

    instance: str
    secrets: list[str]


def recipes(crew: Crew) -> Recipes:
    """Return how to give an instance fresh credentials."""
    steps = _Rotating(crew)
    recipe = Recipe(
        steps=(
            Step("check", "Check the team's secrets", steps.check),
            Step("environment", "Build the environment", crew.prepare, crew.start_again),
            Step("key", "Make a new hook key", steps.make_key, steps.drop_key),
            Step("start", "Replace the process", crew.start),
            Step("verify", "Wait until it is healthy", crew.wait_until_healthy),
            Step("retire", "Refuse the old hook key", steps.retire, steps.keep_one),
        ),
        finish=_finish,
        again=again.as_it_is,
    )
    return {ROTATE: recipe}


@dataclass(frozen=True, slots=True)
class _Rotating:
    crew: Crew

    def check(self, held: Operation) -> Done:
        paths = self.crew.instance(held).secrets.values()
        for path in paths:
            self.crew.secrets.read(path)
        return Done(f"{len(paths)} can be read")

    def make_key(self, held: Operation) -> Done:
        """Store another key; from its record on both open the address."""
        key = Secret(new_key())
        with self.crew.works.read() as work:
            now = work.now
        self.crew.secrets.put(coming_key_path(held.resource), key, by=held.by, at=now)
        mark = hooks.mark_of(key)
        return Done("made", lambda work: _next_generation(work, held, held.generation, mark))

    def drop_key(self, held: Operation) -> Done:
        self.crew.secrets.delete(coming_key_path(held.resource))
        return Done(
            "the old hook key stays",
            lambda work: _next_generation(work, held, held.generation + 1, None),
        )

    def retire(self, held: Operation) -> Done:
        """Put the new key in the place of the old one; its record refuses the old one."""
        secrets, path = self.crew.secrets, coming_key_path(held.resource)
        with self.crew.works.read() as work:
            now = work.now
        try:
            secrets.put(hook_key_path(held.resource), secrets.read(path), by=held.by, at=now)
        except SecretMissingError:
            return self.keep_one(held)  # it was put there before a crash
        secrets.delete(path)
        return self.keep_one(held)

    def keep_one(self, held: Operation) -> Done:
        """Let only the key that is stored open the address."""
        instance = self.crew.instance(held)
        mark = hooks.mark_of(self.crew.secrets.read(hook_key_path(instance.id)))
        return Done("done", lambda work: hook_store.set_hook(work, instance, mark))


def _next_generation(work: Work, held: Operation, generation: int, mark: str | None) -> None:
    """Let one more key open the address, or none, and ask for another process, once."""
    now = required(work, held)
    hook_store.set_coming(work, now.id, mark)
    if now.generation == generation:
        store.change_setup(work, replace(now, generation=generation + 1))


def _finish(work: Work, held: Operation, state: State) -> None:
    if state is State.SUCCEEDED:
        secrets = sorted(required(work, held).secrets.values())
        work.emit(CredentialsRotated(held.label, held.team, held.resource, secrets))
    elif state is State.FAILED:
        store.set_state(work, held.resource, InstanceState.FAILED)
