"""Reads the log that a shim writes: segments, each named by the offset of its first byte."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from connectory.backends.targets import LogLine
from connectory.kernel.clock import parse_rfc3339

TAIL = 4096  # bytes at the end of a segment that are read first for its last lines


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
            found = (*_end(begin, path, wanted - len(found)), *found)
    return found


def _end(begin: int, path: Path, wanted: int) -> tuple[LogLine, ...]:
    """Return the last lines of a segment, reading little more of it than them."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:  # rotated away since it was listed
        return ()
    back = TAIL
    while True:
        found = tuple(_lines(begin, path, begin + max(0, size - back)))
        # The first of them may be the rest of a longer one, so there has to be one more.
        if len(found) > wanted or back >= size:
            return found[max(0, len(found) - wanted) :]
        back *= 4


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
