"""Markdown tables from rows of text."""

import re
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; texts may hold line breaks and bars, code spans stay as they are."""
    lines = [_row(head), _row(["---"] * len(head))]
    return "\n".join([*lines, *(_row(row) for row in rows)]) + "\n"


def sentence(docstring: str | None) -> str:
    """Return the first paragraph of a docstring on one line."""
    first = (docstring or "").strip().split("\n\n")[0]
    return re.sub(r"\s+", " ", first)


def code(text: str) -> str:
    """Write a code span; nothing for an empty text."""
    return f"`{text}`" if text else ""


def _row(cells: Sequence[str]) -> str:
    flat = (re.sub(r"\s+", " ", cell).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(flat)} |"
