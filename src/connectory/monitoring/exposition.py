"""Read and write the Prometheus text format (0.0.4). Pure.

What a connector reports is other people's text: each line is read strictly, has limits, and a
line that breaks one is refused alone. Names that begin with `connectory_` are the platform's.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
ESCAPE = re.compile(r'\\([\\n"])')
OURS, META = "connectory_", "__"
MOST_SAMPLES = 2_000
MOST_LABELS = 16
LONGEST_LINE = 2_000  # characters
LONGEST_HELP = 300
KINDS = frozenset({"counter", "gauge", "histogram", "summary"})
ENDINGS = ("_bucket", "_sum", "_count", "_total")
COUNTED = {"counter", "histogram"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of the Prometheus text format, with its labels, help and type."""

    name: str
    labels: Mapping[str, str]
    value: float
    help: str
    type: str

    @property
    def is_counter(self) -> bool:
        """Whether it only grows, until its process is started again."""
        is_part = self.type == "summary" and self.name.endswith(("_sum", "_count"))
        return self.type in COUNTED or is_part

    @property
    def is_bucket(self) -> bool:
        """Whether it is one bucket of a histogram."""
        return self.type == "histogram" and self.name.endswith("_bucket")


@dataclass(slots=True)
class Report:
    """What was read of a text, and how many of its series were refused."""

    samples: list[Sample] = field(default_factory=list)
    refused: int = 0


def read(text: str, *, most: int = MOST_SAMPLES) -> Report:
    """Read a text as far as it keeps to the format and the limits; NaN and Inf are left out."""
    report = Report()
    helps: dict[str, str] = {}
    types: dict[str, str] = {}
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    for line in text.split("\n"):
        if line.startswith("#"):
            _note(line, helps, types, most)
            continue
        if not line.strip():
            continue
        found = _series(line)
        if found is None or len(report.samples) >= most:
            report.refused += 1
            continue
        name, labels, value = found
        key = name, tuple(sorted(labels.items()))
        if key in seen or not math.isfinite(value):
            continue
        seen.add(key)
        family = _family(name, types)
        told, kind = helps.get(family, ""), types.get(family, "untyped")
        report.samples.append(Sample(name, labels, value, told, kind))
    return report


def written(samples: Iterable[Sample]) -> str:
    """Write samples, each family in one piece, whatever order they came in."""
    families: dict[str, list[Sample]] = {}
    for one in samples:
        families.setdefault(_base(one), []).append(one)
    return "".join(
        f"{line}\n" for name, each in families.items() for line in _lines(name, each)
    )


def labels_text(labels: Mapping[str, str]) -> str:
    """Write labels in braces; nothing if there are none."""
    pairs = ",".join(f'{name}="{escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def escaped(text: str) -> str:
    """Escape the value of a label, also for PromQL."""
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def number_text(value: float) -> str:
    """Write a finite number."""
    is_whole = value == int(value) and abs(value) < 1e15  # noqa: PLR2004  beyond, floats skip
    return str(int(value)) if is_whole else repr(value)


def _note(line: str, helps: dict[str, str], types: dict[str, str], most: int) -> None:
    """Take in a HELP or TYPE line; as many as there may be series."""
    word, _, rest = line.removeprefix("# ").partition(" ")
    name, _, said = rest.partition(" ")
    if len(line) > LONGEST_LINE or not NAME.fullmatch(name):
        return
    if word == "HELP" and len(helps) < most:
        helps[name] = _unescaped(said)[:LONGEST_HELP]
    elif word == "TYPE" and len(types) < most and said in KINDS:
        types[name] = said


def _series(line: str) -> tuple[str, dict[str, str], float] | None:
    """Read one line: name, labels, number; None if it is no series that is taken."""
    named = NAME.match(line)
    if named is None or len(line) > LONGEST_LINE or line.startswith(OURS):
        return None
    read_labels = _labels(line, named.end())
    if read_labels is None:
        return None
    labels, end = read_labels
    words = line[end:].split()
    number = _number(words[0]) if words else None
    return None if number is None else (named[0], labels, number)


def _labels(line: str, at: int) -> tuple[dict[str, str], int] | None:
    """Read labels in braces, if there are any; return them and where they end."""
    labels: dict[str, str] = {}
    if not line.startswith("{", at):
        return labels, at
    at += 1
    while not line.startswith("}", at):
        pair = LABEL.match(line, at)
        if pair is None or pair[1].startswith(META) or pair[1] in labels:
            return None
        labels[pair[1]] = _unescaped(pair[2])
        at = pair.end()
        if line.startswith(",", at):
            at += 1
        elif not line.startswith("}", at):
            return None
    return (labels, at + 1) if len(labels) <= MOST_LABELS else None


def _unescaped(text: str) -> str:
    return ESCAPE.sub(lambda m: "\n" if m[1] == "n" else m[1], text)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _family(name: str, types: Mapping[str, str]) -> str:
    for ending in ENDINGS:
        if name not in types and name.endswith(ending):
            return name.removesuffix(ending)
    return name


def _base(one: Sample) -> str:
    """Return the name under which a sample's type is declared."""
    if one.type in {"histogram", "summary"}:
        return _family(one.name, {})
    return one.name


def _lines(name: str, family: list[Sample]) -> Iterator[str]:
    first = family[0]
    if first.help:
        said = first.help.replace("\\", r"\\").replace("\n", r"\n")
        yield f"# HELP {name} {said}"
    yield f"# TYPE {name} {first.type}"
    for one in family:
        yield f"{one.name}{labels_text(one.labels)} {number_text(one.value)}"
