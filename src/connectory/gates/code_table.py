"""The reference of error codes that comes with this release, for server and command."""

import re
from pathlib import Path

import connectory

HOME = Path(connectory.__file__).parent
TABLES = (HOME / "errors.md", HOME.parents[1] / "docs/reference/errors.md")
"""Where the page is: in the package when installed, in docs/ in a checkout."""
CODE = re.compile(r"`([a-z0-9-]+)`")


def read_rows() -> dict[str, dict[str, str]]:
    """Read the tables of the page: code -> the cells of its row, by column."""
    text = next((path.read_text("utf-8") for path in TABLES if path.is_file()), "")
    rows: dict[str, dict[str, str]] = {}
    names: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not line.startswith("|") or set(line) <= set("|-: "):
            continue
        found = CODE.fullmatch(cells[0])
        if found is None:
            names = [name.lower() for name in cells]
        else:
            rows[found[1]] = dict(zip(names, (found[1], *cells[1:]), strict=False))
    return rows
