"""connectory bump: the next version, and nothing else."""

from pathlib import Path
from typing import ClassVar

import click

from connectory.cli.bundle import ManifestFileMissingError
from connectory.cli.pieces import GOOD, bold
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.gates import disk
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest import loader
from connectory.manifest.versions import PARTS, raised, with_version
from connectory.scaffold.layout import MANIFEST


class VersionLineUnclearError(ConnectoryError):
    """The version of a manifest does not stand on one line of its own."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "version-line-unclear"

    def __init__(self, path: Path, version: str) -> None:
        super().__init__(
            f"{path} has no line of the form `version: {version}` that can be changed alone",
            hint="write the version on a line of its own, at the left edge",
            path=str(path),
            field="version",
        )


@click.command(cls=Verb)
@click.argument("part", type=click.Choice([*reversed(PARTS)]))
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
@click.option("--dry-run", is_flag=True, help="Only say which version it would be.")
@click.pass_obj
def bump(session: Session, part: str, path: Path, *, dry_run: bool) -> None:
    r"""Raise the version in the manifest at PATH; every other byte stays.

    patch after a fix, minor after an addition, major when users have to do something.

    \b
    Example:
        connectory bump patch connectors/crm-to-slack
    """
    file = path / MANIFEST if path.is_dir() else path
    if not file.is_file():
        raise ManifestFileMissingError(path)
    session.document = str(file)
    raw = file.read_bytes()
    before = loader.load(raw).manifest.version
    after = raised(before, part)
    changed = with_version(raw, before, after)
    if changed is None:
        raise VersionLineUnclearError(file, before)
    if not dry_run:
        _replace(file, changed)
    if session.out.as_json:
        session.out.document(
            {"path": str(file), "before": before, "after": after, "dry_run": dry_run}
        )
    else:
        verb = "Would raise " if dry_run else "Raised "
        session.out.show(GOOD, " ", verb, f"{file} from {before} to ", bold(after))
    session.out.next(f"connectory publish {path}")


def _replace(file: Path, content: bytes) -> None:
    """Write beside and rename, so that the file is never half written; it keeps its mode."""
    target = file.resolve()  # what a link leads to
    with disk.aside(target.parent, [content]) as made:
        made.chmod(target.stat().st_mode)
        disk.replace(made, target)
