"""docs/reference/settings.md: every field of `connectory.settings.Settings`."""

import ast
from collections.abc import Iterator
from itertools import pairwise

from markdown_table import code, sentence, table
from source_texts import SOURCE

from connectory.settings import PREFIX

HEAD = """\
# Settings

Each setting is an environment variable, read once when the server starts. All have defaults
that work on a laptop. Flags of `connectory up` win over variables. A value that cannot be read
stops the start with `bad-setting`; it is never ignored.

"""
KINDS = {"bool": "true or false", "int": "whole number", "str": "text", "Path": "directory"}


def settings_page() -> str:
    """Return the page."""
    return HEAD + table(("variable", "kind", "default", "meaning"), settings())


def settings() -> Iterator[tuple[str, str, str, str]]:
    """Yield variable, kind, default and meaning of each setting, in the order of the class."""
    tree = ast.parse((SOURCE / "settings.py").read_text())
    [fields] = [
        n.body for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Settings"
    ]
    for field, text in pairwise(fields):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id=kind)),
                ast.Expr(value=ast.Constant(value=str(meaning))),
            ):
                default = code(_default(field.value))
                yield code(PREFIX + name.upper()), KINDS[kind], default, sentence(meaning)


def _default(value: ast.expr | None) -> str:
    match value:
        case ast.Constant(value=bool(given)):
            return str(given).lower()
        case ast.Constant(value=given):
            return str(given)
    return "~/.local/share/connectory"  # the one default that is computed
