"""Terraform's language as the checks read it: blocks and objects with what is set in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Token, Tree

MOST_CHARACTERS = 100_000  # of a file
DEEPEST = 100  # brackets inside brackets
BRACKET = re.compile(r"[][(){}]")
STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
HEREDOC = re.compile(r"<<-?(?P<end>\w+)[^\S\n]*\n(?P<body>.*\n)?[^\S\n]*(?P=end)\s*", re.DOTALL)
INSERTED = re.compile(r"(?<![$%])(?:\$\$|%%)*[$%]\{")
ESCAPED = re.compile(r"\\(.)")


class HclRefusedError(Exception):
    """A text is not read: the message says why, `line` where."""

    def __init__(self, why: str, line: int = 1) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True)
class Setting:
    """What one name is set to: `text` is the expression as it is written."""

    name: str
    text: str
    line: int

    @cached_property
    def strings(self) -> tuple[str, ...]:
        """Every string in the expression that stands there in full."""
        return tuple(one for one in STRING.findall(self.text) if not INSERTED.search(one))

    @property
    def value(self) -> str | None:
        """The string that the expression is, None if it is more or something else."""
        whole = STRING.fullmatch(self.text)
        return whole[1] if whole and not INSERTED.search(whole[1]) else None

    @property
    def is_fixed(self) -> bool:
        """Whether it is a text into which nothing is inserted."""
        is_text = STRING.fullmatch(self.text) or HEREDOC.fullmatch(self.text)
        return is_text is not None and not INSERTED.search(self.text)

    @property
    def inner(self) -> tuple[str, int]:
        """The object in JSON that the text holds, and in which line it begins; or `""`."""
        heredoc = HEREDOC.fullmatch(self.text)
        if heredoc:
            text, line = heredoc["body"] or "", self.line + 1
        else:
            string = STRING.fullmatch(self.text)
            text, line = ESCAPED.sub(r"\1", string[1]) if string else "", self.line
        return (text.strip(), line) if text.lstrip().startswith("{") else ("", line)


@dataclass(frozen=True, slots=True)
class Group:
    """A block or an object, and what is set right in it.

    `path` are the words of the blocks and the keys of the objects that it is in, and its own:
    `resource`, `aws_iam_policy`, `read`, `policy`, `Statement`.
    """

    path: tuple[str, ...]
    settings: tuple[Setting, ...]
    line: int
    around: "Group | None" = None

    @property
    def kind(self) -> str:
        """The first word: `resource`, `variable`, `provider`; empty for the file itself."""
        return self.path[0] if self.path else ""

    @property
    def type(self) -> str:
        """The second word: which resource, variable or provider."""
        return self.path[1] if len(self.path) > 1 else ""

    def get(self, *names: str) -> Setting | None:
        """Return what the first of these names is set to that is set at all."""
        there = {one.name: one for one in self.settings}
        return next((there[name] for name in names if name in there), None)

    def string(self, name: str) -> str:
        """Return the string that a name is set to, empty if it is not, or to something else."""
        found = self.get(name)
        return (found.value or "") if found else ""

    def says(self, name: str, *texts: str) -> bool:
        """Whether a name is set to one of these texts, in quotes or without."""
        found = self.get(name)
        return found is not None and found.text.strip('"') in texts


def read(text: str) -> list[Group]:
    """Return the blocks and objects of a file, also those of JSON that stands there as a text.

    Raises:
        HclRefusedError: If it cannot be read, or is too large or too deep to be read.
    """
    found = list(_groups(text))
    return found + [
        each for group in found for one in group.settings for each in _json(group, one)
    ]


def _json(group: Group, setting: Setting) -> Iterator[Group]:
    text, begins = setting.inner
    if not text:
        return
    try:
        inner = list(_groups(f"{setting.name} = {text}", group))
    except HclRefusedError:
        return  # a script, or a text of another kind
    for one in inner[1:]:
        moved = tuple(replace(each, line=each.line + begins - 1) for each in one.settings)
        yield replace(one, settings=moved, line=one.line + begins - 1)


def _groups(text: str, around: Group | None = None) -> Iterator[Group]:
    """Give the file as a group, then every block and object in it."""
    _check(text)
    path = around.path if around else ()
    waiting = [(path, _parsed(text), 1, around)]
    while waiting:
        path, body, line, around = waiting.pop()
        inside = list(_trees(body))
        attributes = [one for one in inside if one.data == "attribute"]
        settings = tuple(_setting(text, one) for one in attributes)
        group = Group(path, settings, line, around)
        yield group
        for one in attributes:
            yield from _objects(text, group, one)
        for one in reversed(inside):
            if one.data == "block":
                *words, inner = _trees(one)
                named = (_written(text, word).strip('"') for word in words)
                waiting.append(((*path, *named), inner, one.meta.line, group))


def _objects(text: str, block: Group, attribute: "Tree[Token]") -> Iterator[Group]:
    waiting = [(attribute, block.path, block)]
    while waiting:
        tree, path, around = waiting.pop()
        if tree.data == "object":
            elements = [one for one in _trees(tree) if one.data == "object_elem"]
            settings = tuple(_setting(text, one) for one in elements)
            around = Group(path, settings, tree.meta.line, around)
            yield around
        elif tree.data in {"attribute", "object_elem"}:
            path = (*path, _setting(text, tree).name)
        waiting += [(one, path, around) for one in reversed(list(_trees(tree)))]


def _setting(text: str, tree: "Tree[Token]") -> Setting:
    name, *_, value = (one for one in _trees(tree) if one.data != "new_line_or_comment")
    return Setting(_written(text, name).strip('"'), _written(text, value), name.meta.line)


def _trees(tree: "Tree[Token]") -> Iterator["Tree[Token]"]:
    return (one for one in tree.children if not isinstance(one, str))


def _written(text: str, tree: "Tree[Token]") -> str:
    return text[tree.meta.start_pos : tree.meta.end_pos].strip()


def _check(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise HclRefusedError(f"it is longer than {MOST_CHARACTERS:,} characters")
    depth = 0
    for line, each in enumerate(text.split("\n"), start=1):
        for bracket in BRACKET.findall(each):
            depth += 1 if bracket in "([{" else -1
            if depth > DEEPEST:
                raise HclRefusedError(f"it has more than {DEEPEST} brackets in brackets", line)


def _parsed(text: str) -> "Tree[Token]":
    # lazy: it takes 0.2 s, and most connectors have nothing to read with it
    from hcl2 import parses_to_tree  # noqa: PLC0415
    from lark.exceptions import LarkError  # noqa: PLC0415

    try:
        return next(_trees(parses_to_tree(text)))
    except LarkError as error:
        line = getattr(error, "line", 1)
        raise HclRefusedError(
            "it is not written in Terraform's language", max(line, 1)
        ) from None
