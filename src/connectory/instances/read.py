"""What pages, routes and other slices may know about instances."""

from collections.abc import Iterable, Mapping

from connectory.backends.targets import InstanceUnreachableError, Observed, Phase, Target
from connectory.catalog.rules import Name
from connectory.instances import health_store, store
from connectory.instances.health import STILL, Health, HealthWord, worse
from connectory.instances.rules import InstanceMissingError, InstanceState
from connectory.instances.store import Instance, Wanted
from connectory.work import Work

HEALTHY_BELOW = 400
ANSWER_S = 5.0

__all__ = [
    "STILL",
    "Health",
    "HealthWord",
    "Instance",
    "Wanted",
    "by_id",
    "health",
    "health_numbers",
    "instance",
    "instances",
    "kept_health",
    "most_reused",
    "teams_per_connector",
]


def instance(work: Work, team: str, name: str) -> Instance:
    """Return a team's instance.

    Raises:
        InstanceMissingError: If there is none of this name.
    """
    found = store.live(work, team, name)
    if found is None:
        raise InstanceMissingError(team, name)
    return found


def by_id(work: Work, instance_id: str) -> Instance | None:
    """Return an instance, removed or not; None if there never was one of this id."""
    return store.by_id(work, instance_id)


def among(work: Work, ids: Iterable[str]) -> list[Instance]:
    """Return the live instances among some ids."""
    return store.among(work, ids)


def standing(work: Work, states: frozenset[InstanceState]) -> dict[str, str]:
    """Return the instances in some states, each with the digest of its version."""
    return store.standing(work, states)


def takes_runs(work: Work, instance_id: str) -> bool:
    """Whether runs of an instance may be added, in this transaction: it is there to stay."""
    return store.is_staying(work, instance_id)


def instances(work: Work, wanted: Wanted) -> list[Instance]:
    """Return live instances by team and name; `wanted.teams` is the caller's."""
    return store.instances(work, wanted)


def teams_running(work: Work, digest: str) -> list[str]:
    """Return the teams that have live instances with the bytes of this digest, by name."""
    return store.teams_running(work, digest)


def teams_per_connector(work: Work, names: Iterable[Name]) -> dict[Name, int]:
    """Return how many teams have an instance of each connector; absent means none."""
    return store.teams_per_connector(work, names)


def most_reused(work: Work, limit: int) -> list[tuple[Name, int]]:
    """Return the connectors of most teams that have an instance, with their number."""
    return store.most_reused(work, limit)


def kept_health(work: Work, found: Iterable[Instance]) -> dict[str, Health]:
    """Return what is known, without asking them, of how instances are doing, by their id."""
    generations = {one.id: one.generation for one in found}
    kept = health_store.kept(work, generations)
    return {
        instance: health
        for instance, (generation, health) in kept.items()
        if generation == generations[instance]
    }


def health_numbers(work: Work) -> dict[str, int]:
    """Return how many instances there are of each status of health that was seen."""
    return health_store.numbers(work)


def health(targets: Mapping[str, Target], one: Instance, kept: Health | None) -> Health:
    """Ask how an instance is doing; of that and what was `kept`, the worse counts."""
    return worse(_live(targets, one), kept)


def _live(targets: Mapping[str, Target], one: Instance) -> Health:
    """Ask the target and the connector itself."""
    target = targets[one.target]
    seen = target.observe(one.id)
    if one.state in STILL:
        return Health(STILL[one.state], seen.since, "", seen.restarts)
    if seen.phase not in {Phase.RUNNING, Phase.STARTING}:
        return _without_answer(one, seen)
    try:
        answer = target.call(one.id, "GET", "/healthz", within_s=ANSWER_S)
    except InstanceUnreachableError as silence:
        is_coming = seen.phase is Phase.STARTING or _is_coming(one)
        word = HealthWord.STARTING if is_coming else HealthWord.FAILING
        return Health(word, seen.since, silence.message, seen.restarts)
    if answer.status < HEALTHY_BELOW:
        return Health(HealthWord.HEALTHY, seen.since, "", seen.restarts)
    reason = answer.body[:200].decode("utf-8", "replace")
    return Health(HealthWord.FAILING, seen.since, reason, seen.restarts)


def _without_answer(one: Instance, seen: Observed) -> Health:
    words = {
        Phase.BACKING_OFF: HealthWord.FAILING,
        Phase.STOPPED: HealthWord.FAILING,
        Phase.ABSENT: HealthWord.STARTING if _is_coming(one) else HealthWord.UNKNOWN,
    }
    return Health(words[seen.phase], seen.since, seen.reason or seen.phase, seen.restarts)


def _is_coming(one: Instance) -> bool:
    return one.state is InstanceState.INSTALLING
