"""Read a manifest: bytes in, a checked value with warnings out, or every problem at once.

YAML is read more strictly than YAML readers do, because readers disagree: no anchors, aliases,
merge keys or tags; no key twice; one document; UTF-8 without hidden line breaks; bounded size,
depth and number of nodes. Every scalar is text until the schema asks for another type, so
`1.20`, `no` and `12:30:00` are never guessed. PyYAML only splits the text into events here; it
constructs nothing.
"""

from dataclasses import dataclass
from datetime import date
from typing import NoReturn

import yaml  # noqa: TID251 (the one home of YAML)
from pydantic import ValidationError

from connectory.kernel.digest import digest_of
from connectory.kernel.errors import Problem
from connectory.manifest import repair
from connectory.manifest.characters import decoded, hidden_characters, refused_character
from connectory.manifest.errors import ManifestError, ManifestTooLargeError
from connectory.manifest.faults import faults_of, placed
from connectory.manifest.lints import late_deadlines, lints
from connectory.manifest.model import Manifest
from connectory.manifest.nodes import Items, Node, Pairs, Place, Plain, Scalar, value_of
from connectory.manifest.rules import contradictions
from connectory.manifest.texts import JsonObject, shown

MAX_BYTES = 65_536
MAX_DEPTH = 32
MAX_NODES = 20_000
TOP = Place(1, 1)
YAML_TAGS = "tag:yaml.org,2002:"

# The C reader when PyYAML was built with it. Both give the same events for the same YAML.
READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

SYNTAX_HINTS = (
    ("mapping values", "quote a value that has `: ` in it"),
    (
        "cannot start any token",
        "indent with blanks, not tabs; quote a value starting with @ or `",
    ),
    ("expected <block end>", "start the lines of one block in the same column"),
    ("did not find expected key", "start the lines of one block in the same column"),
    ("unexpected end of stream", "close the quote or the bracket"),
    ("found unexpected ':'", "quote a value that has `:` in it"),
)
OTHER_SYNTAX_HINT = "correct the line; an editor with YAML support shows the place"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A manifest that breaks no rule.

    `raw` are the author's bytes and `digest` is theirs. `normal` is JSON: short forms expanded,
    defaults filled in, absent values left out; it is computed and never written back.
    """

    manifest: Manifest
    raw: bytes
    digest: str
    normal: JsonObject
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file that could be read. `problems` are those that did not stop the reading."""

    root: Pairs
    text: str
    problems: tuple[Problem, ...]


def load(raw: bytes) -> Loaded:
    """Read and check a manifest.

    Raises:
        ManifestTooLargeError: If there are more than `MAX_BYTES`.
        ManifestError: With every problem, if there is any. When the file lost its indentation,
            the first problem says so and `repaired` has the corrected file.
    """
    document = read(raw)
    part = repair.flattened_part(document.root)
    if part:
        raise _flattened(document, part)
    manifest, problems = _examine(document)
    if manifest is None or problems:
        raise ManifestError(problems)
    return Loaded(
        manifest=manifest,
        raw=raw,
        digest=digest_of(raw),
        normal=manifest.normal(),
        warnings=(
            *placed(document.root, lints(manifest), severity="warning"),
            *hidden_characters(document.text),
        ),
    )


def warnings_on(loaded: Loaded, today: date) -> tuple[Problem, ...]:
    """Return all warnings of a manifest, with those that depend on the day of publishing."""
    late = tuple(late_deadlines(loaded.manifest, today))
    if not late:  # only to place them is the file read again
        return loaded.warnings
    return (*loaded.warnings, *placed(read(loaded.raw).root, late, severity="warning"))


def read(raw: bytes, *, file: str = "manifest.yaml") -> Document:
    """Read a YAML file whose top is a map.

    Raises:
        ManifestTooLargeError: If there are more than `MAX_BYTES`.
        ManifestError: If the file cannot be read as one strict YAML document.
    """
    if len(raw) > MAX_BYTES:
        raise ManifestTooLargeError(len(raw), MAX_BYTES, file=file)
    text = decoded(raw, file=file)
    tree = _Tree(file)
    try:
        for event in yaml.parse(text, Loader=READER):
            tree.add(event)
    except yaml.MarkedYAMLError as error:
        tree.stop(_syntax_problem(error))
    if not isinstance(tree.root, Pairs):
        found = "is empty" if tree.root is None else "is not a map at its top"
        tree.stop(_problem("not-a-map", f"{file} {found}", "write `key: value` lines"))
    return Document(tree.root, text, tuple(tree.problems))


def _examine(document: Document) -> tuple[Manifest | None, tuple[Problem, ...]]:
    """Check a document against the model and then against itself."""
    root = document.root
    try:
        manifest = Manifest.model_validate(value_of(root))
    except ValidationError as error:
        return None, (*document.problems, *placed(root, faults_of(error, Manifest)))
    return manifest, (*document.problems, *placed(root, contradictions(manifest)))


