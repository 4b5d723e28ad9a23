"""JSON from others, read strictly: what two readers would read differently is refused.

JSON as Python reads it keeps the last of two equal names and has more than JSON: NaN, infinity,
numbers without end. Texts may hold NUL or half a character. None of it could be stored and
answered again.
"""

import json
import math
from typing import ClassVar, NoReturn

from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.texts import is_storable

MOST_DEPTH = 32  # levels of lists and maps in each other
MOST_BITS = 63  # of a whole number
MOST_DIGITS = 400  # of a number as it is written
MOST_VALUES = 50_000  # names, texts, numbers, lists and maps


class JsonRefusedError(ConnectoryError):
    """A JSON body is broken, ambiguous, or has what cannot be kept."""

    kind: ClassVar[Kind] = Kind.MALFORMED
    code: ClassVar[str] = "json-refused"

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"the JSON cannot be taken: {fault}",
            hint="send one JSON value in UTF-8, each name once in its object",
        )


def read(content: bytes) -> object:
    """Return the value of a JSON text.

    Raises:
        JsonRefusedError: If it is no JSON, names a field twice, is nested too deep, or has a
            text, a number or an amount of them that cannot be kept.
    """
    try:
        value: object = json.loads(
            content.decode(),
            object_pairs_hook=_once,
            parse_constant=_refused,
            parse_int=_integer,
        )
    except UnicodeDecodeError:
        raise JsonRefusedError("it is not UTF-8") from None
    except json.JSONDecodeError as broken:
        raise JsonRefusedError(
            f"{broken.msg.lower()} at line {broken.lineno}, column {broken.colno}"
        ) from None
    except RecursionError:
        raise JsonRefusedError(_DEEP) from None
    _check(value)
    return value


_DEEP = f"it is nested more than {MOST_DEPTH} levels deep"
_LONG = f"a whole number has more than {MOST_BITS} bits"


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    known: dict[str, object] = {}
    for name, value in pairs:
        if name in known:
            raise JsonRefusedError(f"an object has the name {name[:60]!a} twice")
        known[name] = value
    return known


def _refused(constant: str) -> NoReturn:
    raise JsonRefusedError(f"{constant} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise JsonRefusedError(_LONG)
    return int(digits)


def _check(whole: object) -> None:
    waiting, count = [(whole, 0)], 0
    while waiting:
        value, depth = waiting.pop()
        count += 1
        if count > MOST_VALUES:
            raise JsonRefusedError(f"it has more than {MOST_VALUES:,} values")
        if fault := _fault(value, depth):
            raise JsonRefusedError(fault)
        if isinstance(value, dict):
            waiting += [(part, depth + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]


def _fault(value: object, depth: int) -> str | None:
    if depth > MOST_DEPTH:
        return _DEEP
    if isinstance(value, str) and not is_storable(value):
        return "a text has a NUL character or half a character"
    if isinstance(value, float) and not math.isfinite(value):
        return "a number is too large"
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return _LONG
    return None
