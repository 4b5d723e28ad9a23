"""The instructions of a Dockerfile, split as BuildKit splits them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S.*?)\s*")
QUOTED = re.compile(r"(?<!<)(?<!<-)(?:\"[^\"]*\"|'[^']*')")
HEREDOC = re.compile(r"(?:^|\s)\d*<<(-?)([\"']?)([A-Za-z_]\w*)\2(?=\s|$)")
WITH_BODY = frozenset({"ADD", "COPY", "RUN"})


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction with its arguments in one line, and the line where it begins."""

    name: str
    arguments: str
    line: int


def read(text: str) -> list[Instruction]:
    """Return the instructions of a Dockerfile, without comments, blank lines and heredocs."""
    lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
    numbered = enumerate(lines, start=1)
    escape = _escape(lines)
    found: list[Instruction] = []
    pending, began = "", 0
    for number, line in numbered:
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        began = began or number
        if bare.endswith(escape):
            pending += bare.removesuffix(escape) + " "
            continue
        name, arguments = [*(pending + bare).split(maxsplit=1), ""][:2]
        found.append(Instruction(name.upper(), arguments.strip(), began))
        pending, began = "", 0
        for end, is_indented in _bodies(found[-1]):
            _skip(numbered, end, is_indented=is_indented)
    return found


def _escape(lines: list[str]) -> str:
    """Return what continues a line: a backslash, unless the first lines say otherwise."""
    for line in lines:
        directive = DIRECTIVE.fullmatch(line.strip())
        if directive is None:
            break
        if directive[1].lower() == "escape":
            return directive[2]
    return "\\"


def _bodies(one: Instruction) -> Iterator[tuple[str, bool]]:
    """Give how each heredoc of an instruction ends, and whether tabs may stand before that."""
    if one.name in WITH_BODY:
        for match in HEREDOC.finditer(QUOTED.sub("", one.arguments)):
            yield match[3], bool(match[1])


def _skip(numbered: Iterator[tuple[int, str]], end: str, *, is_indented: bool) -> None:
    for _, line in numbered:
        if (line.lstrip("\t") if is_indented else line) == end:
            return
