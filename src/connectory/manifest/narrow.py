"""A manifest that declares less; every other line and comment is as its author wrote it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from connectory.manifest import loader
from connectory.manifest.errors import ManifestError
from connectory.manifest.loader import Loaded
from connectory.manifest.nodes import Items, Node, Pairs, Scalar
from connectory.manifest.texts import JsonObject
from connectory.manifest.versions import raised, with_version

HOSTS, SECRETS = ("permissions", "allowed_hosts"), ("secrets",)
MEMORY = ("runtime", "resources", "memory")
Lines = list[str]


@dataclass(frozen=True, slots=True)
class Less:
    """What a manifest no longer declares; `memory` is what it declares instead."""

    hosts: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    memory: str = ""

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.hosts or self.secrets or self.memory)


def narrowed(loaded: Loaded, less: Less) -> bytes | None:
    """Return the manifest of the next version, which declares less.

    Without a secret it is a minor version, else a patch. None if the file is written in a way
    in which that and nothing else cannot be changed.
    """
    manifest = loaded.manifest
    hosts = [
        n for n, host in enumerate(manifest.permissions.allowed_hosts) if host in less.hosts
    ]
    secrets = [n for n, one in enumerate(manifest.secrets) if one.name in less.secrets]
    root = loader.read(loaded.raw).root
    lines = loaded.raw.decode().splitlines(keepends=True)
    edits: list[tuple[Node | None, Callable[[Node], None]]] = [
        (_at(root, HOSTS), lambda items: _without(lines, items, hosts)),
        (_at(root, SECRETS), lambda items: _without(lines, items, secrets)),
        (_at(root, MEMORY), lambda node: _replaced(lines, node, less.memory)),
    ]
    found = [(node, edit) for node, edit in edits if node is not None]
    # From the end of the file, so that the places before stay true.
    for node, edit in sorted(found, key=lambda one: one[0].place, reverse=True):
        edit(node)
    version = raised(manifest.version, "minor" if secrets else "patch")
    wanted = _expected(loaded.normal, less) | {"version": version}
    try:
        changed = with_version("".join(lines).encode(), manifest.version, version)
        return changed if changed and loader.load(changed).normal == wanted else None
    except ManifestError:
        return None


def _expected(normal: JsonObject, less: Less) -> JsonObject:
    expected = dict(normal)
    permissions = normal["permissions"]
    kept = [host for host in permissions["allowed_hosts"] if host not in less.hosts]
    expected["permissions"] = {**permissions, "allowed_hosts": kept}
    expected["secrets"] = [one for one in normal["secrets"] if one["name"] not in less.secrets]
    if less.memory:
        runtime = normal["runtime"]
        resources = {**runtime["resources"], "memory": less.memory}
        expected["runtime"] = {**runtime, "resources": resources}
    return expected


def _at(root: Pairs, path: tuple[str, ...]) -> Node | None:
    node: Node = root
    for key in path:
        if not isinstance(node, Pairs) or key not in node.nodes:
            return None
        node = node.nodes[key][1]
    return node


def _replaced(lines: Lines, node: Node, text: str) -> None:
    if isinstance(node, Scalar) and text:
        row, column = node.place.line - 1, node.place.column - 1
        line = lines[row]
        lines[row] = line[:column] + line[column:].replace(node.text, text, 1)


def _without(lines: Lines, items: Node, dropped: Collection[int]) -> None:
    """Take entries out of a list, which is written on lines of its own or in brackets."""
    if not isinstance(items, Items) or not dropped:
        return
    row, column = items.place.line - 1, items.place.column - 1
    if lines[row][column : column + 1] == "[":
        _out_of_brackets(lines, items, dropped)
        return
    if len(dropped) == len(items.nodes):
        key = next(n for n in range(row - 1, -1, -1) if _is_content(lines[n]))
        before, colon, comment = lines[key].partition(":")
        lines[key] = f"{before}{colon} []{comment}"
    ends = [node.place.line - 1 for node in items.nodes[1:]]
    ends.append(_end_of_block(lines, items.nodes[-1].place.line, column))
    for n in sorted(dropped, reverse=True):
        begin, end = items.nodes[n].place.line - 1, ends[n]
        while end > begin + 1 and not _is_content(lines[end - 1]):
            end -= 1  # what is said above the next entry stays
        del lines[begin:end]


def _end_of_block(lines: Lines, row: int, column: int) -> int:
    """Return the first line behind the last entry of a list whose dashes are in a column."""
    while row < len(lines):
        text = lines[row]
        if _is_content(text) and len(text) - len(text.lstrip(" ")) <= column:
            break
        row += 1
    return row


def _out_of_brackets(lines: Lines, items: Items, dropped: Collection[int]) -> None:
    """Write a list in brackets anew with the entries that stay, each as it was written."""
    text = "".join(lines)
    begins = [_offset(lines, node) for node in items.nodes]
    end = _closing(text, _offset(lines, items))
    written = [
        text[begin:until].strip().rstrip(",").strip()
        for begin, until in zip(begins, [*begins[1:], end], strict=True)
    ]
    kept = ", ".join(one for n, one in enumerate(written) if n not in dropped)
    lines[:] = [text[: _offset(lines, items)], f"[{kept}]", text[end + 1 :]]
    lines[:] = "".join(lines).splitlines(keepends=True)


def _offset(lines: Lines, node: Node) -> int:
    return sum(map(len, lines[: node.place.line - 1])) + node.place.column - 1


def _closing(text: str, at: int) -> int:
    """Return where the bracket at an offset is closed; brackets in quotes are text."""
    depth, quote = 0, ""
    for offset in range(at, len(text)):
        char = text[offset]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "[{":
            depth += 1
        elif char in "]}":
            depth -= 1
            if not depth:
                return offset
    return len(text)


def _is_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
