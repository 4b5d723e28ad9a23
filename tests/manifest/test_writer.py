"""Writing manifests: what is written is read back as it was."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectory.manifest.loader import load, read
from connectory.manifest.model import Manifest
from connectory.manifest.nodes import Plain, value_of
from connectory.manifest.texts import JsonObject
from connectory.manifest.writer import scalar, written

EXAMPLES = Path(__file__).parent / "examples"
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"))
VALUES = st.recursive(
    TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=12
)


def back(document: JsonObject) -> object:
    return value_of(read(written(document, Manifest).encode()).root)


@settings(max_examples=150)
@given(st.dictionaries(TEXTS.filter(lambda key: key != "<<"), VALUES, min_size=1))
def test_everything_is_read_back_as_it_was_written(document: JsonObject) -> None:
    assert back(document) == document


@pytest.mark.parametrize("name", ["brief.yaml", "full.yaml"])
def test_a_manifest_means_the_same_when_it_is_written_again(name: str) -> None:
    raw = (EXAMPLES / name).read_bytes()
    document = value_of(read(raw).root)
    assert isinstance(document, dict)

    again = load(written(document, Manifest).encode())

    assert again.normal == load(raw).normal


def test_keys_come_in_the_order_of_the_model_at_every_depth() -> None:
    text = written({"runtime": {"provider": "local", "type": "local"}, "id": "a-b"}, Manifest)

    assert text == "id: a-b\nruntime:\n  type: local\n  provider: local\n"


def test_a_list_of_objects_and_a_long_text_stay_readable() -> None:
    document = {"triggers": [{"type": "webhook", "path": "/a"}], "x-note": "one\n\ntwo"}

    assert written(document, Manifest) == (
        "triggers:\n  - type: webhook\n    path: /a\nx-note: |-\n  one\n\n  two\n"
    )


@pytest.mark.parametrize(
    "text",
    ["no", "1.20", "12:30:00", "0x1F", "2027-01-31", "~", "", "#sales", "a: b", "- a", "*a"],
)
def test_text_that_readers_take_for_something_else_gets_quotes(text: str) -> None:
    assert scalar(text) == f'"{text}"'


@pytest.mark.parametrize("text", ["crm-to-slack", "1.2.0", "ana@example.com", "CRM -> Slack"])
def test_other_text_stays_plain(text: str) -> None:
    assert scalar(text) == text


def test_what_a_schema_may_read_as_a_number_stays_a_number() -> None:
    assert scalar(Plain("0.25")) == "0.25"
    assert scalar("0.25") == '"0.25"'
