"""JSON Schema inside a manifest: read from text, limited, checked.

In the file every scalar is text. JSON Schema says itself which of its keywords are numbers,
truth values or schemas, and `type` says what `default`, `const` and `enum` are, so nothing has
to be guessed: `default: 1.20` is a text for `type: string` and a number for `type: number`.
What does not fit stays text, and then the check says so.
"""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Annotated, Any

import jsonschema_rs
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from connectory.manifest.errors import MOST_PROBLEMS
from connectory.manifest.nodes import Location, Plain
from connectory.manifest.suggest import nearest
from connectory.manifest.texts import Free, JsonObject, json_number, number_of, shown

COUNTS = frozenset(
    [
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
        "minContains",
        "maxContains",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    ]
)
CLAIMS = frozenset(["uniqueItems", "deprecated", "readOnly", "writeOnly"])
VALUES = frozenset(["const", "default"])
VALUE_LISTS = frozenset(["enum", "examples"])
SCHEMAS = frozenset(
    ["items", "contains", "not", "if", "then", "else", "propertyNames", "additionalProperties"]
)
SCHEMA_LISTS = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
SCHEMA_MAPS = frozenset(["properties", "patternProperties", "dependentSchemas", "$defs"])
TEXTS = frozenset(
    ["type", "title", "description", "format", "pattern", "required", "$ref", "$comment"]
)
KEYWORDS = COUNTS | CLAIMS | VALUES | VALUE_LISTS | SCHEMAS | SCHEMA_LISTS | SCHEMA_MAPS | TEXTS
MOST_PATTERNS = 20
# This engine matches in linear time whatever the pattern; the limit is for compiling it.
REGEX = jsonschema_rs.RegexOptions(size_limit=65_536)
RULES = jsonschema_rs.Draft202012Validator(
    {"$ref": "https://json-schema.org/draft/2020-12/schema"}, offline=True
)

Finding = tuple[Location, str, str, str]
"""Where, code, message, hint."""


def typed(value: object, schema: object) -> object:
    """Read a value from text as its JSON Schema asks; what does not fit stays as it is."""
    kinds = _kinds(schema)
    match value:
        case Plain():
            return _scalar(value, kinds)
        case list():
            items = schema.get("items") if isinstance(schema, dict) else None
            return [typed(item, items) for item in value]
        case dict():
            parts = schema.get("properties") if isinstance(schema, dict) else None
            known = parts if isinstance(parts, dict) else {}
            return {key: typed(each, known.get(key)) for key, each in value.items()}
    return Free.read(value)


def from_text(text: str, schema: object) -> object:
    """Read a value that a person typed, on a command line or in a form."""
    return typed(Plain(text), schema)


def _kinds(schema: object) -> tuple[str, ...]:
    kinds = schema.get("type") if isinstance(schema, dict) else None
    if isinstance(kinds, str):
        return (kinds,)
    return tuple(kind for kind in kinds if isinstance(kind, str)) if kinds else ()


def _scalar(value: Plain, kinds: tuple[str, ...]) -> object:
    number = number_of(value)
    if number is not None and ("number" in kinds or "integer" in kinds):
        as_json = json_number(number)
        return as_json if "number" in kinds or isinstance(as_json, int) else str(value)
    if "boolean" in kinds and value in {"true", "false"}:
        return value == "true"
    if "null" in kinds and value in {"null", "~", ""}:
        return None
    return str(value)


def typed_schema(schema: object) -> object:
    """Read a JSON Schema from text: numbers, truth values and nested schemas by keyword."""
    if isinstance(schema, Plain) and schema in {"true", "false"}:
        return schema == "true"
    if not isinstance(schema, dict):
        return Free.read(schema)
    return {str(key): _keyword(key, value, schema) for key, value in schema.items()}


def _keyword(key: str, value: object, schema: JsonObject) -> object:
    for keys, shape, read in READERS:
        if key in keys and isinstance(value, shape):
            return read(value, schema)
    return Free.read(value)


def _schema_map(value: JsonObject) -> JsonObject:
    return {str(name): typed_schema(each) for name, each in value.items()}


# Keywords, the shape that their value must have, how it is read.
READERS: tuple[tuple[frozenset[str], type, Callable[[Any, JsonObject], object]], ...] = (
    (COUNTS, object, lambda value, _: typed(value, {"type": "number"})),
    (CLAIMS, object, lambda value, _: typed(value, {"type": "boolean"})),
    (VALUES, object, typed),
    (VALUE_LISTS, list, lambda value, schema: [typed(each, schema) for each in value]),
    (SCHEMAS, object, lambda value, _: typed_schema(value)),
    (SCHEMA_LISTS, list, lambda value, _: [typed_schema(each) for each in value]),
    (SCHEMA_MAPS, dict, lambda value, _: _schema_map(value)),
)


