"""Sums and products over inputs, for usage that depends on settings.

    formula = product (("+" | "-") product)*
    product = atom ("*" atom)*
    atom    = number | "inputs." name | "(" formula ")"

This is arithmetic and nothing else: there are no calls, no division, no powers and no text, so
a manifest cannot carry code and computing one takes no longer than reading it.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

LONGEST = 200
DEEPEST = 10
ALPHABET = r"^[A-Za-z0-9_.+*() -]+$"

_INPUT = r"inputs\.([a-z][a-z0-9_]*)"
_TOKEN = re.compile(rf"\s*(?:[0-9]{{1,12}}(?:\.[0-9]{{1,6}})?|{_INPUT}|[-+*()])")


def is_formula(text: str) -> bool:
    """Whether the text follows the grammar and is at most `LONGEST` characters long."""
    try:
        value_of(text, {})
    except ValueError:
        return False
    return True


def inputs_of(text: str) -> tuple[str, ...]:
    """Return the names of the inputs that a formula uses, each once, in order."""
    return tuple(dict.fromkeys(re.findall(_INPUT, text)))


def value_of(text: str, inputs: Mapping[str, Decimal]) -> Decimal:
    """Compute a formula.

    Args:
        text: The formula.
        inputs: Values by name. A missing one counts as zero, so the estimate is a lower bound.

    Raises:
        ValueError: If the text does not follow the grammar. A manifest that has been loaded has
            none of these.
    """
    reader = _Reader(_tokens(text), inputs)
    value = reader.formula(depth=0)
    reader.expect("")
    return value


def _tokens(text: str) -> list[str]:
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise ValueError(f"unexpected text at character {at + 1}")
        tokens.append(found.group().strip())
        at = found.end()
    return [*tokens, ""]


class _Reader:
    """A recursive-descent reader that computes as it goes."""

    def __init__(self, tokens: list[str], inputs: Mapping[str, Decimal]) -> None:
        self._tokens = tokens
        self._inputs = inputs
        self._at = 0

    def formula(self, *, depth: int) -> Decimal:
        if depth > DEEPEST:
            raise ValueError(f"more than {DEEPEST} brackets deep")
        value = self._product(depth)
        while self._next in {"+", "-"}:
            sign = self._take()
            term = self._product(depth)
            value = value + term if sign == "+" else value - term
        return value

    def expect(self, sign: str) -> None:
        if self._take() != sign:
            raise ValueError(f"expected {sign or 'the end'}")

    def _product(self, depth: int) -> Decimal:
        value = self._atom(depth)
        while self._next == "*":
            self._take()
            value *= self._atom(depth)
        return value

    def _atom(self, depth: int) -> Decimal:
        word = self._take()
        if word == "(":
            value = self.formula(depth=depth + 1)
            self.expect(")")
            return value
        if word.startswith("inputs."):
            return self._inputs.get(word.removeprefix("inputs."), Decimal(0))
        if word[:1].isdigit():
            return Decimal(word)
        raise ValueError(f"expected a number, an input or a bracket instead of {word!r}")

    @property
    def _next(self) -> str:
        return self._tokens[self._at]

    def _take(self) -> str:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token
