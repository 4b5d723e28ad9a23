"""Who runs in the image that a Dockerfile makes, as far as the file says."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectory.checks.dockerfile_text import Instruction

FROM = re.compile(r"(?i)(?:--platform=\S+\s+)?(?P<image>\S+)(?:\s+AS\s+(?P<stage>\S+))?$")
VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^}]*))?\})")
NUMBER = re.compile(r"[+-]?\d+")
NAME = re.compile(r"[\w.-]+(?::[\w.-]+)?")
UNPRIVILEGED = re.compile(r"[^@]+:[\w.-]*nonroot[\w.-]*(?:@.*)?")
"""Base images whose tag promises a user of its own, as those of Distroless and Chainguard."""


@dataclass(slots=True)
class Stage:
    """Where a stage stands: its user, the line that says so, and what its variables are."""

    user: str = ""
    line: int = 0
    kept: dict[str, str] = field(default_factory=dict)  # by ENV; stages built on it have them
    given: dict[str, str] = field(default_factory=dict)  # by ARG

    @property
    def variables(self) -> Mapping[str, str]:
        """What `$NAME` stands for; ENV goes before ARG."""
        return {**self.given, **self.kept}


def final(instructions: Sequence[Instruction]) -> Stage:
    """Return the last stage, which is the image, with its user (empty if nobody says)."""
    outside: dict[str, str] = {}
    stages: dict[str, Stage] = {}
    now: Stage | None = None
    for one in instructions:
        if one.name == "FROM":
            now = _begun(one, outside, stages)
        elif one.name == "ARG" and now is None:
            outside |= {name: value or "" for name, value in _pairs(one, outside)}
        elif now is not None:
            _follow(now, one, outside)
    return now or Stage()


def _begun(one: Instruction, outside: Mapping[str, str], stages: dict[str, Stage]) -> Stage:
    match = FROM.match(one.arguments)
    image = expanded(match["image"], outside) if match else ""
    below = stages.get(image.lower(), Stage())
    user = "nonroot" if UNPRIVILEGED.fullmatch(image) else below.user
    begun = Stage(user, below.line or one.line, dict(below.kept))
    if match and match["stage"]:
        stages[match["stage"].lower()] = begun
    return begun


def _follow(stage: Stage, one: Instruction, outside: Mapping[str, str]) -> None:
    if one.name == "USER":
        stage.user, stage.line = _unquoted(expanded(one.arguments, stage.variables)), one.line
    elif one.name == "ENV":
        stage.kept |= {name: value or "" for name, value in _pairs(one, stage.variables)}
    elif one.name == "ARG":
        for name, value in _pairs(one, stage.variables):
            stage.given[name] = outside.get(name, "") if value is None else value


def _pairs(one: Instruction, known: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """Give what ENV or ARG names; None where an ARG has no value."""
    words = _words(one.arguments)
    if one.name == "ENV" and words and "=" not in words[0]:
        yield words[0], expanded(" ".join(words[1:]), known)
        return
    for word in words:
        name, is_set, value = word.partition("=")
        yield name, expanded(value, known) if is_set else None


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is never closed
        return text.split()


def _unquoted(text: str) -> str:
    return " ".join(_words(text))


def expanded(text: str, known: Mapping[str, str]) -> str:
    """Put in what variables stand for; an unknown one is nothing."""

    def value(match: re.Match[str]) -> str:
        found = known.get(match[1] or match[2], "")
        if match[3] in {":-", "-"}:
            return found or match[4]
        if match[3] in {":+", "+"}:
            return match[4] if found else ""
        return found

    return VARIABLE.sub(value, text)


def is_root(user: str) -> bool:
    """Whether a user is root, or nobody can say who it is."""
    name = user.partition(":")[0]
    if NUMBER.fullmatch(name):
        return int(name) <= 0
    return NAME.fullmatch(user) is None or name.lower() == "root"
