"""Loading: strict YAML, every problem with its place, the repaired file."""

import pytest

from connectory.kernel.digest import digest_of
from connectory.manifest.errors import MOST_PROBLEMS, ManifestError, ManifestTooLargeError
from connectory.manifest.loader import MAX_BYTES, Loaded, load
from connectory.manifest.model import Manifest


def refused(text: str) -> ManifestError:
    with pytest.raises(ManifestError) as caught:
        load(text.encode())
    return caught.value


def places(error: ManifestError) -> list[tuple[str, str, int | None, int | None]]:
    return [(p.code, p.path, p.line, p.column) for p in error.problems]


def test_the_small_manifest_loads_with_warnings_only(brief: str) -> None:
    loaded = load(brief.encode())

    assert loaded.manifest.version == "1.2.0"
    assert {w.code for w in loaded.warnings} == {
        "no-inputs",
        "no-provision",
        "no-region",
        "reaches-nothing",
        "status-is-a-claim",
    }
    assert {w.severity for w in loaded.warnings} == {"warning"}


def test_the_full_manifest_loads_without_warnings(full: str) -> None:
    loaded = load(full.encode())

    assert loaded.warnings == ()


def test_raw_bytes_are_kept_with_their_digest(brief: str) -> None:
    raw = brief.encode()

    loaded = load(raw)

    assert loaded.raw is raw
    assert loaded.digest == digest_of(raw)


def test_short_forms_are_expanded_in_the_normal_form(brief: str) -> None:
    normal = load(brief.encode()).normal

    assert normal["secrets"] == [{"name": "crm_api_key", "required": True, "scopes": []}]
    assert normal["policies"] == {
        "data_retention": "30d",
        "allowed_regions": ["us-east-1", "us-west-2"],
    }
    assert normal["runtime"]["resources"] == {"cpu": 0.25, "memory": "256M"}


def test_the_normal_form_can_be_read_back(full: str) -> None:
    normal = load(full.encode()).normal

    assert Manifest.model_validate(normal).normal() == normal


def test_all_problems_are_reported_at_once_with_their_places(brief: str) -> None:
    text = brief.replace("1.2.0", "1.20").replace("0.25", "lots").replace("policies", "polices")

    error = refused(text)

    assert places(error) == [
        ("not-semver", "version", 3, 10),
        ("bad-cpu", "runtime.resources.cpu", 14, 10),
        ("unknown-field", "polices", 20, 1),
    ]
    assert error.facts["line"] == 3
    assert error.facts["problem"] == "not-semver"
    assert error.field == "version"
    assert error.message == (
        "manifest.yaml line 3: `1.20` is not a semantic version (and 2 more)"
    )


def test_one_problem_is_told_in_one_sentence(brief: str) -> None:
    error = refused(brief.replace("policies", "polices"))

    assert error.message == "manifest.yaml line 20: there is no field `polices` here"
    assert error.hint == "did you mean `policies`?"


def test_reading_goes_on_after_a_duplicate_key_and_a_tag(brief: str) -> None:
    text = brief.replace("name: CRM", "name: !!str CRM").replace("0.25", "lots")

    error = refused(text + "vetting_status: draft\n")

    assert [p.code for p in error.problems] == ["yaml-tag", "bad-cpu", "yaml-duplicate-key"]
    assert "`!!str`" in error.problems[0].message


def test_no_more_problems_are_listed_than_somebody_reads(brief: str) -> None:
    error = refused(brief + "".join(f"key{n}: 1\n" for n in range(500)))

    assert len(error.problems) == MOST_PROBLEMS


def test_a_missing_field_is_asked_for_where_it_belongs(brief: str) -> None:
    error = refused(brief.replace("  type: serverless\n", ""))

    assert places(error) == [("missing-field", "runtime.type", 10, 1)]
    assert error.hint == "add `type: …`: kind of runtime"


def test_a_file_that_lost_its_indentation_is_answered_with_the_repaired_one(
    flattened: str, brief: str
) -> None:
    error = refused(flattened)

    assert places(error) == [("indentation-lost", "runtime", 10, 1)]
    assert error.repaired == brief
    assert brief in error.problems[0].hint