def _flattened(document: Document, part: str) -> ManifestError:
    """Say that the indentation is lost, with the repaired file and what else is wrong in it."""
    repaired = repair.indented(document.text)
    _, others = _examine(read(repaired.encode()))
    place, _ = document.root.nodes[part]
    lost = Problem(
        code="indentation-lost",
        message=f"the indentation is lost: `{part}` is empty and its fields stand beside it",
        hint=f"use the repaired file:\n\n{repaired}",
        path=part,
        line=place.line,
        column=place.column,
    )
    return ManifestError((lost, *others), repaired=repaired)


def _problem(code: str, message: str, hint: str, place: Place = TOP) -> Problem:
    return Problem(code, message, hint, line=place.line, column=place.column)


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    reason = f"{error.problem}"
    hints = (hint for part, hint in SYNTAX_HINTS if part in reason)
    hint = next(hints, OTHER_SYNTAX_HINT)
    return _problem("yaml-syntax", f"this is not YAML: {reason}", hint, _at(error.problem_mark))


def _place(event: yaml.Event) -> Place:
    return _at(event.start_mark)


def _at(mark: object) -> Place:
    """Return the place of a mark; PyYAML's types allow none, then it is the top."""
    return Place(getattr(mark, "line", 0) + 1, getattr(mark, "column", 0) + 1)


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not been read. `key` waits for its value."""

    node: Items | Pairs
    key: Scalar | None = None


class _Tree:
    """Builds the tree from events without recursion, so depth cannot exhaust the stack."""

    def __init__(self, file: str) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._file = file
        self._open: list[_Open] = []
        self._nodes = 0
        self._documents = 0

    def add(self, event: yaml.Event) -> None:
        """Take the next event; scalars first, because most are."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.MappingStartEvent):
            self._enter(event, Pairs(_place(event)))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._enter(event, Items(_place(event)))
        elif isinstance(event, yaml.AliasEvent):
            self._alias(f"*{event.anchor}", event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event)

    def stop(self, problem: Problem) -> NoReturn:
        """Give up reading: what follows could not be understood."""
        raise ManifestError((*self.problems, problem), file=self._file)

    def _start_document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            hint = "keep one document in the file"
            message = "a second document starts here"
            self.stop(_problem("yaml-multi-document", message, hint, _place(event)))
        if event.tags:
            self._note_tag("%TAG", event)

    def _enter(self, event: yaml.CollectionStartEvent, node: Items | Pairs) -> None:
        if len(self._open) == MAX_DEPTH:
            message = f"more than {MAX_DEPTH} levels deep"
            self.stop(_problem("yaml-depth", message, "nest less", node.place))
        self._note_decoration(event)
        self._attach(node)
        self._open.append(_Open(node))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        place = _place(event)
        self._note_decoration(event)
        if event.style == '"':  # only there can an escape make what the file does not have
            self._note_character(event.value, place)
        self._attach(Scalar(event.value if event.style else Plain(event.value), place))

    def _note_character(self, text: str, place: Place) -> None:
        refused = refused_character(text)
        if refused:
            message = f"the text has the character {refused}"
            hint = "remove the escape that makes it"
            self.problems.append(_problem("control-character", message, hint, place))

    def _note_decoration(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor:
            self._alias(f"&{event.anchor}", event)
        if event.tag:
            self._note_tag(event.tag.replace(YAML_TAGS, "!!"), event)

    def _alias(self, sign: str, event: yaml.Event) -> NoReturn:
        message = f"{shown(sign)}: anchors, aliases and merge keys are not accepted"
        hint = "write the value out where it is needed"
        self.stop(_problem("yaml-alias", message, hint, _place(event)))

    def _note_tag(self, tag: str, event: yaml.Event) -> None:
        message = f"{shown(tag)}: tags are not accepted"
        hint = "remove it; the manifest's schema knows the type"
        self.problems.append(_problem("yaml-tag", message, hint, _place(event)))

    def _attach(self, node: Node) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            message = f"more than {MAX_NODES} values"
            self.stop(_problem("yaml-too-many-values", message, "shorten the file", node.place))
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent.node, Items):
            parent.node.nodes.append(node)
        elif parent.key is None:
            parent.key = self._key(parent.node, node)
        else:
            key, place = str(parent.key.text), parent.key.place
            parent.node.nodes.setdefault(key, (place, node))
            parent.key = None

    def _key(self, pairs: Pairs, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            message = "a list or a map is used as a key"
            self.stop(_problem("yaml-key", message, "write a text before the `:`", node.place))
        if node.text == "<<" and isinstance(node.text, Plain):
            message = "`<<`: anchors, aliases and merge keys are not accepted"
            hint = "write the values out where they are needed"
            self.stop(_problem("yaml-alias", message, hint, node.place))
        if node.text in pairs.nodes:
            first, _ = pairs.nodes[node.text]
            message = f"the key {shown(node.text)} is already on line {first.line}"
            hint = "keep one of the two"
            self.problems.append(_problem("yaml-duplicate-key", message, hint, node.place))
        return node
