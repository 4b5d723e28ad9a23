"""connectory package: the bytes that a publish would upload."""

from pathlib import Path
from typing import ClassVar

import click

from connectory.cli.bundle import read_source
from connectory.cli.packing import completed
from connectory.cli.pieces import GOOD, bold, dim
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.gates import disk
from connectory.kernel.digest import digest_of
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest import loader
from connectory.scaffold.layout import SOURCES


class NothingToPackError(ConnectoryError):
    """There is no code to make a package of."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "nothing-to-pack"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is not a folder with {SOURCES}/",
            hint="give the folder of a connector with code; `connectory new ID` makes one",
            path=str(path),
        )


@click.command(cls=Verb)
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.  [default: ID-VERSION.tar.gz]",
)
@click.option("--dry-run", is_flag=True, help="Pack it and write nothing.")
@click.pass_obj
def package(session: Session, path: Path, output: Path | None, *, dry_run: bool) -> None:
    r"""Pack the connector in the folder PATH with all its wheels, as a publish does.

    The same folder gives the same bytes. Wheels that requirements.lock names and wheels/ lacks
    are fetched with pip, by their hashes; the SDK comes with Connectory.

    \b
    Example:
        connectory package connectors/crm-to-slack -o crm-to-slack.tar.gz
    """
    source = read_source(path)
    session.document = source.manifest_name
    manifest = loader.load(source.manifest).manifest
    if not path.is_dir() or source.package is None:
        raise NothingToPackError(path)
    packed = completed(source)
    content = packed.package or b""
    target = output or Path(f"{manifest.id}-{manifest.version}.tar.gz")
    if not dry_run:
        with disk.aside(target.parent, [content]) as made:
            made.chmod(0o644)
            disk.replace(made, target)
    digest = digest_of(content)
    if session.out.as_json:
        files = sorted(packed.names)
        facts = {"id": manifest.id, "version": manifest.version, "path": str(target)}
        session.out.document({**facts, "digest": digest, "bytes": len(content), "files": files})
    else:
        verb = "Would write " if dry_run else "Wrote "
        session.out.show(GOOD, " ", verb, bold(target), f"  {len(content):,} bytes")
        session.out.show(dim(f"  {digest}"))
    session.out.next(f"connectory publish {target}")
