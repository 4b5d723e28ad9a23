"""The one place that knows which backends exist and what each of them needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

from sqlalchemy import Engine

from connectory.backends.blobs import Blobs
from connectory.backends.blobs.directory import DirectoryBlobs
from connectory.backends.policy.opa_program import OpaProgram
from connectory.backends.policy.opa_server import OpaServer
from connectory.backends.search import Search
from connectory.backends.search.tantivy import TantivySearch
from connectory.backends.secrets import Secrets
from connectory.backends.secrets.keyring import KeyRing
from connectory.backends.secrets.sealed import SealedSecrets
from connectory.backends.targets import Target
from connectory.backends.targets.container.target import ContainerTarget
from connectory.backends.targets.local import sandbox
from connectory.backends.targets.local.sandbox import Sandbox
from connectory.backends.targets.local.target import LocalTarget
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret
from connectory.policy.engine import Answers
from connectory.settings import Settings

MEGABYTE = 1_000_000
Backend = TypeVar("Backend")
Choice = TypeVar("Choice")
Makers = Mapping[str, Callable[[Settings, Engine], Backend]]


class UnknownBackendError(ConnectoryError):
    """A setting names a backend that does not exist."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "unknown-backend"

    def __init__(self, role: str, name: str, known: Mapping[str, object]) -> None:
        super().__init__(
            f"no {role} backend is called `{name}`",
            hint=f"set CONNECTORY_{role.upper()} to one of: {', '.join(sorted(known))}",
            field=role,
        )


BLOBS: Makers[Blobs] = {"directory": lambda s, _: DirectoryBlobs(s.data / "blobs")}
SEARCH: Makers[Search] = {"tantivy": lambda s, _: TantivySearch(s.data / "index")}
SECRETS: Makers[Secrets] = {
    "sealed": lambda s, engine: SealedSecrets(engine, KeyRing(s.data / "keys" / "secrets"))
}
POLICY: Mapping[str, Callable[[Settings], Answers | None]] = {
    "embedded": lambda _: None,
    "opa-server": lambda s: OpaServer(s.policy_url, _token(s.policy_token_file)),
    "opa": lambda s: OpaProgram(Path(s.policy_program)),
}
"""What rules are asked of instead of the engine that is part of Connectory."""
TARGETS: Makers[Target] = {
    "local": lambda s, _: _local(s),
    "container": lambda s, _: _container(s),
}
SANDBOXES: Mapping[str, Callable[[], Sandbox | None]] = {
    "auto": sandbox.find,
    "required": sandbox.required,
    "off": lambda: None,
}


@dataclass(frozen=True, slots=True)
class Backends:
    """The chosen implementation of every role, and all targets by name."""

    blobs: Blobs
    search: Search
    secrets: Secrets
    targets: Mapping[str, Target]
    offered: tuple[str, ...]  # targets on which connectors can be installed, the usual first
    policy: Answers | None

    def pings(self) -> dict[str, Callable[[], None]]:
        """Return how to ask each backend whether it works now."""
        return {
            "blobs": self.blobs.ping,
            "search": self.search.ping,
            "secrets": self.secrets.ping,
            **{f"target {name}": self.targets[name].ping for name in self.offered},
        }


def choose(settings: Settings, engine: Engine) -> Backends:
    """Build the backends that `settings` names.

    Raises:
        UnknownBackendError: If a name is not in the table of its role.
    """
    return Backends(
        blobs=open_blobs(settings, engine),
        search=_chosen("search", SEARCH, settings.search)(settings, engine),
        secrets=_chosen("secrets", SECRETS, settings.secrets)(settings, engine),
        targets={name: make(settings, engine) for name, make in TARGETS.items()},
        offered=("local", "container") if settings.containers else ("local",),
        policy=_chosen("policy", POLICY, settings.policy)(settings),
    )


def open_blobs(settings: Settings, engine: Engine) -> Blobs:
    """Build the blob store that `settings` names, for work that needs no other backend.

    Raises:
        UnknownBackendError: If there is none of that name.
    """
    return _chosen("blobs", BLOBS, settings.blobs)(settings, engine)


def _token(path: str) -> Secret:
    return Secret(Path(path).read_text("utf-8").strip() if path else "")


def _local(settings: Settings) -> LocalTarget:
    contain = _chosen("local_sandbox", SANDBOXES, settings.local_sandbox)
    return LocalTarget(
        settings.data,
        sandbox=contain(),
        private=_private(settings),
        disk=settings.local_disk_mb * MEGABYTE,
        is_open=settings.local_public,
    )


def _container(settings: Settings) -> ContainerTarget:
    return ContainerTarget(
        settings.data / "containers",
        is_offered=settings.containers,
        private=_private(settings),
        disk=settings.local_disk_mb * MEGABYTE,
        is_open=settings.local_public,
    )


def _private(settings: Settings) -> tuple[str, ...]:
    return tuple(one.strip() for one in settings.local_private.split(",") if one.strip())


def _chosen(role: str, makers: Mapping[str, Choice], name: str) -> Choice:
    if name not in makers:
        raise UnknownBackendError(role, name, makers)
    return makers[name]
