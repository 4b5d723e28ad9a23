"""Words, limits and refusals of repositories that are pulled. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from connectory.access.rules import Reviewer
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.work import Event

NAME = re.compile(r"[a-z][a-z0-9-]{1,62}")
PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,99}/?){0,10}")
COMMANDS = frozenset(
    {"add", "list", "log", "remove", "run", "show", "sign-off"}
)  # of `connectory sync`
ADDRESS = re.compile(r"(?:[0-9]+\+)?([a-z0-9._-]{1,63})@[^@]+")
MOST_CONNECTORS = 2000  # of one repository
MOST_SYNCS = 50  # whose log is kept, of one source
MOST_TRIES = 5  # of one sync whose server dies


class SyncState(StrEnum):
    """Where a sync is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"  # every connector has its entry, refused ones too
    FAILED = "failed"  # the repository could not be read


class Outcome(StrEnum):
    """What became of one connector in a sync."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    SKIPPED = "skipped"  # a folder without a manifest


@dataclass(frozen=True, slots=True)
class Source:
    """A branch of a repository whose connectors are published into a namespace of a team.

    `secret` names the secret of the team that opens the repository, `""` where none is needed.
    A merge counts as the sign-off of the roles in `sign_offs`. `people` are the accounts of
    those whom the repository's host, or their commits, call by another name.
    """

    name: str
    url: str
    branch: str
    folder: str
    team: str
    namespace: str
    secret: str
    added_by: str
    added_at: datetime
    sign_offs: tuple[Reviewer, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)

    @property
    def publisher(self) -> str:
        """Who publishes what is pulled; no account can have this name."""
        return f"source/{self.name}"

    @property
    def secret_path(self) -> str:
        """Where the secret that opens the repository is stored, `""` where none is needed."""
        return f"teams/{self.team}/{self.secret}" if self.secret else ""

    @property
    def hook_path(self) -> str:
        """Where the secret that signs the webhook is stored."""
        return f"sources/{self.name}/hook"

    def accounts(self, names: Iterable[str]) -> frozenset[str]:
        """Return the accounts of those whom the host, or their commits, call so."""
        return frozenset(self.people.get(name, name) for name in names)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something did not work, and what to do next."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Sync:
    """One pull of a source. `is_anew` also looks at what has not changed."""

    id: str
    source: str
    state: SyncState
    is_anew: bool
    asked_by: str
    asked_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    commit: str = ""
    failure: Failure | None = None
    fence: int = 0  # how often it was begun


@dataclass(frozen=True, slots=True)
class Push:
    """What the host of a repository says of a push: who moved the branch, from where to where.

    Everything is empty where it does not say, or where the branch was moved by force.
    """

    commit: str = ""
    before: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class SignOff:
    """For which roles a merge counts as a sign-off; `reason` says why not for others."""

    roles: tuple[str, ...] = ()
    by: str = ""
    commit: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one folder. `tree` stands for all that is in it, as Git names it."""

    folder: str
    outcome: Outcome
    tree: str
    label: str = ""
    digest: str = ""
    authors: tuple[str, ...] = ()
    failure: Failure | None = None
    problems: tuple[str, ...] = ()  # of a manifest, one line each
    sign_off: SignOff | None = None  # None where merges do not count


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of a sync: with one outcome, behind a folder, and how many at most."""

    outcome: Outcome | None = None
    after: str = ""
    limit: int | None = None


EVERY = Wanted()


@dataclass(frozen=True, slots=True)
class SourceAdded(Event):
    """A repository is pulled from now on."""

    url: str
    branch: str
    namespace: str


@dataclass(frozen=True, slots=True)
class SourceRemoved(Event):
    """A repository is pulled no more; what it published stays."""

    url: str


@dataclass(frozen=True, slots=True)
class MergesCounted(Event):
    """A merge counts as the sign-off of other roles from now on; of none without `roles`."""

    roles: list[str]
    people: list[str]


@dataclass(frozen=True, slots=True)
class VersionMerged(Event):
    """Somebody merged what others wrote, which counts as the sign-off of roles.

    `after` is the version that the folder held before, which the merge says nothing about.
    """

    digest: str
    source: str
    sync: str
    folder: str
    commit: str
    by: str
    roles: list[str]
    after: str


@dataclass(frozen=True, slots=True)
class SyncAsked(Event):
    """A source is to be pulled. `hook` says that its repository asked by webhook."""

    sync: str
    hook: bool


@dataclass(frozen=True, slots=True)
class SyncEnded(Event):
    """A source was pulled, or could not be."""

    sync: str
    state: str
    commit: str
    published: int
    refused: int


class SourceMissingError(ConnectoryError):
    """There is no source of this name that the caller may see."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "source-missing"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no source `{name[:80]}`", hint="list them: `connectory sync list`"
        )


