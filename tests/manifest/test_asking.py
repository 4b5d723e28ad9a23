"""Questions made of the schema, and answers made into a manifest."""

from pathlib import Path

from connectory.manifest.asking import Question, answered, entries_of, questions, shown
from connectory.manifest.loader import load, read
from connectory.manifest.model import Manifest
from connectory.manifest.nodes import Plain, value_of
from connectory.manifest.parts import keys_of
from connectory.manifest.texts import JsonObject
from connectory.manifest.writer import written

FULL = (Path(__file__).parent / "examples/full.yaml").read_bytes()


def entries(
    asked: tuple[Question, ...], values: JsonObject, prefix: str = ""
) -> dict[str, str]:
    """Return what the controls hold when a form shows these values."""
    found: dict[str, str] = {}
    for one in asked:
        name, value = prefix + one.key, values.get(one.key)
        if one.kind == "list":
            for number, entry in enumerate(entries_of(one, value)):
                found |= entries(one.parts, entry, f"{name}.{number}.")
        elif one.kind == "part":
            found |= entries(one.parts, value if isinstance(value, dict) else {}, f"{name}.")
        else:
            found[name] = shown(one, value)
    return found


def test_there_is_a_question_for_each_field_of_the_model() -> None:
    assert list(questions()) == list(keys_of(Manifest))


def test_a_form_that_is_sent_as_it_was_shown_changes_nothing() -> None:
    asked = tuple(one for one in questions().values() if one.key != "policies")
    document = value_of(read(FULL).root)
    assert isinstance(document, dict)

    again = answered(asked, entries(asked, document), {"policies": document["policies"]})

    assert load(written(again, Manifest).encode()).normal == load(FULL).normal


def test_kinds_and_choices_come_from_the_schema() -> None:
    runtime = {part.key: part for part in questions()["runtime"].parts}

    assert (runtime["type"].kind, runtime["type"].required) == ("choice", True)
    assert "serverless" in runtime["type"].choices
    assert runtime["concurrency"].kind == "number"
    assert questions()["tags"].kind == "lines"
    assert questions()["policies"].kind == "part"


def test_an_emptied_control_takes_its_field_away_and_others_stay() -> None:
    before: JsonObject = {"name": "Leads", "kind": "alert", "x-note": "kept"}

    after = answered((questions()["name"], questions()["kind"]), {"name": " Sales "}, before)

    assert after == {"name": "Sales", "x-note": "kept"}


def test_an_entry_of_a_list_keeps_what_was_not_asked_when_another_goes() -> None:
    before: JsonObject = {"inputs": ["first", {"name": "second", "x-note": "kept"}]}

    after = answered((questions()["inputs"],), {"inputs.1.name": "second"}, before)

    assert after == {"inputs": [{"name": "second", "x-note": "kept"}]}


def test_only_what_a_schema_may_read_as_something_else_is_plain() -> None:
    entered = {"inputs.0.name": "days", "inputs.0.default": "5", "inputs.0.required": "false"}

    [entry] = answered((questions()["inputs"],), entered, {})["inputs"]

    assert isinstance(entry["default"], Plain)
    assert isinstance(entry["required"], Plain)
    assert not isinstance(entry["name"], Plain)


def test_an_object_that_cannot_be_read_stays_text_for_the_check_to_refuse() -> None:
    entered = {"inputs.0.name": "days", "inputs.0.schema": "{type: integer"}

    [entry] = answered((questions()["inputs"],), entered, {})["inputs"]

    assert entry["schema"] == "{type: integer"
