"""Whatever the bytes are, the answer is a manifest or a refusal."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectory.manifest.errors import ManifestError, ManifestTooLargeError
from connectory.manifest.loader import Loaded, load
from connectory.manifest.model import Manifest

FULL = (Path(__file__).parent / "examples" / "full.yaml").read_bytes()

TOKENS = st.sampled_from(
    [
        *(": ", "- ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ",", "'", '"', "|\n", ">\n"),
        *(
            "&a ",
            "*a",
            "!!str ",
            "!x ",
            "<<: ",
            "? ",
            "---\n",
            "...\n",
            "%YAML 1.2\n",
            "#",
            "\t",
        ),
        *("id", "name", "runtime", "inputs", "schema", "type", "policies", "x-a", "null", "~"),
        *("1.20", "no", "\\u202e", "\x00", "\u2028", "\ufeff", "\U0001f600", "$ref", "default"),
    ]
)
YAML_LIKE = st.lists(TOKENS, max_size=60).map(lambda parts: "".join(parts).encode())


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good manifest with one piece replaced."""
    start = draw(st.integers(0, len(FULL)))
    length = draw(st.integers(0, 30))
    piece = draw(YAML_LIKE | st.binary(max_size=12))
    return FULL[:start] + piece + FULL[start + length :]


def answer(raw: bytes) -> Loaded | ManifestError | ManifestTooLargeError:
    try:
        return load(raw)
    except (ManifestError, ManifestTooLargeError) as error:
        return error


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200) | YAML_LIKE | damaged())
def test_any_bytes_get_an_answer(raw: bytes) -> None:
    given_answer = answer(raw)

    if isinstance(given_answer, Loaded):
        assert Manifest.model_validate(given_answer.normal).normal() == given_answer.normal
    else:
        assert given_answer.hint
        assert all(p.message and p.hint and p.line for p in given_answer.problems)
