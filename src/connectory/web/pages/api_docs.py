"""The HTTP API as a page of this site, built from `/openapi.json`."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a call."""

    name: str
    where: str  # path, query, header
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One status that a call may answer with."""

    status: str
    description: str


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one path."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    body: str  # the body's schema as indented JSON; empty when there is none
    answers: tuple[Answer, ...]
    curl: str


@dataclass(frozen=True, slots=True)
class CallGroup:
    """Calls about one thing."""

    name: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class ApiDocsPage:
    """The whole API. Template: api-docs.html."""

    template: ClassVar[str] = "api-docs.html"

    title: str
    version: str
    groups: tuple[CallGroup, ...]
