"""What an adapter is, and what all of them have in common."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from connectory.checks.subject import Vetted

Shape = TypeVar("Shape")
SEVERE = frozenset({"CRITICAL", "HIGH"})
"""The grades that scanners give to what nobody should run."""


class Document(BaseModel):
    """A part of what a scanner prints: the fields that count; others may come and go."""

    model_config = ConfigDict(defer_build=True, frozen=True)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a scanner says, in its own words; `place` is a path as it writes it.

    `meaning` is the code of a check of ours that says the same. A vulnerability has a
    `package`, its name as OSV writes it and its version, and other names of the advisory.
    """

    rule: str
    place: str
    message: str
    hint: str
    is_error: bool = True
    line: int | None = None
    end: int | None = None
    meaning: str = ""
    package: tuple[str, str] | None = None
    also: tuple[str, ...] = ()


def leaked(rule: str, place: str, title: str, begin: int, end: int) -> Said:
    """Say that there is a credential; what it is is never taken over."""
    return Said(
        rule,
        place,
        f"it looks like a credential: {title}",
        "replace it where it was issued, and declare it under `secrets:`",
        line=begin,
        end=end,
        meaning="secret-found",
    )


@dataclass(frozen=True, slots=True)
class Output:
    """All that a scanner says; `version` is its own where its output has it."""

    said: Iterable[Said]
    version: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One run. `package` is a copy of the connector's files, `data` what the operator keeps."""

    program: Path
    package: Path
    data: Path | None


@dataclass(frozen=True, slots=True)
class Adapter:
    """A scanner. `id` names its check and its settings, `name` is what people call it.

    `arguments` follow the program; all of them make it exit with 0 whatever it finds, so that
    another code means that it did not look. `version` asks for its version, where the output
    does not tell it. `ready` says what is missing before it can run, or `""`.

    Raises:
        UnreadableError: From `read`, if the output is not what the scanner prints.
    """

    id: str
    name: str
    title: str
    why: str
    when: str
    applies: Callable[[Vetted], str]
    arguments: Callable[[Job], Sequence[str]]
    read: Callable[[bytes], Output]
    version: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    data_variable: str = ""
    """The variable by which it is told its `data`, where no argument does."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Versions that are not run, and why."""
    ready: Callable[[Job], str] = lambda _job: ""
    seconds: float = 120.0
    """How long one run may take."""


class UnreadableError(Exception):
    """What a scanner printed is not what it prints; the message says what is wrong."""


def parsed(raw: bytes, shape: "type[Shape] | TypeAdapter[Shape]") -> Shape:
    """Read the JSON of a scanner.

    Raises:
        UnreadableError: If it is no JSON, or lacks what the scanner always says.
    """
    adapter = shape if isinstance(shape, TypeAdapter) else TypeAdapter(shape)
    try:
        return adapter.validate_json(raw)
    except ValidationError as failed:
        first = failed.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))[:80]
        raise UnreadableError(f"{first['msg']}{f' at {where}' if where else ''}") from None


def named(purl: str) -> tuple[str, str] | None:
    """Return name and version of a package URL as OSV writes them, None if it has neither."""
    body = purl.removeprefix("pkg:").partition("#")[0].partition("?")[0]
    kind, _, rest = body.partition("/")
    path, _, version = rest.rpartition("@")
    if not purl.startswith("pkg:") or not path:
        return None
    name = unquote(path)
    if kind in {"deb", "apk", "rpm"}:
        name = name.rpartition("/")[2]
    elif kind == "maven":
        name = name.replace("/", ":")
    version = unquote(version)
    return name, version.removeprefix("v") if kind == "golang" else version