class _SchemaText:
    """A field that holds a JSON Schema."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            typed_schema, core_schema.dict_schema()
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "object",
            "propertyNames": {"anyOf": [{"enum": sorted(KEYWORDS)}, {"pattern": "^x-"}]},
        }


JsonSchema = Annotated[JsonObject, _SchemaText()]


def findings(schema: JsonObject) -> Iterator[Finding]:
    """Say everything that is wrong with the schema of one input or output."""
    found = False
    for finding in (*_invalid(schema), *_beyond_limits(schema)):
        found = True
        yield finding
    if not found:
        yield from _uncompilable(schema)


def validator(schema: JsonObject) -> jsonschema_rs.Draft202012Validator:
    """Compile a schema whose patterns run in linear time and whose formats are checked.

    Many inputs have the same few schemas, so some are kept.
    """
    return _compiled(json.dumps(schema))


@lru_cache(maxsize=500)
def _compiled(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        json.loads(schema), pattern_options=REGEX, validate_formats=True, offline=True
    )


def _invalid(schema: JsonObject) -> Iterator[Finding]:
    for error in islice(RULES.iter_errors(schema), MOST_PROBLEMS):
        at = tuple(error.instance_path)
        yield at, "bad-schema", _sentence(error.message), "see JSON Schema 2020-12"


def _uncompilable(schema: JsonObject) -> Iterator[Finding]:
    try:
        validator(schema)
    except jsonschema_rs.ValidationError as error:
        at = tuple(error.instance_path)
        yield at, "bad-schema", _sentence(error.message), "simplify the pattern or reference"


def _sentence(message: str) -> str:
    return message[:200]


def _beyond_limits(schema: JsonObject) -> Iterator[Finding]:
    """Find unknown keywords, references elsewhere or in circles, too many patterns."""
    parts = list(_walk(schema, (), inside_definition=False))
    patterns = sum(("pattern" in part) + _key_patterns(part) for _, part, _ in parts)
    if patterns > MOST_PATTERNS:
        message = f"{patterns} patterns and the limit is {MOST_PATTERNS}"
        yield (), "too-many", message, f"keep at most {MOST_PATTERNS}"
    for at, part, inside_definition in parts:
        strange = (key for key in part if key not in KEYWORDS and not key.startswith("x-"))
        for key in islice(strange, MOST_PROBLEMS):
            message = f"JSON Schema has no keyword {shown(key)}"
            yield (*at, key), "unknown-field", message, _meant(key)
        if "$ref" in part:
            yield from _reference(part["$ref"], at, inside_definition=inside_definition)


def _key_patterns(part: JsonObject) -> int:
    keys = part.get("patternProperties")
    return len(keys) if isinstance(keys, dict) else 0


def _walk(
    value: object, at: Location, *, inside_definition: bool
) -> Iterator[tuple[Location, JsonObject, bool]]:
    """Return a schema and all schemas in it; the flag says whether `$defs` is around it."""
    if not isinstance(value, dict):
        return
    yield at, value, inside_definition
    for key, each in value.items():
        inside = inside_definition or key == "$defs"
        for step, nested in _nested(key, each):
            yield from _walk(nested, (*at, key, *step), inside_definition=inside)


def _nested(key: str, value: object) -> Iterator[tuple[Location, object]]:
    if key in SCHEMAS:
        yield (), value
    elif key in SCHEMA_LISTS and isinstance(value, list):
        yield from (((n,), each) for n, each in enumerate(value))
    elif key in SCHEMA_MAPS and isinstance(value, dict):
        yield from (((name,), each) for name, each in value.items())


def _reference(value: object, at: Location, *, inside_definition: bool) -> Iterator[Finding]:
    here = (*at, "$ref")
    if not (isinstance(value, str) and value.startswith("#/$defs/")):
        yield here, "bad-reference", "`$ref` leads out of this schema", "use `#/$defs/<name>`"
    elif inside_definition:
        hint = "write the inner schema in place"
        yield here, "bad-reference", "`$defs` refers to `$defs`", hint


def _meant(key: str) -> str:
    close = nearest(key, KEYWORDS)
    return f"did you mean `{close}`?" if close else "remove it, or name it `x-…`"
