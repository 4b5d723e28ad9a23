"""Where a command writes: results to stdout, talk to stderr."""

import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TextIO

import click

from connectory.cli.pieces import NEXT, Part, Piece, aligned, bold, clean, dim, shown

SCHEMA_VERSION = 1
STYLES: Mapping[str, Callable[[str], str]] = {
    "bold": partial(click.style, bold=True),
    "dim": partial(click.style, dim=True),
    "good": partial(click.style, fg="green"),
    "bad": partial(click.style, fg="red"),
    "warn": partial(click.style, fg="yellow"),
}


@dataclass(slots=True)
class Output:
    """The two streams of a command, and how the person who called it wants them.

    Args:
        as_json: Whether results are JSON; then nothing else goes to stdout.
        quiet: Whether talk is left out.
        colour: True or False where somebody asked; None decides by terminal.
    """

    as_json: bool = False
    quiet: bool = False
    colour: bool | None = None
    has_document: bool = False  # whether the one JSON document was written
    results: TextIO = field(default_factory=lambda: sys.stdout)
    talk: TextIO = field(default_factory=lambda: sys.stderr)

    @property
    def is_live(self) -> bool:
        """Whether the talk goes to a terminal, where a line can be written over."""
        return _is_terminal(self.talk) and not self.quiet

    def document(self, body: Mapping[str, object]) -> None:
        """Write the one JSON document of this command."""
        self.has_document = True
        self._json({"schema_version": SCHEMA_VERSION, **body}, indent=2)

    def record(self, body: Mapping[str, object]) -> None:
        """Write one JSON object of many, on a line of its own."""
        self._json({"schema_version": SCHEMA_VERSION, **body}, indent=None)

    def show(self, *parts: Part) -> None:
        """Write a line of the result."""
        self._line(self.results, parts)

    def say(self, *parts: Part) -> None:
        """Write a line of talk."""
        if not self.quiet:
            self._line(self.talk, parts)

    def complain(self, *parts: Part) -> None:
        """Write a line that even `--quiet` lets through."""
        self._line(self.talk, parts)

    def live(self, *parts: Part) -> None:
        """Write a line that the next one replaces; nothing where that is impossible."""
        if self.is_live:
            text = self._text(self.talk, parts)
            click.echo(f"\r\x1b[K{text}", file=self.talk, nl=False, color=True)

    def settle(self) -> None:
        """Remove the line that `live` wrote."""
        self.live()

    def next(self, *commands: str) -> None:
        """Suggest what to do next."""
        self.say(NEXT, " ", "     ".join(commands))

    def table(
        self, heads: Sequence[str], rows: Sequence[Sequence[Part]], *, indent: int = 0
    ) -> None:
        """Write rows under their heads, without borders; of an empty table, only say so."""
        if not rows:
            self.say(dim("there is none"))
            return
        rich = _is_terminal(self.results)
        columns = shutil.get_terminal_size().columns - indent if rich else None
        for line in aligned([[dim(head) for head in heads], *rows], rich=rich, columns=columns):
            self.show(" " * indent, *line)

    def pairs(self, pairs: Sequence[tuple[str, Part]], *, indent: int = 0) -> None:
        """Write names and values in two columns, leaving out what is empty."""
        rich = _is_terminal(self.results)
        rows: list[list[Part]] = [[dim(name), value] for name, value in pairs if value]
        for line in aligned(rows, rich=rich):
            self.show(" " * indent, *line)

    def title(self, *parts: Part) -> None:
        """Write the first line of a section of the result."""
        first, *rest = parts
        self.show(bold(first) if isinstance(first, str) else first, *rest)

    def _json(self, body: Mapping[str, object], indent: int | None) -> None:
        # ASCII only, so that no name can carry a control sequence to the terminal
        click.echo(json.dumps(body, indent=indent, ensure_ascii=True), file=self.results)

    def _line(self, stream: TextIO, parts: Sequence[Part]) -> None:
        click.echo(self._text(stream, parts), file=stream, color=self._coloured(stream))

    def _text(self, stream: TextIO, parts: Sequence[Part]) -> str:
        rich, coloured = _is_terminal(stream), self._coloured(stream)
        return "".join(_written(part, rich=rich, coloured=coloured) for part in parts)

    def _coloured(self, stream: TextIO) -> bool:
        return _is_terminal(stream) if self.colour is None else self.colour


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()  # None when it was closed


def _written(part: Part, *, rich: bool, coloured: bool) -> str:
    text = clean(shown(part, rich=rich))
    if coloured and isinstance(part, Piece) and part.tone:
        return STYLES[part.tone](text)
    return text
