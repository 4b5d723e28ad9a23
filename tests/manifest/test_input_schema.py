"""JSON Schema inside a manifest: what text becomes, what is refused."""

import pytest

from connectory.manifest.errors import ManifestError
from connectory.manifest.input_schema import from_text, typed_schema
from connectory.manifest.loader import load
from connectory.manifest.nodes import Plain


def with_input(brief: str, declared: str) -> bytes:
    return f"{brief}inputs: [{{name: count, {declared}}}]\n".encode()


def problems_of(brief: str, declared: str) -> list[tuple[str, str]]:
    with pytest.raises(ManifestError) as caught:
        load(with_input(brief, declared))
    return [(p.code, p.path) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1.20", "string", "1.20"),
        ("1.20", "number", 1.2),
        ("12", "number", 12),
        ("12", "integer", 12),
        ("1.5", "integer", "1.5"),
        ("1e99", "number", "1e99"),
        ("true", "boolean", True),
        ("no", "boolean", "no"),
        ("null", "null", None),
        ("null", "string", "null"),
        ("7", None, "7"),
    ],
)
def test_text_becomes_what_the_type_asks_for(
    text: str, kind: str | None, value: object
) -> None:
    schema = {"type": kind} if kind else {}

    assert from_text(text, schema) == value


def test_a_list_of_types_takes_the_first_that_fits() -> None:
    schema = {"type": ["integer", "null", 7]}

    assert from_text("5", schema) == 5
    assert from_text("~", schema) is None
    assert from_text("five", schema) == "five"


def test_values_inside_lists_and_maps_are_read_by_their_own_schema(brief: str) -> None:
    declared = (
        "schema: {type: object, properties: {n: {type: array, items: {type: integer}}}}, "
        "default: {n: [1, 2], other: 3}"
    )

    manifest = load(with_input(brief, declared)).manifest

    assert manifest.inputs[0].default == {"n": [1, 2], "other": "3"}


def test_keywords_say_themselves_what_they_are() -> None:
    one = Plain("1")
    written = {
        "type": "integer",
        "minimum": one,
        "enum": [one, Plain("2")],
        "const": one,
        "uniqueItems": Plain("true"),
        "items": {"minLength": one},
        "additionalProperties": Plain("false"),
        "allOf": [{"maximum": one}],
        "properties": {"a": {"maxLength": one}},
        "title": one,
        "x-order": one,
    }

    assert typed_schema(written) == {
        "type": "integer",
        "minimum": 1,
        "enum": [1, 2],
        "const": 1,
        "uniqueItems": True,
        "items": {"minLength": 1},
        "additionalProperties": False,
        "allOf": [{"maximum": 1}],
        "properties": {"a": {"maxLength": 1}},
        "title": "1",
        "x-order": "1",
    }


@pytest.mark.parametrize(
    ("schema", "code", "path"),
    [
        ("{minLenght: 3}", "unknown-field", ".minLenght"),
        ("{zzz: 3}", "unknown-field", ".zzz"),
        ("{type: strin}", "bad-schema", ".type"),
        ("{minimum: x}", "bad-schema", ".minimum"),
        ("{pattern: '('}", "bad-schema", ".pattern"),
        ("{pattern: '(?=a)'}", "bad-schema", ".pattern"),
        ("{pattern: '((a{99}){99}){99}'}", "bad-schema", ".pattern"),
        ("{$ref: 'https://example.com/s'}", "bad-reference", ".$ref"),
        ("{$ref: '#'}", "bad-reference", ".$ref"),
        ("{$ref: '#/$defs/a'}", "bad-schema", ""),
        ("{$defs: {a: {$ref: '#/$defs/a'}}}", "bad-reference", ".$defs.a.$ref"),
        ("{anyOf: [{items: {nope: 1}}]}", "unknown-field", ".anyOf[0].items.nope"),
        ("{additionalProperties: false, items: text}", "bad-schema", ".items"),
        ("{anyOf: x, properties: y, patternProperties: z}", "bad-schema", ".anyOf"),
    ],
)
def test_a_schema_that_is_not_sound_is_refused(
    brief: str, schema: str, code: str, path: str
) -> None:
    found = problems_of(brief, f"schema: {schema}")

    assert (code, f"inputs[0].schema{path}") in found


def test_a_schema_has_a_limited_number_of_patterns(brief: str) -> None:
    many = ", ".join(f"{{pattern: a{n}, patternProperties: {{b: {{}}}}}}" for n in range(11))

    assert problems_of(brief, f"schema: {{allOf: [{many}]}}") == [
        ("too-many", "inputs[0].schema")
    ]


def test_a_reference_to_a_definition_of_the_same_schema_works(brief: str) -> None:
    declared = "schema: {$ref: '#/$defs/a', $defs: {a: {type: string}}}, default: b"

    assert load(with_input(brief, declared)).manifest.inputs[0].default == "b"


@pytest.mark.parametrize("field", ["default", "example"])
def test_a_value_that_its_own_schema_refuses_is_refused(brief: str, field: str) -> None:
    found = problems_of(brief, f"schema: {{type: integer}}, {field}: many")

    assert found == [("schema-mismatch", f"inputs[0].{field}")]


def test_a_schema_is_a_map(brief: str) -> None:
    assert problems_of(brief, "schema: text") == [("wrong-type", "inputs[0].schema")]


def test_examples_are_read_as_their_inputs_ask(brief: str) -> None:
    text = (
        with_input(brief, "schema: {type: integer}")
        + b"examples: [{title: a, inputs: {count: 3}}]\n"
    )

    assert load(text).manifest.examples[0].inputs == {"count": 3}


def test_an_example_of_an_input_with_a_broken_schema_is_not_checked(brief: str) -> None:
    text = (
        with_input(brief, "schema: {nope: 1}") + b"examples: [{title: a, inputs: {count: 3}}]\n"
    )

    with pytest.raises(ManifestError) as caught:
        load(text)

    assert [p.code for p in caught.value.problems] == ["unknown-field"]


@pytest.mark.parametrize("examples", ["text", "[text]", "[{title: a, inputs: text}]"])
def test_odd_examples_are_refused_and_not_stumbled_over(brief: str, examples: str) -> None:
    text = with_input(brief, "title: a") + f"examples: {examples}\n".encode()

    with pytest.raises(ManifestError) as caught:
        load(text)

    assert [p.code for p in caught.value.problems] == ["wrong-type"]


def test_the_schema_of_an_output_is_checked_too(brief: str) -> None:
    text = brief.replace("  - slack_channel", "  - {name: a, schema: {nope: 1}}")

    with pytest.raises(ManifestError) as caught:
        load(text.encode())

    assert caught.value.field == "outputs[0].schema.nope"
