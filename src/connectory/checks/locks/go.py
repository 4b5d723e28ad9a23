"""`go.mod`: what a module of Go requires, and what replaces it."""

import re
from collections.abc import Iterator

from connectory.advisories.rules import Package
from connectory.checks.locks.entry import Entry

BLOCK = re.compile(r"(\w+)\s*\(")
REPLACED = "=>"


def of_module(raw: bytes, _name: str) -> Iterator[Entry]:
    """Give what `go.mod` requires; OSV writes its versions without `v`."""
    required: dict[str, str] = {}
    replaced: dict[tuple[str, str], tuple[str, str]] = {}
    for verb, words in _lines(raw.decode("utf-8", "replace")):
        if verb == "require" and len(words) == 2:  # noqa: PLR2004  path, version
            required[words[0]] = words[1]
        elif verb == "replace" and REPLACED in words:
            at = words.index(REPLACED)
            old, new = [*words[:at], ""], [*words[at + 1 :], ""]
            replaced[old[0], old[1]] = new[0], new[1]
    for name, version in required.items():
        other = replaced.get((name, version)) or replaced.get((name, "")) or (name, version)
        if other[1]:  # else it is a folder of the connector itself
            yield Entry(Package("Go", other[0], other[1].removeprefix("v")))


def _lines(text: str) -> Iterator[tuple[str, list[str]]]:
    """Give each directive with its words, also where several are in brackets."""
    inside = ""
    for line in re.sub(r"//.*", "", text).splitlines():
        bare = line.strip()
        opened = BLOCK.fullmatch(bare)
        if opened or bare == ")":
            inside = opened[1] if opened else ""
            continue
        words = [word.strip('"`') for word in bare.split()]
        if words:
            yield (inside, words) if inside else (words[0], words[1:])
