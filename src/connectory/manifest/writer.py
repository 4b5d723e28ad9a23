"""Write a manifest: readable YAML in the order of the model, which the loader reads back.

The one place where Connectory writes YAML. `Plain` text is written without quotes where YAML
allows it, because a schema may make a number or a truth value of it; other text gets quotes
wherever a reader could take it for something else.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from connectory.manifest.nodes import Plain
from connectory.manifest.parts import Part, keys_of, part_below
from connectory.manifest.texts import JsonObject

INDENT = "  "
BARE = re.compile(r"[A-Za-z0-9_./<(+^~=*-](?:[^\n]*[^\s:])?")
"""Plain text that begins no other construct of YAML; what it holds is looked at further."""
SPECIAL = re.compile(r"^[-?:](?: |$)|^(?:---|\.\.\.)|^[<~=*^]$|^[*<^~=]|: |:$| #")
OTHERWISE = re.compile(
    r"(?i:true|false|yes|no|on|off|null|y|n|~)|[-+.]?[0-9][0-9_.:,eExXoO+-]*"
    r"|[-+]?\.(?i:inf|nan)|0x[0-9a-fA-F]+|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"
)
"""Text that readers of YAML take for a truth value, nothing, a number or a day."""
WORD = re.compile(r"[A-Za-z0-9_.-]+")
THREE_NUMBERS = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")  # a version; no reader mistakes it


def written(document: JsonObject, part: type[Part] | None = None) -> str:
    """Return an object as YAML; its keys come in the order of the part that describes it."""
    return "".join(f"{line}\n" for line in _lines(_ordered(document, part)))


def scalar(text: str) -> str:
    """Write one text so that YAML reads it as that text: plain where it can be."""
    if _is_bare(text) and (isinstance(text, Plain) or not _is_mistakable(text)):
        return str(text)
    return quoted(text)


def quoted(text: str) -> str:
    """Write a text in double quotes; what does not print is escaped."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in {'"', "\\"}:
        return "\\" + char
    if char == "\n":
        return "\\n"
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"  # noqa: PLR2004


def _is_bare(text: str) -> bool:
    is_whole = BARE.fullmatch(text) is not None and text.isprintable()
    return is_whole and SPECIAL.search(text) is None


def _is_mistakable(text: str) -> bool:
    return OTHERWISE.fullmatch(text) is not None and not THREE_NUMBERS.fullmatch(text)


def _ordered(value: object, part: type[Part] | None) -> object:
    """Return the value with the keys of each object in the order of its part."""
    if isinstance(value, list):
        return [_ordered(each, part) for each in value]
    if not isinstance(value, dict) or part is None:
        return value
    known = [key for key in keys_of(part) if key in value]
    keys = [*known, *(key for key in value if key not in known)]
    return {key: _ordered(value[key], part_below(part, key)) for key in keys}


def _lines(value: object) -> Iterator[str]:
    """Give the lines of an object or a list that is not empty."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _entry(f"{scalar(key)}:", inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _item(inner)


def _entry(head: str, value: object) -> Iterator[str]:
    if value and isinstance(value, Mapping | list):
        yield head
        yield from _indented(_lines(value))
    elif isinstance(value, str) and _is_block(value):
        yield f"{head} |-"
        yield from _indented(value.split("\n"))
    else:
        yield f"{head} {_flow(value)}"


def _item(value: object) -> Iterator[str]:
    """Give a list's entry; an object begins on the line of the dash."""
    if value and isinstance(value, Mapping | list):
        first, *rest = _lines(value)
        yield f"- {first}"
        yield from _indented(rest)
    else:
        yield from _entry("-", value)


def in_line(value: object) -> str:
    """Write a value on one line, for where there is no room for more."""
    if isinstance(value, Mapping):
        pairs = (f"{in_line(key)}: {in_line(inner)}" for key, inner in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(in_line, value)) + "]"
    if isinstance(value, str):
        return scalar(value) if WORD.fullmatch(value) else quoted(value)
    return _flow(value)


def _flow(value: object) -> str:
    if isinstance(value, Mapping | list):
        return in_line(value)  # it is empty
    if isinstance(value, bool):
        return "true" if value else "false"
    return scalar(value) if isinstance(value, str) else f"{value}"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"{INDENT}{line}" if line else line for line in lines)


def _is_block(text: str) -> bool:
    """Say whether a text with several lines can stand as it is, below its key."""
    lines = text.split("\n")
    is_plain = all(line.isprintable() and line == line.rstrip() for line in lines)
    return (
        len(lines) > 1 and is_plain and bool(lines[-1]) and lines[0] == lines[0].lstrip() != ""
    )
