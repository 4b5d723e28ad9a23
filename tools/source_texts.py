"""Texts that stand in the source: literals and f-strings, with `…` for what is filled in."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src/connectory"


def trees() -> Iterator[ast.Module]:
    """Yield the tree of each module of the package."""
    for path in sorted(SOURCE.rglob("*.py")):
        yield ast.parse(path.read_text())


def template(node: ast.expr | None) -> str:
    """Return the text of an expression as far as it is written down; else `""`."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return re.sub(r"…+", "…", "".join(_part(part) for part in parts))
        case ast.BoolOp(values=choices):
            return template(choices[-1])
        case ast.IfExp(body=first, orelse=second):
            return template(first) or template(second)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return template(left) + template(right)
    return ""


def _part(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else "…"
