"""What the strict JSON reader takes and refuses."""

import pytest

from connectory.kernel.strict_json import MOST_DEPTH, MOST_VALUES, JsonRefusedError, read


def test_ordinary_json_is_read_as_it_is() -> None:
    content = '{"a": [1, -2.5, true, null, "\\u00e9"], "b": {"a": 9223372036854775807}}'

    value = read(content.encode())

    assert value == {"a": [1, -2.5, True, None, "é"], "b": {"a": 2**63 - 1}}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"a": {"b": 1, "b": 2}}', "twice"),
        (b'{"a": 1,}', "line 1, column"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b"[" * 10_000, "levels deep"),
        (b"[" * (MOST_DEPTH + 1) + b"1" + b"]" * (MOST_DEPTH + 1), "levels deep"),
        (b"9" * 5_000, "bits"),
        (b"9223372036854775808", "bits"),
        (b"NaN", "not JSON"),
        (b"1e999", "too large"),
        (b"[" + b"1," * MOST_VALUES + b"1]", "values"),
        (b'["\\u0000"]', "NUL"),
    ],
)
def test_the_reason_of_a_refusal_is_said(content: bytes, why: str) -> None:
    with pytest.raises(JsonRefusedError, match=why):
        read(content)
