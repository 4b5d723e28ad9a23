"""What all JSON bodies of the API have in common: strict, and fit to be stored."""

import math

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from connectory.kernel.texts import is_storable

MOST_DEPTH = 32  # levels of lists and maps in each other
MOST_BITS = 63  # of a whole number


class Body(BaseModel):
    """A request body. Unknown fields are refused, and so is what not every database can hold.

    JSON as Python reads it has more than JSON: NaN, infinity, numbers without end. Texts may
    hold NUL or half a character. None of it could be stored and answered again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_what_cannot_be_kept(cls, sent: object) -> object:
        if fault := fault_of(sent):
            raise PydanticCustomError("unstorable", "{fault}", {"fault": fault})
        return sent


def fault_of(sent: object) -> str | None:
    """Say what in a value, however deep, cannot be kept; None when all of it can."""
    waiting = [(sent, 0)]
    while waiting:
        value, depth = waiting.pop()
        if fault := _own_fault(value, depth):
            return fault
        if isinstance(value, dict):
            waiting += [(part, depth + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]
    return None


def _own_fault(value: object, depth: int) -> str | None:
    if depth > MOST_DEPTH:
        return f"it is nested more than {MOST_DEPTH} levels deep"
    if isinstance(value, str) and not is_storable(value):
        return "a text has a NUL character or half a character"
    if isinstance(value, float) and not math.isfinite(value):
        return "a number is infinite or no number"
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return f"a whole number has more than {MOST_BITS} bits"
    return None
