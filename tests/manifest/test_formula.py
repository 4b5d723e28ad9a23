"""Formulas: arithmetic and nothing else."""

from decimal import Decimal

import pytest

from connectory.manifest.formula import LONGEST, inputs_of, is_formula, value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30000", "30000"),
        ("2 + 3 * 4", "14"),
        ("(2 + 3) * 4 - 1.5", "18.5"),
        ("inputs.leads * 30", "60"),
        ("inputs.absent + 1", "1"),
        (" 1 ", "1"),
    ],
)
def test_a_formula_is_computed(text: str, value: str) -> None:
    assert value_of(text, {"leads": Decimal(2)}) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "1 +",
            "* 2",
            "(1",
            "1)",
            "()",
            "1 2",
            "a",
            "input.a",
            "inputs.",
            "inputs.A",
        ),
        *("1 / 2", "2 ** 3", "1e5", "-1", "inputs.a.b", "f(1)", "'a'", "1;2", "1 + '"),
        *("(" * 11 + "1" + ")" * 11, "1+" * LONGEST + "1"),
    ],
)
def test_everything_else_is_no_formula(text: str) -> None:
    assert not is_formula(text)


def test_the_inputs_of_a_formula_are_found_once_each() -> None:
    assert inputs_of("inputs.b * 2 + inputs.a * inputs.b") == ("b", "a")
