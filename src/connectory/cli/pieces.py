"""What is written to a terminal: pieces of text, each cleaned before it is shown.

Names, log lines and messages come from other people. A piece is written as plain text: control
characters (which could move the cursor, retitle the window or forge a line) are dropped from
it, and only this side adds colour.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectory.kernel.texts import on_one_line, without_controls

GAP = "  "
WIDE = {"W", "F"}  # East Asian widths that take two columns


@dataclass(frozen=True, slots=True)
class Piece:
    """Text with a tone: `bold`, `dim`, `good`, `bad` or `warn`.

    `plain` stands in its place where the output is no terminal, so that scripts and old
    terminals meet ASCII only.
    """

    text: str
    tone: str = ""
    plain: str = ""


Part = str | Piece

GOOD = Piece("✓", "good", "ok")
BAD = Piece("✗", "bad", "FAIL")
WARN = Piece("!", "warn")
RUNNING = Piece("●", "dim", "...")
UNDONE = Piece("↩", "warn", "undone:")
NEXT = Piece("→", "dim", "->")


def clean(text: str) -> str:
    """Drop control characters and direction overrides, keeping line breaks and tabs."""
    return without_controls(text)


def one_line(text: object) -> str:
    """Make a text safe to stand inside a line of ours."""
    return on_one_line(str(text))


def bold(text: object) -> Piece:
    """A name."""
    return Piece(one_line(text), "bold")


def dim(text: object) -> Piece:
    """Something secondary."""
    return Piece(one_line(text), "dim")


def shown(part: Part, *, rich: bool) -> str:
    """The text of a part on a terminal (`rich`) or elsewhere, without colour."""
    if isinstance(part, str):
        return part
    return part.text if rich or not part.plain else part.plain


def width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in WIDE else 1
        for c in text
    )


def aligned(
    rows: Sequence[Sequence[Part]], *, rich: bool, columns: int | None = None
) -> list[list[Part]]:
    """Pad every cell but the last of a row, so that the columns of a table stand in line.

    Args:
        rows: Cells; all rows have the same number.
        rich: Whether the output is a terminal.
        columns: Width to cut the last cell to; None cuts nothing.
    """
    if not rows:
        return []
    sizes = [
        max(width(shown(row[at], rich=rich)) for row in rows) for at in range(len(rows[0]) - 1)
    ]
    left = sum(sizes) + len(GAP) * len(sizes)
    room = None if columns is None else max(columns - left, 10)
    return [
        [*_padded(row[:-1], sizes, rich=rich), _cut(row[-1], room, rich=rich)] for row in rows
    ]


def _padded(cells: Sequence[Part], sizes: Iterable[int], *, rich: bool) -> Iterable[Part]:
    for cell, size in zip(cells, sizes, strict=True):
        yield cell
        yield " " * (size - width(shown(cell, rich=rich))) + GAP


def _cut(cell: Part, room: int | None, *, rich: bool) -> Part:
    text = shown(cell, rich=rich)
    if room is None or width(text) <= room:
        return cell
    while width(text) > room - 1:
        text = text[:-1]
    return Piece(f"{text}…", cell.tone if isinstance(cell, Piece) else "")
