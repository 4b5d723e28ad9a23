"""connectory scan import | status: the advisories that dependencies are checked with."""

import sys
from pathlib import Path
from typing import ClassVar

import click

from connectory import settings
from connectory.advisories.mirror import FILE, About, Mirror, MirrorUnusableError
from connectory.cli.pieces import GOOD, WARN
from connectory.cli.session import Session
from connectory.cli.verbs import Noun
from connectory.kernel import clock
from connectory.kernel.errors import ConnectoryError, Kind

FOLDER = click.Path(file_okay=False, path_type=Path)
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
DATA = click.option("--data", type=FOLDER, help="Data directory.  [default: that of `up`]")


class AdvisoriesMissingError(ConnectoryError):
    """There is no mirror of advisories, or none that can be read."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "advisories-missing"

    def __init__(self, why: str) -> None:
        super().__init__(why, hint="import some: connectory scan import all.zip")


@click.group(cls=Noun)
def scan() -> None:
    r"""Keep the advisories that dependencies are checked with.

    \b
    Example:
        connectory scan import pypi.zip npm.zip
    """


@scan.command("import")
@click.argument("files", type=EXISTING, nargs=-1, required=True)
@DATA
@click.pass_obj
def import_(session: Session, files: tuple[Path, ...], *, data: Path | None) -> None:
    r"""Replace the advisories by those in FILES, each an all.zip of OSV. All, or nothing.

    Afterwards there is what the files hold and nothing else: name all ecosystems at once.

    \b
    Example:
        connectory scan import pypi.zip npm.zip go.zip
    """
    from connectory.advisories.load import load  # noqa: PLC0415  `status` needs none of it

    with click.progressbar(
        length=sum(file.stat().st_size for file in files),
        label="Reading",
        file=sys.stderr,
        hidden=session.out.as_json,
    ) as bar:
        about = load(files, settings.load(data=data).data, bar.update)
    _show(session, about)


@scan.command()
@DATA
@click.pass_obj
def status(session: Session, *, data: Path | None) -> None:
    r"""Say what the advisories cover and how old they are; exits 1 if they are of no use.

    \b
    Example:
        connectory scan status
    """
    path = settings.load(data=data).data / FILE
    try:
        with Mirror.open(path) as mirror:
            about = mirror.about()
    except MirrorUnusableError as unusable:
        raise AdvisoriesMissingError(str(unusable)) from None
    _show(session, about)
    if about.is_stale(clock.now()):
        session.out.next("connectory scan import all.zip")
        raise click.exceptions.Exit(1)


def _show(session: Session, about: About) -> None:
    is_stale = about.is_stale(clock.now())
    if session.out.as_json:
        session.out.document(
            {
                "advisories": about.advisories,
                "ecosystems": about.ecosystems,
                "newest": clock.rfc3339(about.newest),
                "imported": clock.rfc3339(about.imported),
                "skipped": about.skipped,
                "stale": is_stale,
            }
        )
        return
    session.out.show(
        WARN if is_stale else GOOD,
        f" {about.advisories:,} advisories, the newest of {about.newest:%Y-%m-%d}",
        " (stale: dependencies are not checked with them)" if is_stale else "",
    )
    for ecosystem, count in about.ecosystems.items():
        session.out.show(f"  {ecosystem:12} {count:>9,}")
    if about.skipped:
        session.out.show(
            WARN, f" {about.skipped:,} entries could not be read and were left out"
        )
