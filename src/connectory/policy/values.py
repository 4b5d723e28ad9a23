"""What an expression of a policy stands for, as far as that is known without running it.

A value is part of the input (`At`), something written down (`Literal`, `Parts`, `Many`) or
something computed (`Made`). A path leads into the input; one of its steps may be `Maybe`.
"""

from dataclasses import dataclass
from typing import Any

MOST_OPTIONS = 16
LONGEST = 80  # characters of a path, for people


@dataclass(frozen=True, slots=True)
class Maybe:
    """Steps of `object.get`: where they lead nowhere, `default` stands in."""

    keys: "tuple[str | int, ...]"
    default: "Value"


Step = str | int | Maybe | None
ANY: None = None
"""The step into every entry of a list or map."""
Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class At:
    """The part of the input at a path."""

    path: Path


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the map, or an index of the list, at a path; no path: something made of one."""

    path: Path | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number, truth value or null."""

    value: str | float | bool | None


@dataclass(frozen=True, slots=True)
class Parts:
    """A list or a map that is written down: its entries by index or key."""

    entries: "tuple[tuple[str | int, Value], ...]"
    is_list: bool


@dataclass(frozen=True, slots=True)
class Many:
    """A collection of which only the kind of its entries is known."""

    entry: "Value"
    is_set: bool


@dataclass(frozen=True, slots=True)
class Made:
    """The result of some computation; `is_given` if any of the input went into it."""

    is_given: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values that are written down or in the input."""

    options: "tuple[Value, ...]"


Value = At | Key | Literal | Parts | Many | Made | Choice


def is_given(value: Value) -> bool:
    """Whether a value depends on the input."""
    if isinstance(value, Parts):
        return any(is_given(each) for _, each in value.entries)
    if isinstance(value, Many):
        return is_given(value.entry)
    if isinstance(value, Choice):
        return any(map(is_given, value.options))
    return isinstance(value, (At, Key)) or (isinstance(value, Made) and value.is_given)


def has_key(value: Value) -> bool:
    """Whether a value is made of keys of the input: to compare those is a look-up."""
    if isinstance(value, Parts):
        return any(has_key(each) for _, each in value.entries)
    return isinstance(value, Key) or (isinstance(value, Many) and has_key(value.entry))


def has_map(value: Value) -> bool:
    """Whether a map is written down: to compare with it is to look all of its keys up."""
    if isinstance(value, Parts):
        return not value.is_list or any(has_map(each) for _, each in value.entries)
    return isinstance(value, Many) and has_map(value.entry)


def options_of(value: Value) -> "tuple[Value, ...]":
    """Return what a value may be."""
    return value.options if isinstance(value, Choice) else (value,)


def joined(values: "list[Value]") -> Value:
    """Return what is true of all of them."""
    options = tuple(dict.fromkeys(o for each in values for o in options_of(each)))
    if len(options) == 1:
        return options[0]
    if 0 < len(options) <= MOST_OPTIONS and all(isinstance(o, (At, Literal)) for o in options):
        return Choice(options)
    if any(has_key(each) for each in values):
        return Key(None)
    return Made(is_given=any(is_given(each) for each in values))


def lacking(document: object, path: Path) -> bool:
    """Whether the document, or an entry of a list in it, lacks the path."""
    if not path:
        return False
    step, rest = path[0], path[1:]
    if step is ANY:
        entries = document.values() if isinstance(document, dict) else document
        if not isinstance(entries, (list, type({}.values()))):
            return True
        return any(lacking(each, rest) for each in entries)
    if isinstance(step, Maybe):
        is_there, found = _sought(document, step.keys)
        return lacking(found, rest) if is_there else _lacks_by_default(step.default, rest)
    is_there, found = _sought(document, (step,))
    return not is_there or lacking(found, rest)


def _sought(document: object, keys: tuple[str | int, ...]) -> tuple[bool, object]:
    for key in keys:
        entries = document
        if isinstance(document, list):
            entries = dict(enumerate(document))
        if not isinstance(entries, dict) or key not in entries:
            return False, None
        document = entries[key]
    return True, document


def _lacks_by_default(default: Value, rest: Path) -> bool:
    if isinstance(default, (Literal, Parts)) and not is_given(default):
        return lacking(_plain(default), rest)
    return bool(rest)  # nobody knows what stands in


def _plain(value: Value) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, Parts):
        entries = {key: _plain(each) for key, each in value.entries}
        return list(entries.values()) if value.is_list else entries
    return value.value if isinstance(value, Literal) else None


def words(path: Path) -> str:
    """Return a path for people: `secrets[].name`, without the `connector` that leads to it."""
    said = ""
    for step in path:
        for key in step.keys if isinstance(step, Maybe) else (step,):
            said += "[]" if key is ANY else f"[{key}]" if isinstance(key, int) else f".{key}"
    return said.removeprefix(".connector").removeprefix(".")[:LONGEST] or "input"
