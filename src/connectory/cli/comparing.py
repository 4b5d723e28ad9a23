"""connectory similar, diff."""

from pathlib import Path

import click

from connectory.cli import known
from connectory.cli.bundle import read_source
from connectory.cli.pieces import WARN, Piece, bold, dim, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.client.catalog import (
    MANIFEST_TYPE,
    BadReferenceError,
    Difference,
    FileChange,
    Reference,
    Similar,
)

MORE, LESS, OTHER = Piece("+", "good"), Piece("-", "bad"), Piece("~", "warn")
SIGNS = {"added": MORE, "removed": LESS, "changed": OTHER}
TONES = {"+": "good", "-": "bad", "@": "dim"}


@click.command(cls=Verb)
@click.argument("connector", metavar="ID|PATH", shell_complete=known.connectors)
@click.pass_obj
def similar(session: Session, connector: str) -> None:
    r"""List connectors that do much the same as ID, or as the manifest at PATH.

    How alike they are is a number from 0 to 1: what they connect counts most, then tags,
    descriptions, names, and what starts them.

    \b
    Example:
        connectory similar crm-to-slack-v1
    """
    path = Path(connector)
    if path.exists():
        source = read_source(path)
        session.document = source.manifest_name
        parts = {"manifest": ("manifest.yaml", source.manifest, MANIFEST_TYPE)}
        found = session.client.catalog.validate(parts)["similar"]
    else:
        found = session.client.catalog.similar(Reference.parse(connector))["items"]
    if session.out.as_json:
        session.out.document({"items": found})
        return
    session.out.table(
        ["CONNECTOR", "ALIKE", "STATUS", "WHY"],
        [
            [
                bold(f"{one['namespace']}/{one['id']}"),
                f"{one['score']:.2f}",
                one["status"],
                one_line("; ".join(one["reasons"])),
            ]
            for one in found
        ],
    )
    if found:
        session.out.next(f"connectory show {found[0]['namespace']}/{found[0]['id']}")


@click.command(cls=Verb)
@click.argument("old", metavar="ID@VERSION", shell_complete=known.connectors)
@click.argument("new", metavar="VERSION|ID@VERSION")
@click.pass_obj
def diff(session: Session, old: str, new: str) -> None:
    r"""Compare two versions: what the newer one may touch, its manifest, its files.

    \b
    Example:
        connectory diff crm-to-slack-v1@1.2.0 1.3.0
    """
    older = Reference.parse(old)
    newer = Reference.parse(new) if "@" in new else Reference(older.id, older.namespace, new)
    for text, reference in ((old, older), (new, newer)):
        if not reference.version:
            raise BadReferenceError(text)
    found = session.client.catalog.diff(older, newer)
    if session.out.as_json:
        session.out.document(found)
        return
    _show(session, found)


def say_similar(session: Session, found: list[Similar]) -> None:
    """Warn of connectors that do much the same; nothing where there are none."""
    if not found:
        return
    names = ", ".join(f"{one['id']} ({one['score']:.2f})" for one in found)
    session.out.say(WARN, f" Similar connectors exist: {one_line(names)}. Reuse one?")
    session.out.next(f"connectory show {found[0]['namespace']}/{found[0]['id']}")


def _show(session: Session, found: Difference) -> None:
    out = session.out
    _show_exposure(session, "It may touch more", found["grown"], Piece("+", "warn"))
    _show_exposure(session, "It may touch less", found["shrunk"], LESS)
    if found["changes"]:
        out.title("Manifest")
    for change in found["changes"]:
        values = f"{_value(change['old'])} -> {_value(change['new'])}"
        out.show("  ", SIGNS[change["kind"]], f" {change['path']}  ", one_line(values))
    if found["files"]:
        out.title("Files")
    for file in found["files"]:
        _show_file(session, file)
    if not found["changes"] and not found["files"]:
        out.say(dim("they are the same"))


def _show_exposure(
    session: Session, title: str, delta: dict[str, list[str]], sign: Piece
) -> None:
    if delta:
        session.out.title(title)
    for part, names in delta.items():
        for name in names:
            session.out.show("  ", sign, f" {part.replace('_', ' ')}: ", one_line(name))


def _show_file(session: Session, file: FileChange) -> None:
    sizes = f"{_size(file['old_size'])} -> {_size(file['new_size'])}"
    mark = SIGNS[file["kind"]]
    session.out.show("  ", mark, f" {one_line(file['path'])}  ", dim(sizes))
    for line in file["lines"].splitlines()[2:]:
        session.out.show("      ", Piece(line, TONES.get(line[:1], "")))


def _value(value: object) -> str:
    return "nothing" if value is None else str(value)


def _size(size: int | None) -> str:
    return "nothing" if size is None else f"{size:,} bytes"
