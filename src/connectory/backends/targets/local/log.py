"""Reads the log that a shim writes: segments, each named by the offset of its first byte."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from connectory.backends.targets import LogLine
from connectory.kernel.clock import parse_rfc3339


def read(folder: Path, *, after: int, limit: int) -> tuple[LogLine, ...]:
    """Return at most `limit` lines behind the offset `after`, oldest first.

    An offset older than the oldest segment counts as its begin. A negative one means the last
    lines, `-after` of them.
    """
    segments = _segments(folder)
    if after < 0:
        return _last(segments, min(-after, limit))
    following = (line for begin, path in segments for line in _lines(begin, path, after))
    return tuple(islice(following, limit))


def _segments(folder: Path) -> list[tuple[int, Path]]:
    try:
        return sorted((int(path.stem), path) for path in folder.iterdir())
    except FileNotFoundError:
        return []


def _last(segments: list[tuple[int, Path]], wanted: int) -> tuple[LogLine, ...]:
    found: tuple[LogLine, ...] = ()
    for begin, path in reversed(segments):
        if len(found) < wanted:
            found = (*_lines(begin, path, 0), *found)
    return found[max(0, len(found) - wanted) :]


def _lines(begin: int, path: Path, after: int) -> Iterator[LogLine]:
    """Give the lines of a segment behind `after`, without one that is still being written."""
    try:
        file = path.open("rb")
    except FileNotFoundError:  # rotated away since it was listed
        return
    with file:
        offset = begin + file.seek(max(0, after - begin))
        for raw in file:
            offset += len(raw)
            if raw.endswith(b"\n") and (line := _parsed(raw, offset)):
                yield line


def _parsed(raw: bytes, offset: int) -> LogLine | None:
    """Return a line, None for one that a crash or a full disk has cut."""
    try:
        facts: dict[str, str] = json.loads(raw)
        at = parse_rfc3339(facts.pop("ts"))
        return LogLine(offset, at, facts.pop("level"), facts.pop("msg"), facts)
    except (ValueError, KeyError, AttributeError):
        return None
