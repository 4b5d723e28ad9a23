"""Questions for people who do not write YAML: the JSON Schema of manifests as a form.

Each question has the description, the choices and the limits that the schema has, so there is
one definition of a field. Names of controls are paths with dots: `secrets.0.provision.path`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from connectory.kernel.errors import ConnectoryError
from connectory.manifest import loader
from connectory.manifest.nodes import Plain, value_of
from connectory.manifest.schema import schema
from connectory.manifest.texts import JsonObject
from connectory.manifest.writer import in_line, written

Kind = Literal[
    "text", "long", "number", "truth", "choice", "lines", "free", "open", "part", "list"
]
LONG = 300  # characters; a text that may be as long gets several lines
MOST_ENTRIES = 50
PROSE = r"[\s\S]*"  # how the patterns of texts with several lines begin


@dataclass(frozen=True, slots=True)
class Question:
    """One field of the manifest as a form asks for it.

    `parts` are the fields of an object (kind `part`) or of each entry (kind `list`). Of kind
    `open` are values whose type the schema leaves open, of kind `free` objects of any keys.
    """

    key: str
    kind: Kind
    description: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    default: str = ""  # what holds when there is no answer
    pattern: str = ""
    parts: "tuple[Question, ...]" = ()

    @property
    def title(self) -> str:
        """The key in words: `owner_oncall` -> `Owner oncall`."""
        words = self.key.replace("_", " ")
        return words[:1].upper() + words[1:]


@cache
def questions() -> Mapping[str, Question]:
    """Return a question for each field at the top of a manifest, in the order of the model."""
    whole = schema()
    required = frozenset(whole["required"])
    found = {
        key: _question(key, body, whole["$defs"], required=key in required)
        for key, body in whole["properties"].items()
    }
    return MappingProxyType(found)


def answered(
    asked: Iterable[Question], entered: Mapping[str, str], before: JsonObject, prefix: str = ""
) -> JsonObject:
    """Return an object with what was entered; fields that were not asked stay as before.

    An emptied control takes its field away. Nothing is refused here: the loader does that.
    """
    asked = tuple(asked)
    known = {one.key for one in asked}
    values = {one.key: _answer(one, entered, before.get(one.key), prefix) for one in asked}
    kept = {key: value for key, value in before.items() if key not in known}
    return kept | {key: value for key, value in values.items() if value is not None}


def shown(question: Question, value: object) -> str:
    """Return what the control of a question holds for a value."""
    if value is None:
        return ""
    if question.kind == "free" and isinstance(value, dict):
        return written(value).rstrip("\n")
    if question.kind == "lines" and isinstance(value, list):
        return "\n".join(map(_text, value))
    return _text(value)


def entries_of(question: Question, value: object) -> list[JsonObject]:
    """Return the entries of a list as objects: the short form is its first required field."""
    short = next((part.key for part in question.parts if part.required), "")
    given = value if isinstance(value, list) else []
    return [each if isinstance(each, dict) else {short: each} for each in given]


def object_of(question: Question, value: object) -> JsonObject:
    """Return an object that may be absent, in its short form or a list of one-key maps."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        pairs = (each for each in value if isinstance(each, dict))
        return {key: inner for each in pairs for key, inner in each.items()}
    return entries_of(question, [value])[0] if value else {}


def _question(
    key: str, body: JsonObject, known: Mapping[str, JsonObject], *, required: bool
) -> Question:
    facts = _resolved(body, known)
    kind, inner = _kind(facts, known)
    wanted = frozenset(inner.get("required", ()))
    default = body.get("default")
    return Question(
        key=key,
        kind=kind,
        description=str(body.get("description") or facts.get("description") or ""),
        required=required,
        choices=tuple(map(str, facts.get("enum", ()))),
        default="" if default in (None, []) else _text(default),
        pattern=str(facts.get("pattern", "")),
        parts=tuple(
            _question(name, one, known, required=name in wanted)
            for name, one in inner.get("properties", {}).items()
        ),
    )


def _kind(facts: JsonObject, known: Mapping[str, JsonObject]) -> tuple[Kind, JsonObject]:
    """Return the kind of control for a schema, and the schema of what is inside it."""
    if "properties" in facts:
        return "part", facts
    if facts.get("type") == "array":
        entry = _resolved(facts["items"], known)
        return ("list", entry) if "properties" in entry else ("lines", {})
    return _simple_kind(facts), {}


def _simple_kind(facts: JsonObject) -> Kind:
    if "enum" in facts:
        return "choice"
    if facts.get("type") == "object":
        return "free"
    if facts.get("type") == "string":
        is_long = facts.get("maxLength", 0) >= LONG and PROSE in facts.get("pattern", "")
        return "long" if is_long else "text"
    kinds: dict[object, Kind] = {"boolean": "truth", "integer": "number"}
    return kinds.get(facts.get("type"), "open")


def _resolved(body: JsonObject, known: Mapping[str, JsonObject]) -> JsonObject:
    """Follow a reference; of several forms take the object, which says the most."""
    if "$ref" in body:
        return known[body["$ref"].rpartition("/")[2]]
    forms = [_resolved(form, known) for form in body.get("anyOf", ())]
    return next((form for form in forms if "properties" in form), body)


def _answer(
    question: Question, entered: Mapping[str, str], before: object, prefix: str
) -> object:
    name = prefix + question.key
    if question.kind == "part":
        value = answered(
            question.parts, entered, object_of(question, before), prefix=f"{name}."
        )
        return value or ({} if question.required else None)
    if question.kind == "list":
        return list(_entries(question, entered, before, name)) or None
    text = entered.get(name, "").replace("\r\n", "\n").strip()
    return _value(question, text) if text else None


def _entries(
    question: Question, entered: Mapping[str, str], before: object, name: str
) -> Iterator[JsonObject]:
    """Give the entries that were entered, in the order of their numbers; empty ones not."""
    pattern = re.compile(re.escape(name) + r"\.([0-9]{1,4})\.")
    numbers = {int(found[1]) for each in entered if (found := pattern.match(each))}
    old = entries_of(question, before)
    for number in sorted(numbers)[:MOST_ENTRIES]:
        base = old[number] if number < len(old) else {}
        value = answered(question.parts, entered, base, prefix=f"{name}.{number}.")
        if value:
            yield value


def _value(question: Question, text: str) -> object:
    match question.kind:
        case "lines":
            return [line.strip() for line in text.split("\n") if line.strip()]
        case "free":
            return _free(text)
        case "number" | "truth" | "open":
            return _free(text) if text[0] in "{[" else Plain(text)
    return text


def _free(text: str) -> object:
    """Read a list or an object that was written as YAML; what cannot be read stays text."""
    lines = "".join(f"  {line}\n" for line in text.split("\n"))
    try:
        root = loader.read(f"value:\n{lines}".encode()).root
    except ConnectoryError:
        return text
    _, value = root.nodes["value"]
    return value_of(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else in_line(value)
