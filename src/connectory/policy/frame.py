"""Where the reading of a rule stands, and what it makes of look-ups and functions."""

from dataclasses import dataclass, field, replace
from itertools import product

from connectory.policy import values
from connectory.policy.functions import LISTS, SETS, WHOLE
from connectory.policy.syntax import Rule
from connectory.policy.values import (
    ANY,
    At,
    Key,
    Literal,
    Made,
    Many,
    Maybe,
    Parts,
    Path,
    Value,
)

MOST_WAYS = 64
GOT = ("object", "key", "default")
UNSURE, POSITIVE, NEGATIVE = 0, 1, -1
"""Whether an undefined value keeps a rule silent, or lets it speak: `not` turns that round."""


@dataclass(slots=True)
class Found:
    """The paths that were read so far, and why others were lost sight of.

    `is_touching` says that some of the input is looked at, even if it need not be there.
    """

    reads: set[Path] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    is_touching: bool = False

    def add(self, other: "Found") -> None:
        """Take over what a helper reads."""
        self.reads |= other.reads
        self.lost |= other.lost
        self.is_touching |= other.is_touching


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a node stands. A name without a value is declared and not yet bound."""

    rule: Rule
    found: Found
    sign: int
    names: dict[str, Value | None] = field(default_factory=dict)

    def inner(self) -> "Frame":
        """Return a block of its own, in which nothing is sure."""
        return replace(self, sign=UNSURE, names=dict(self.names))

    def signed(self, sign: int) -> "Frame":
        """Return the same place, seen through or without `not`."""
        return replace(self, sign=sign)

    def read(self, value: Value) -> Value:
        """Note that a value is needed, unless its absence lets the rule speak."""
        for one in values.options_of(value):
            if isinstance(one, At):
                self.found.is_touching = True
                if self.sign is not NEGATIVE:
                    self.found.reads.add(one.path)
        return value

    def lose(self, why: str) -> None:
        """Note that a path is out of sight."""
        self.found.lost.add(why)

    def stumble(self, why: str) -> Value:
        """Note a step that may lead nowhere, unless that lets the rule speak."""
        if self.sign is not NEGATIVE:
            self.lose(why)
        return Made(is_given=True)


def into(value: Value, index: Value, frame: Frame) -> Value:
    """Return the entry of a value that a step leads to."""
    if isinstance(value, At):
        return _further(value.path, index, frame)
    if isinstance(value, Parts) and isinstance(index, Literal):
        entries = {str(key): each for key, each in value.entries}
        if str(index.value) in entries:
            return entries[str(index.value)]
    compare(index, value, frame)
    if isinstance(value, Many) and value.is_set:
        return index
    if values.is_given(value) or isinstance(value, Literal):
        return frame.stumble("it steps into something that was computed")
    return Made(is_given=False)


def _further(path: Path, index: Value, frame: Frame) -> Value:
    step = index.value if isinstance(index, Literal) else None
    if isinstance(step, (str, int)) and not isinstance(step, bool):
        return At((*path, step))
    if index == Key(path):
        return At((*path, ANY))
    return frame.stumble("it steps into the input by a name that is computed")


def key_of(value: Value) -> Value:
    """Return what a name stands for that goes through the keys or indexes of a value."""
    if isinstance(value, At):
        return Key(value.path)
    if isinstance(value, Many) and not value.is_set and values.is_given(value):
        return Key(None)
    return Made(is_given=isinstance(value, Made) and value.is_given)


def compare(left: Value, right: Value, frame: Frame) -> None:
    """Note where a comparison looks up what it does not name."""
    if values.has_key(left) or values.has_key(right):
        frame.lose("it compares keys of the input instead of naming them")
    for one, other in ((left, right), (right, left)):
        if values.is_given(one) and values.has_map(other):
            frame.lose("it compares a part of the input with a whole map")


def built_in(function: str, given: tuple[Value, ...], frame: Frame) -> Value:
    """Return what a function of the engine makes of its arguments."""
    is_given = any(map(values.is_given, given))
    if function == "object.get":
        return _got(given, frame)
    if function == "sprintf":
        return Key(None) if any(map(values.has_key, given)) else Made(is_given)
    if any(map(values.has_key, given)):
        frame.lose("it compares keys of the input instead of naming them")
    if is_given and function in WHOLE:
        frame.lose(f"`{function}` looks into the input without naming what it looks for")
    if function in SETS or function in LISTS:
        return Many(Made(is_given), is_set=function in SETS)
    return Made(is_given)


def _got(given: tuple[Value, ...], frame: Frame) -> Value:
    """Follow `object.get`: the value is there or else there is the default."""
    value, key, default = given if len(given) == len(GOT) else (Made(is_given=True),) * 3
    if values.has_key(key) and not (isinstance(value, At) and key == Key(value.path)):
        frame.lose("it compares keys of the input instead of naming them")
    steps = [each for _, each in key.entries] if isinstance(key, Parts) else [key]
    ways = list(product(*(values.options_of(step) for step in steps)))
    found: list[Value] = []
    for one, way in product(values.options_of(value), ways[:MOST_WAYS]):
        keys = [step.value for step in way if isinstance(step, Literal)]
        named = tuple(key for key in keys if isinstance(key, (str, int)))
        is_named = isinstance(one, At) and len(named) == len(steps) and len(ways) <= MOST_WAYS
        found.append(
            At((*one.path, Maybe(named, default)))
            if isinstance(one, At) and is_named
            else Made(any(map(values.is_given, given)))
        )
    return values.joined(found)
