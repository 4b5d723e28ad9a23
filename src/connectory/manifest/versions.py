"""The next version, and a manifest with another version and nothing else changed."""

import re

from connectory.manifest import loader

PARTS = ("major", "minor", "patch")
VERSION = re.compile(rb"""^(version[ ]*:[ \t]*["']?)([^\s"'#]+)""", re.MULTILINE)


def raised(version: str, part: str) -> str:
    """Return the next version; `2.0.0-rc.1` comes before its release and is raised to that."""
    core, _, after = version.partition("+")[0].partition("-")
    numbers = [int(number) for number in core.split(".")]
    at = PARTS.index(part)
    is_next_already = bool(after) and not any(numbers[at + 1 :])
    if not is_next_already:
        numbers = [*numbers[:at], numbers[at] + 1, *[0] * (len(PARTS) - at - 1)]
    return ".".join(str(number) for number in numbers)


def with_version(raw: bytes, before: str, after: str) -> bytes | None:
    """Return the manifest with another version, None if more or less than that would change."""
    lines = [found for found in VERSION.finditer(raw) if found[2] == before.encode()]
    if len(lines) != 1:
        return None
    start, end = lines[0].span(2)
    changed = raw[:start] + after.encode() + raw[end:]
    wanted = {**loader.load(raw).normal, "version": after}
    return changed if loader.load(changed).normal == wanted else None
