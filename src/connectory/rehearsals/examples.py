"""The events that an author ships with a package: examples/<name>.json."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from connectory.backends.blobs import Blobs
from connectory.gates import archive
from connectory.packages.read import bundle_path
from connectory.rehearsals.rules import Example, ExampleUnreadableError

EXAMPLE = re.compile(r"examples/([^/]+)\.json")
MOST = 20  # examples of one package that are played
MOST_BYTES = 64 * 1024  # of one


def read(blobs: Blobs, package: str, scratch: Path) -> tuple[Example, ...]:
    """Return the examples of a package in the order of their names.

    Raises:
        ExampleUnreadableError: If one of them is not a JSON object, or is too long.
        ConnectoryError: What `packages.bundle_path` raises.
    """
    with bundle_path(blobs, package, scratch) as bundle:
        found = sorted(_contents(bundle))[:MOST]
    return tuple(_example(name, content) for name, content in found)


def _contents(bundle: Path) -> Iterator[tuple[str, bytes]]:
    for member, chunks in archive.contents(bundle):
        match = EXAMPLE.fullmatch(member.name)
        if match is not None:
            name = match[1]
            if member.size > MOST_BYTES:
                raise ExampleUnreadableError(name)
            yield name, b"".join(chunks)


def _example(name: str, content: bytes) -> Example:
    try:
        event = json.loads(content)
    except (ValueError, RecursionError):
        raise ExampleUnreadableError(name) from None
    if not isinstance(event, dict):
        raise ExampleUnreadableError(name)
    return Example(name, event)
