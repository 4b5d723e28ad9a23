"""Server-sent events, read line by line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream; `id` is where to go on after it."""

    id: str
    name: str
    data: str


def events_in(lines: Iterable[bytes]) -> Iterator[Event]:
    """Read events; one that a break left without its empty line is none."""
    last_id, name, data = "", "", list[str]()
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        field, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            last_id = value
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif not text:
            if data:
                yield Event(last_id, name or "message", "\n".join(data))
            name, data = "", []