class SyncMissingError(ConnectoryError):
    """There is no sync with this id, or its log is no longer kept."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "sync-missing"

    def __init__(self, source: str, sync: str) -> None:
        super().__init__(
            f"{source} has no sync `{sync[:80]}`; the last {MOST_SYNCS} are kept",
            hint=f"list them: `connectory sync show {source}`",
        )


class SourceExistsError(ConnectoryError):
    """The name of a source is taken."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "source-exists"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is a source called {name} already", hint="choose another name", field="name"
        )


class SourceRefusedError(ConnectoryError):
    """A source cannot have this name, folder, namespace or secret."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "source-refused"

    def __init__(self, field: str, value: str, hint: str) -> None:
        super().__init__(
            f"`{value[:80]}` cannot be the {field} of a source", hint=hint, field=field
        )


class TooManyConnectorsError(ConnectoryError):
    """A repository has more folders than are published from one."""

    kind: ClassVar[Kind] = Kind.TOO_LARGE
    code: ClassVar[str] = "too-many-connectors"

    def __init__(self, folders: int) -> None:
        super().__init__(
            f"the folder has {folders} folders; {MOST_CONNECTORS} are published at most",
            hint="split it: several sources may pull one repository",
            limit=MOST_CONNECTORS,
        )


class WheelsMissingError(ConnectoryError):
    """A lock names wheels that the repository does not have; the server fetches none."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "wheels-missing"

    def __init__(self, folder: str, names: Iterable[str]) -> None:
        super().__init__(
            f"the lock of {folder} names wheels that are not there: {', '.join(names)}",
            hint="commit them in wheels/, or let CI publish: `connectory publish`",
        )


class SyncTriedOftenError(ConnectoryError):
    """The server ended each time while it worked on a sync."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "sync-tried-often"

    def __init__(self) -> None:
        super().__init__(
            f"the server ended {MOST_TRIES} times during this sync",
            hint="look into the log of the server, then sync again",
        )


class SyncLostError(ConnectoryError):
    """Another process took a sync over because this one seemed dead."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "sync-lost"

    def __init__(self, sync: str) -> None:
        super().__init__(f"{sync} was taken over by another process", hint="nothing to do")


def check_wish(source: Source) -> None:
    """Refuse names that could be read as something else.

    Raises:
        SourceRefusedError: With the field.
    """
    if not NAME.fullmatch(source.name) or source.name in COMMANDS:
        hint = (
            "use 2 to 63 of a-z, 0-9 and `-`, beginning with a letter; no word of the command"
        )
        raise SourceRefusedError("name", source.name, hint)
    if not PATH.fullmatch(source.folder) or source.folder.endswith("/"):
        hint = "give it as in the repository, such as `connectors`; empty for all of it"
        raise SourceRefusedError("folder", source.folder, hint)
    if source.secret and not re.fullmatch("[a-z][a-z0-9_-]{0,62}", source.secret):
        hint = "give the name of a secret of the team: `connectory secret list`"
        raise SourceRefusedError("secret", source.secret, hint)


COUNTED = tuple(role for role in Reviewer if role is not Reviewer.SECURITY)
"""The roles for which a merge can count; security always looks for itself."""


def check_sign_offs(roles: Iterable[Reviewer]) -> None:
    """Refuse roles for which a merge cannot count.

    Raises:
        SourceRefusedError: If there is none, or security, which looks for itself.
    """
    wanted = list(roles)
    if not wanted or Reviewer.SECURITY in wanted:
        told = Reviewer.SECURITY if wanted else ""
        hint = f"name one of: {', '.join(COUNTED)}; security always looks for itself"
        raise SourceRefusedError("sign-off", told, hint)


def accounts_of(addresses: Iterable[str]) -> frozenset[str]:
    """Return the names of accounts that mail addresses stand for: what is before the `@`.

    GitHub's private addresses have a number and a `+` before the name.
    """
    found = (ADDRESS.fullmatch(address.lower()) for address in addresses)
    return frozenset(match[1] for match in found if match)
