"""The values that a team sets once for all its instances in an environment."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from connectory.instances import team_store
from connectory.instances.rules import ENVIRONMENTS
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class DefaultsSet(Event):
    """A team changed its defaults for one environment; `names` are the settings it names."""

    environment: str
    names: list[str]


class EnvironmentMissingError(ConnectoryError):
    """There is no such environment."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "environment-missing"

    def __init__(self, environment: str) -> None:
        super().__init__(
            f"there is no environment `{environment[:60]}`",
            hint=f"use one of: {', '.join(ENVIRONMENTS)}",
            field="environment",
        )


def set_defaults(work: Work, team: str, environment: str, inputs: dict[str, object]) -> None:
    """Replace a team's defaults for one environment.

    Raises:
        EnvironmentMissingError: If there is no such environment.
    """
    _require_environment(environment)
    team_store.set_defaults(work, team, environment, inputs)
    work.emit(
        DefaultsSet(subject=team, team=team, environment=environment, names=sorted(inputs))
    )


def defaults_of(work: Work, team: str, environment: str) -> dict[str, object]:
    """Return a team's defaults for one environment.

    Raises:
        EnvironmentMissingError: If there is no such environment.
    """
    _require_environment(environment)
    return team_store.defaults(work, team, environment)


def environments_of(work: Work, teams: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the environments for which each of some teams has set a value."""
    found: dict[str, tuple[str, ...]] = {}
    for (team, environment), values in team_store.all_defaults(work, teams).items():
        if values:
            found[team] = (*found.get(team, ()), environment)
    return found


def _require_environment(environment: str) -> None:
    if environment not in ENVIRONMENTS:
        raise EnvironmentMissingError(environment)