def test_other_problems_of_a_flattened_file_are_told_too(flattened: str) -> None:
    error = refused(flattened.replace("256M", "much"))

    assert [(p.code, p.line) for p in error.problems] == [
        ("indentation-lost", 10),
        ("bad-memory", 15),
    ]


def test_comments_blank_lines_and_line_ends_survive_the_repair(
    flattened: str, brief: str
) -> None:
    with_comments = flattened.replace("provider", "# where\n\nprovider").replace("\n", "\r\n")

    repaired = refused(with_comments).repaired

    expected = brief.replace("  provider", "  # where\n\n  provider").replace("\n", "\r\n")
    assert repaired == expected


def test_fields_after_an_inner_part_go_back_to_the_outer_one(flattened: str) -> None:
    text = flattened.replace("provider: cloudrun\n", "")
    text = text.replace("memory: 256M\n", "memory: 256M\nprovider: cloudrun\n")

    repaired = refused(text).repaired

    assert "\n    memory: 256M\n  provider: cloudrun\nsecrets:" in repaired


def test_an_empty_part_without_stray_fields_is_just_empty(brief: str) -> None:
    start, end = brief.index("  type:"), brief.index("secrets:")

    error = refused(brief[:start] + brief[end:])

    assert places(error) == [("empty-value", "runtime", 10, 9)]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "- a\n", "just text"])
def test_the_top_of_the_file_is_a_map(text: str) -> None:
    error = refused(text)

    assert places(error) == [("not-a-map", "", 1, 1)]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("name: CRM: Slack\n", "quote a value that has `: ` in it"),
        ("a:\n\t- b\n", "indent with blanks, not tabs"),
        ("a: [b\n", "correct the line"),
        ("a: 'b\n", "close the quote or the bracket"),
    ],
)
def test_broken_yaml_is_explained(text: str, hint: str) -> None:
    error = refused(text)

    assert [p.code for p in error.problems] == ["yaml-syntax"]
    assert hint in error.hint


def test_a_list_is_no_key(brief: str) -> None:
    error = refused(brief + "? [a]\n: b\n")

    assert [p.code for p in error.problems] == ["yaml-key"]


def test_a_tag_directive_is_a_tag(brief: str) -> None:
    error = refused("%TAG ! tag:example.com,2027:\n---\n" + brief)

    assert [p.code for p in error.problems] == ["yaml-tag"]


def test_too_many_values_stop_the_reading(brief: str) -> None:
    error = refused(brief + f"x-list: [{'a,' * 25_000}]\n")

    assert [p.code for p in error.problems] == ["yaml-too-many-values"]


def test_the_largest_file_still_loads(brief: str) -> None:
    largest = brief.encode().ljust(MAX_BYTES, b"#")

    assert isinstance(load(largest), Loaded)
    with pytest.raises(ManifestTooLargeError) as caught:
        load(largest + b"#")
    assert caught.value.facts["limit"] == MAX_BYTES


def test_plain_scalars_stay_text_where_no_schema_asks_for_more(brief: str) -> None:
    loaded = load(
        (
            brief + "x-free: [1.20, no, 12:30:00, 0o17, 1e400, .nan, null, '1', {a: true}]\n"
        ).encode()
    )

    assert loaded.normal["x-free"] == [
        *("1.20", "no", "12:30:00", "0o17", "1e400", ".nan", "null", "1"),
        {"a": "true"},
    ]


def test_quotes_make_a_number_a_text(brief: str) -> None:
    error = refused(brief.replace("0.25", "'0.25'"))

    assert places(error) == [("bad-cpu", "runtime.resources.cpu", 14, 10)]


def test_extensions_are_free_at_every_level(brief: str) -> None:
    text = brief.replace("  provider:", "  x-note: {any: [thing]}\n  provider:")

    loaded = load(text.encode())

    assert loaded.manifest.runtime.extensions == {"x-note": {"any": ["thing"]}}
    assert loaded.normal["runtime"]["x-note"] == {"any": ["thing"]}
