"""Give a manifest its indentation back.

Copying YAML out of a web page or a chat often loses the leading blanks. What is left is still
valid YAML: `runtime:` has no value and `type:`, `provider:` and `cpu:` stand beside it. The
fields of each part are known, so the blanks can be put back.
"""

import re

from connectory.manifest.faults import EMPTY
from connectory.manifest.model import Manifest
from connectory.manifest.nodes import Pairs, Plain, Scalar
from connectory.manifest.parts import Part, keys_of, part_below

_KEY = re.compile(r"([a-z][a-z0-9_]*):(\s|$)")
_EMPTY_KEY = re.compile(r"[a-z][a-z0-9_]*:\s*(#.*)?$")


def flattened_part(root: Pairs) -> str | None:
    """Return the first part that is empty while its fields stand beside it, or None."""
    stray = set(root.nodes) - set(keys_of(Manifest))
    for key, (_, value) in root.nodes.items():
        part = part_below(Manifest, key)
        if part and _is_empty(value) and stray & set(keys_of(part)):
            return key
    return None


def _is_empty(value: object) -> bool:
    return isinstance(value, Scalar) and isinstance(value.text, Plain) and value.text in EMPTY


def indented(text: str) -> str:
    """Return the text with the fields of each empty part moved below it.

    Only blanks at the start of lines are added: lines keep their number and their order.
    """
    lines = text.splitlines(keepends=True)
    open_parts: list[type[Part]] = []
    result = []
    for line in lines:
        found = _KEY.match(line)
        if found:
            open_parts = _still_open(open_parts, found[1])
            result.append("  " * len(open_parts) + line)
            below = part_below(open_parts[-1] if open_parts else Manifest, found[1])
            if below and _EMPTY_KEY.match(line):
                open_parts = [*open_parts, below]
        else:
            result.append(_follow(line, len(open_parts)))
    return "".join(result)


def _still_open(open_parts: list[type[Part]], key: str) -> list[type[Part]]:
    """Return the parts that a key is in: none for a top-level field, else the innermost fit."""
    if key in keys_of(Manifest):
        return []
    depth = len(open_parts)
    while depth and key not in keys_of(open_parts[depth - 1]):
        depth -= 1
    return open_parts[:depth]


def _follow(line: str, depth: int) -> str:
    """Indent a line that has no key of its own like the key before it, a list a bit more."""
    if not line.strip():
        return line
    return "  " * max(depth, 1 if line.startswith("-") else 0) + line
