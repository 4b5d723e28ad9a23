"""A YAML document as a tree of text that remembers where everything was written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Step = str | int
Location = tuple[Step, ...]


class Plain(str):
    """Text that was written without quotes, so a schema may ask for another type of it."""

    __slots__ = ()


class Place(NamedTuple):
    """A position in the file; both numbers count from 1."""

    line: int
    column: int


class Scalar(NamedTuple):
    """One piece of text; `Plain` when it had no quotes."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Items:
    """A YAML sequence."""

    place: Place
    nodes: "list[Node]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Pairs:
    """A YAML mapping: key -> (place of the key, value)."""

    place: Place
    nodes: "dict[str, tuple[Place, Node]]" = field(default_factory=dict)


Node = Scalar | Items | Pairs


def value_of(node: Node) -> object:
    """Return the tree as dicts, lists and text; nothing is converted."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Items):
        return [value_of(item) for item in node.nodes]
    return {key: value_of(value) for key, (_, value) in node.nodes.items()}


def locate(root: Node, location: Sequence[Step], *, at_key: bool = False) -> Place:
    """Return where a value is written, or its key if `at_key`.

    A location may go deeper than the file does, because a short form (`secrets: [token]`) has
    no text of its own for `secrets[0].name`: then the place of the deepest existing part is
    returned.
    """
    node, key_place = root, root.place
    for step in location:
        found = _child(node, step)
        if found is None:
            break
        key_place, node = found
    return key_place if at_key else node.place


def _child(node: Node, step: Step) -> tuple[Place, Node] | None:
    if isinstance(node, Pairs) and isinstance(step, str):
        return node.nodes.get(step)
    if isinstance(node, Items) and isinstance(step, int) and step < len(node.nodes):
        return node.nodes[step].place, node.nodes[step]
    if isinstance(node, Items) and isinstance(step, str):
        return _in_one_key_maps(node, step)
    return None


def _in_one_key_maps(node: Items, key: str) -> tuple[Place, Node] | None:
    """Find a key of `policies` when it is written as a list of one-key maps."""
    found = (
        item.nodes[key] for item in node.nodes if isinstance(item, Pairs) and key in item.nodes
    )
    return next(found, None)
