"""Taking back an operation on an instance that succeeded, by its opposite."""

import shlex

from connectory.instances import change, store
from connectory.instances.change import PAUSE, RESUME
from connectory.instances.rules import Source, as_text
from connectory.instances.store import Instance
from connectory.instances.upgrade import roll_back
from connectory.operations.read import OperationRow
from connectory.operations.rules import NotUndoableError, Recipes
from connectory.work import Work


def install(work: Work, one: OperationRow, recipes: Recipes) -> str:
    """Begin to remove what was installed, and all that it made."""
    return change.remove(work, *_name(one), recipes).operation


def upgrade(work: Work, one: OperationRow, recipes: Recipes) -> str:
    """Begin to go back to what ran before."""
    return roll_back(work, *_name(one), recipes).operation


def pause(work: Work, one: OperationRow, recipes: Recipes) -> str:
    """Begin to start what was paused."""
    return change.turn(work, *_name(one), RESUME, recipes).operation


def resume(work: Work, one: OperationRow, recipes: Recipes) -> str:
    """Begin to pause again what was resumed."""
    return change.turn(work, *_name(one), PAUSE, recipes).operation


def remove(work: Work, one: OperationRow, recipes: Recipes) -> str:  # noqa: ARG001  as all
    """Say how to install again what was removed.

    Raises:
        NotUndoableError: Always: its files, keys and process are gone.
    """
    again = _install_command(store.locked(work, one.resource))
    raise NotUndoableError(
        one.id,
        "what was removed is gone, its settings were kept",
        f"install it again with them: `{again}`",
    )


def _name(one: OperationRow) -> tuple[str, str]:
    team, _, name = one.label.partition("/")
    return team, name


def _install_command(gone: Instance) -> str:
    words = ["connectory", "install", f"{gone.connector.key}@{gone.version}"]
    words += ["--team", gone.team, "--name", gone.name, "--env", gone.environment]
    for name, (value, source) in gone.settings.items():
        if source == Source.YOU:
            words += ["--set", f"{name}={as_text(value)}"]
    return shlex.join(words)
