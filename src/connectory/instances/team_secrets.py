"""The secrets of a team: write-only values, and the names that stand for their paths."""

import re
from dataclasses import dataclass
from typing import ClassVar

from connectory.access.edge import Opener
from connectory.backends.secrets import SecretEntry, Secrets
from connectory.instances import store, team_store
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret
from connectory.work import Event, Work

NAME = re.compile(r"\A[a-z][a-z0-9_-]{0,62}\Z")
MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class SecretSet(Event):
    """A team stored a value; `subject` is its path, the value is nowhere but in the store."""

    version: int


@dataclass(frozen=True, slots=True)
class SecretDeleted(Event):
    """A team's secret was deleted; `subject` is its path."""


class SecretNameError(ConnectoryError):
    """The name of a secret has characters that names cannot have."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "secret-name"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"`{name[:80]}` cannot be the name of a secret",
            hint="use a-z, 0-9, `_` and `-`, beginning with a letter, at most 63",
            field="name",
        )


class SecretValueError(ConnectoryError):
    """The value of a secret is empty, too long, or has characters that no variable can hold."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "secret-value"

    def __init__(self) -> None:
        super().__init__(
            "the value is empty, has a NUL character, or is longer than 64 KiB",
            hint="send the value itself, without quotes",
            field="value",
        )


class SecretInUseError(ConnectoryError):
    """A secret cannot be deleted while instances were handed it."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "secret-in-use"

    def __init__(self, path: str, labels: list[str]) -> None:
        super().__init__(
            f"{path} is in use by {', '.join(labels)}",
            hint="remove those instances first: `connectory uninstall`",
            instances=labels,
        )


@dataclass(frozen=True, slots=True)
class TeamSecret:
    """A secret name of a team, and what may be shown of what it stands for."""

    name: str
    path: str
    entry: SecretEntry | None  # None when nothing is stored at the path


def path_of(team: str, name: str) -> str:
    """Return where a team's secret of this name is stored.

    Raises:
        SecretNameError: If the name has other characters than names can have.
    """
    if not NAME.match(name):
        raise SecretNameError(name)
    return f"teams/{team}/{name}"


def check_value(value: Secret) -> None:
    """Refuse a value that no connector could be handed.

    Raises:
        SecretValueError: If it is empty, too long or has a NUL.
    """
    text = value.reveal()
    if not text or "\0" in text or len(text.encode()) > MOST_BYTES:
        raise SecretValueError


def set_secret(
    opener: Opener, secrets: Secrets, team: str, name: str, value: Secret, *, by: str
) -> TeamSecret:
    """Store a value and let the name stand for it.

    Raises:
        SecretNameError: If the name has other characters than names can have.
        SecretValueError: If no connector could be handed the value.
    """
    path = path_of(team, name)
    check_value(value)
    with opener.read() as work:
        now = work.now
    entry = secrets.put(path, value, by=by, at=now)
    with opener.write() as work:
        note_set(work, team, name, entry)
    return TeamSecret(name, path, entry)


def delete_secret(opener: Opener, secrets: Secrets, team: str, name: str) -> None:
    """Forget a name and delete its value.

    Raises:
        SecretInUseError: If live instances were handed it.
    """
    with opener.write() as work:
        note_deleted(work, team, name)
    secrets.delete(path_of(team, name))


def list_secrets(work: Work, secrets: Secrets, team: str) -> tuple[TeamSecret, ...]:
    """Return the secret names of a team, by name."""
    stored = {entry.path: entry for entry in secrets.entries(f"teams/{team}/")}
    named = team_store.references(work, team)
    return tuple(TeamSecret(name, path, stored.get(path)) for name, path in named.items())


def users(work: Work, team: str) -> dict[str, list[str]]:
    """Return the names of the live instances that were handed each path, in order."""
    found: dict[str, list[str]] = {}
    for name, paths in store.handed(work, team):
        for path in sorted(set(paths)):
            found.setdefault(path, []).append(name)
    return found


def note_set(work: Work, team: str, name: str, entry: SecretEntry) -> None:
    """Let the name stand for the value just stored, and record that it was."""
    team_store.set_reference(work, team, name, entry.path)
    work.emit(SecretSet(subject=entry.path, team=team, version=entry.version))


def note_deleted(work: Work, team: str, name: str) -> None:
    """Forget the name, and record that its value goes.

    Raises:
        SecretInUseError: If live instances were handed it.
    """
    path = path_of(team, name)
    users = store.using_path(work, team, path)
    if users:
        raise SecretInUseError(path, [user.label for user in users])
    if team_store.delete_reference(work, team, name):
        work.emit(SecretDeleted(subject=path, team=team))
