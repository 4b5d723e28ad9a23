"""Which jobs of a CI system may publish without a stored token. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from urllib.parse import urlsplit

from connectory.kernel.errors import ConnectoryError, Kind
from connectory.work import Event

NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")
REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}(?:/[A-Za-z0-9_.-]{1,100}){1,8}")
WORKFLOW = re.compile(r"[A-Za-z0-9_.-]{1,100}(?:/[A-Za-z0-9_.-]{1,100}){0,8}")
BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}")
ENVIRONMENT = re.compile(r"[A-Za-z0-9_./ -]{0,100}")
MINUTES = 15  # that a token of a job works


class Host(StrEnum):
    """Who runs the jobs, and so which names its claims have."""

    GITHUB = "github"
    GITLAB = "gitlab"


STARTED_BY: Mapping[Host, frozenset[str]] = {
    Host.GITHUB: frozenset({"push", "workflow_dispatch", "schedule"}),
    Host.GITLAB: frozenset({"push", "web", "schedule"}),
}
"""What may have started a job. Pull requests are not among it: anybody opens them."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """A job that may publish into a namespace: of this repository, workflow and branch.

    An empty `environment` accepts any, and a job without one.
    """

    name: str
    namespace: str
    host: Host
    issuer: str
    repository: str
    workflow: str
    branch: str
    environment: str
    added_by: str
    added_at: datetime

    @property
    def account(self) -> str:
        """The machine account as which its jobs publish."""
        return f"ci-{self.name}"


@dataclass(frozen=True, slots=True)
class PublisherAdded(Event):
    """Jobs of a repository can publish into a namespace from now on."""

    namespace: str
    issuer: str
    repository: str


@dataclass(frozen=True, slots=True)
class PublisherRemoved(Event):
    """Jobs of a repository can publish no more; what they hold stopped working."""

    namespace: str


WANTED = {
    "name": "use a-z, 0-9 and `-`, such as `market`",
    "namespace": "give the name of a namespace: `connectory whoami` lists your teams",
    "repository": "give it as its host names it: `owner/name`",
    "workflow": "give the name of its file, such as `connectors.yml` or `.gitlab-ci.yml`",
    "branch": "give the name of a branch, such as `main`",
    "environment": "give the name of an environment of the job, or leave it out",
}
"""What each field of a trusted publisher has to be."""


class PublisherRefusedError(ConnectoryError):
    """A trusted publisher cannot have this name, repository, workflow, branch or issuer."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "publisher-refused"

    def __init__(self, field: str, value: str) -> None:
        super().__init__(
            f"`{value[:80]}` cannot be the {field} of a publisher",
            hint=WANTED[field],
            field=field,
        )


class PublisherExistsError(ConnectoryError):
    """The name of a trusted publisher is or was in use."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "publisher-exists"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is or was the name of a publisher", hint="choose another", field="name"
        )


class PublisherMissingError(ConnectoryError):
    """The namespace has no trusted publisher of this name, or is not the caller's."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "publisher-missing"

    def __init__(self, namespace: str, name: str) -> None:
        if name:
            what, hint = f"no publisher {name[:60]} of", f"publisher list {namespace[:60]}"
        else:
            what, hint = "no rights in the namespace", "whoami"
        super().__init__(
            f"you have {what} {namespace[:60]}",
            hint=f"see what you have: `connectory {hint}`",
        )


class JobRefusedError(ConnectoryError):
    """The identity token of a CI job is not genuine, or belongs to no trusted publisher."""

    kind: ClassVar[Kind] = Kind.NOT_SIGNED_IN
    code: ClassVar[str] = "job-refused"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the identity token of this job is refused: {why}",
            hint="compare the job with `connectory publisher list NAMESPACE`",
        )


class JobReplayedError(ConnectoryError):
    """The identity token of a CI job was exchanged before."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "job-replayed"

    def __init__(self) -> None:
        super().__init__(
            "the identity token of this job was exchanged before",
            hint="ask the CI system for another one; each is accepted once",
        )


def check(wish: Publisher) -> None:
    """Refuse what could be read as something else.

    Raises:
        PublisherRefusedError: With the field.
    """
    shapes = {
        "name": NAME,
        "repository": REPOSITORY,
        "workflow": WORKFLOW,
        "branch": BRANCH,
        "environment": ENVIRONMENT,
    }
    for field, shape in shapes.items():
        value = getattr(wish, field)
        if not shape.fullmatch(value) or ".." in value:
            raise PublisherRefusedError(field, value)


def fits(wish: Publisher, claims: Mapping[str, object]) -> bool:
    """Whether a job is of this publisher: each of its claims as it has to be, none missing."""
    wanted = _github(wish) if wish.host is Host.GITHUB else _gitlab(wish)
    if wish.environment:
        wanted["environment"] = wish.environment
    cause = claims.get("event_name" if wish.host is Host.GITHUB else "pipeline_source")
    is_cause = isinstance(cause, str) and cause in STARTED_BY[wish.host]
    return is_cause and all(claims.get(name) == value for name, value in wanted.items())


def _github(wish: Publisher) -> dict[str, str]:
    ref = f"refs/heads/{wish.branch}"
    return {
        "iss": wish.issuer,
        "repository": wish.repository,
        "ref": ref,
        "ref_type": "branch",
        "workflow_ref": f"{wish.repository}/.github/workflows/{wish.workflow}@{ref}",
    }


def _gitlab(wish: Publisher) -> dict[str, str]:
    host = urlsplit(wish.issuer).netloc
    where = f"{host}/{wish.repository}//{wish.workflow}@refs/heads/{wish.branch}"
    return {
        "iss": wish.issuer,
        "project_path": wish.repository,
        "ref": wish.branch,
        "ref_type": "branch",
        "ci_config_ref_uri": where,
    }
