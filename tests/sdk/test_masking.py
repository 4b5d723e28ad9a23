import base64
import pickle
from urllib.parse import quote, quote_plus

import pytest

from connectory_sdk import Secret
from connectory_sdk.masking import Masker

VALUE = "xoxb-1/2+3 é~?>\\"
RAW = VALUE.encode()


@pytest.mark.parametrize(
    "leak",
    [
        VALUE,
        quote(VALUE, safe=""),
        quote_plus(VALUE),
        base64.b64encode(RAW).decode(),
        base64.urlsafe_b64encode(RAW).decode(),
        base64.b64encode(b"user:" + RAW).decode(),
        base64.b64encode(b"users:" + RAW + b"!").decode(),
        RAW.hex(),
        RAW.hex().upper(),
    ],
)
def test_a_known_value_is_masked_in_each_form(leak: str) -> None:
    masker = Masker()
    masker.learn(VALUE)

    cleaned = masker.clean(f"before {leak} after")

    assert "***" in cleaned
    assert leak not in cleaned
    assert leak[6:-4] not in cleaned


def test_text_without_known_values_stays_as_it_is() -> None:
    masker = Masker()
    masker.learn("")
    masker.learn("secret-value")

    assert masker.clean("nothing here") == "nothing here"


def test_a_value_inside_another_does_not_leave_the_rest() -> None:
    masker = Masker()
    masker.learn("abcd")
    masker.learn("abcdefgh")

    assert masker.clean("abcdefgh") == "***"


def test_values_inside_json_are_masked_and_everything_becomes_json() -> None:
    masker = Masker()
    masker.learn("secret-value")

    cleaned = masker.clean_json(
        {"a secret-value": ["secret-value", 1, None, True], "n": float("nan"), "o": {1: 0.5}}
    )

    assert cleaned == {"a ***": ["***", 1, None, True], "n": "nan", "o": {"1": 0.5}}


def test_a_long_text_is_cut() -> None:
    assert Masker().clean_json("x" * 20, longest=5) == "xxxxx…"


def test_a_secret_hides_its_value_everywhere_but_in_reveal() -> None:
    hidden = Secret("value")

    assert f"{hidden} {hidden!r} {hidden:>9}" == "*** Secret(***) ***"
    assert hidden.reveal() == "value"
    assert hidden == Secret("value")
    assert len({hidden, Secret("value")}) == 1
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(hidden)
