"""From what a check found to what an author reads: place, reason and way out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from connectory.kernel.errors import Problem
from connectory.manifest.errors import MOST_PROBLEMS
from connectory.manifest.nodes import Location, Node, Plain, locate
from connectory.manifest.parts import Part, keys_of, part_below
from connectory.manifest.suggest import nearest
from connectory.manifest.texts import shown

KEY_MARK = "[key]"  # pydantic's last step for a problem with a key of a map
EMPTY = frozenset({"", "~", "null", "Null", "NULL"})
A_TEXT = ("a text", "write it as one text; quote it if it has `: ` or `[` in it")
A_LIST = ("a list", "start each entry with a dash: - entry")
A_MAP = ("a map", "write `key: value` on indented lines below it")
WANTED = {
    "string_type": A_TEXT,
    "tuple_type": A_LIST,
    "dict_type": A_MAP,
    "model_type": A_MAP,
    "model_attributes_type": A_MAP,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a location; `at_key` when the key is wrong and not its value."""

    location: Location
    code: str
    message: str
    hint: str
    at_key: bool = False


def path_of(location: Location) -> str:
    """Return `secrets[0].name` for ("secrets", 0, "name")."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step[:64]}"
    return text.removeprefix(".")


def placed(
    root: Node, faults: Iterable[Fault], *, severity: str = "error"
) -> tuple[Problem, ...]:
    """Turn faults into problems with line and column; nobody reads more than the first ones."""
    return tuple(_placed(root, fault, severity) for fault in islice(faults, MOST_PROBLEMS))


def _placed(root: Node, fault: Fault, severity: str) -> Problem:
    place = locate(root, fault.location, at_key=fault.at_key)
    return Problem(
        code=fault.code,
        message=fault.message,
        hint=fault.hint,
        path=path_of(fault.location),
        line=place.line,
        column=place.column,
        severity=severity,
    )


def faults_of(error: ValidationError, model: type[Part]) -> list[Fault]:
    """Say in our words what pydantic found.

    Wording is looked up for the first `MOST_PROBLEMS` only, because a hostile file can have ten
    thousand unknown keys and nobody reads more.
    """
    details = error.errors(include_url=False)[:MOST_PROBLEMS]
    return [_fault(each, model) for each in details]


def _fault(error: ErrorDetails, model: type[Part]) -> Fault:
    location: Location = tuple(error["loc"])
    if isinstance(error["input"], Plain) and not error["input"]:
        return _empty(location, "a value")
    return WORDING.get(error["type"], _mistyped)(location, error, model)


def _refused(location: Location, error: ErrorDetails, _model: type[Part]) -> Fault:
    """Take the words of the field itself. Its location ends with a mark when a key is wrong."""
    said = error["ctx"]
    at_key = bool(location) and location[-1] == KEY_MARK
    at = location[:-1] if at_key else location
    return Fault(at, said["code"], said["message"], said["hint"], at_key=at_key)


def _missing(location: Location, _error: ErrorDetails, model: type[Part]) -> Fault:
    name = f"{location[-1]}"
    about = _part_at(model, location[:-1]).model_fields[name].description or ""
    return Fault(
        location,
        "missing-field",
        f"`{name}` is missing",
        f"add `{name}: …`: {about[:1].lower()}{about[1:].removesuffix('.')}",
        at_key=True,
    )


def _unknown(location: Location, _error: ErrorDetails, model: type[Part]) -> Fault:
    name = f"{location[-1]}"
    known = keys_of(_part_at(model, location[:-1]))
    return Fault(
        location,
        "unknown-field",
        f"there is no field {shown(name)} here",
        _meant(name, known, model),
        at_key=True,
    )


def _meant(name: str, known: tuple[str, ...], model: type[Part]) -> str:
    close = nearest(name, known)
    if close:
        return f"did you mean `{close}`?"
    home = HOMES.get(name)
    if home and home.split(".")[0] in keys_of(model):
        return f"it belongs under `{home}`"
    return f"known here: {', '.join(known)}; names that start with x- are free"


# Where authors look for these first.
HOMES = {
    **dict.fromkeys(("cpu", "memory", "region"), "runtime.resources"),
    **dict.fromkeys(("min_instances", "max_instances"), "runtime.resources"),
    **dict.fromkeys(("type", "provider", "resources", "timeout", "entrypoint"), "runtime"),
    **dict.fromkeys(("runbook", "owner_oncall", "channel"), "support"),
    **dict.fromkeys(("data_retention", "allowed_regions"), "policies"),
    **dict.fromkeys(("allowed_hosts", "oauth", "scopes"), "permissions"),
    **dict.fromkeys(("stage", "deprecation", "breaking_changes"), "lifecycle"),
}


def _unlisted(location: Location, error: ErrorDetails, _model: type[Part]) -> Fault:
    value, expected = error["input"], error["ctx"]["expected"]
    allowed = tuple(word.strip("'") for word in expected.replace(" or ", ", ").split(", "))
    choice = f"use one of: {', '.join(allowed)}"
    if not isinstance(value, str):
        return _typed_wrongly(location, value, "a text", choice)
    close = nearest(value, allowed)
    hint = f"did you mean `{close}`? {choice}" if close else choice
    return Fault(location, "unknown-value", f"{shown(value)} is not known here", hint)


def _overfull(location: Location, error: ErrorDetails, _model: type[Part]) -> Fault:
    limit = error["ctx"]["max_length"]
    message = f"`{location[-1]}` has more entries than the limit of {limit}"
    return Fault(location, "too-many", message, f"keep at most {limit}")


def _too_empty(location: Location, _error: ErrorDetails, _model: type[Part]) -> Fault:
    return Fault(location, "too-few", "the list is empty", "add an entry, or remove the field")


def _mistyped(location: Location, error: ErrorDetails, _model: type[Part]) -> Fault:
    wanted, hint = WANTED[error["type"]]
    return _typed_wrongly(location, error["input"], wanted, hint)


WORDING: Mapping[str, Callable[[Location, ErrorDetails, type[Part]], Fault]] = {
    "refused": _refused,
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _unlisted,
    "too_long": _overfull,
    "too_short": _too_empty,
}


def _typed_wrongly(location: Location, value: object, wanted: str, hint: str) -> Fault:
    if isinstance(value, Plain) and value in EMPTY:
        return _empty(location, wanted)
    return Fault(location, "wrong-type", f"expected {wanted}, found {_kind(value)}", hint)


def _empty(location: Location, wanted: str) -> Fault:
    return Fault(
        location, "empty-value", "it has no value", f"give it {wanted}, or remove the line"
    )


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "a text"
    return "a map" if isinstance(value, dict) else "a list"


def _part_at(model: type[Part], location: Location) -> type[Part]:
    """Return the part of the model that describes the object at a location."""
    part = model
    for step in location:
        if isinstance(step, str):
            part = part_below(part, step) or part
    return part
