"""Read the numbers that a connector reports. Pure."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

SAMPLE = re.compile(r"\A([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
MOST_SAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of the Prometheus text format, with its labels, help and type."""

    name: str
    labels: dict[str, str]
    value: float
    help: str
    type: str


def samples(text: str) -> tuple[Sample, ...]:
    """Read the Prometheus text format; lines that are not of it are left out."""
    return tuple(_samples(text))[:MOST_SAMPLES]


def _samples(text: str) -> Iterator[Sample]:
    helps: dict[str, str] = {}
    types: dict[str, str] = {}
    for line in text.splitlines():
        word, _, rest = line.removeprefix("# ").partition(" ")
        name, _, said = rest.partition(" ")
        if line.startswith("# ") and word in {"HELP", "TYPE"}:
            (helps if word == "HELP" else types)[name] = said
            continue
        match = SAMPLE.match(line)
        value = _number(match[3]) if match else None
        if match and value is not None:
            family = _family(match[1], types)
            labels = dict(LABEL.findall(match[2] or ""))
            yield Sample(
                match[1], labels, value, helps.get(family, ""), types.get(family, "untyped")
            )


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _family(name: str, types: dict[str, str]) -> str:
    for ending in ("_bucket", "_sum", "_count", "_total"):
        if name not in types and name.endswith(ending):
            return name.removesuffix(ending)
    return name
