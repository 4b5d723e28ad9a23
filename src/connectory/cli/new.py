"""connectory new: a complete connector to begin with."""

import difflib
import shutil
import tempfile
from pathlib import Path
from typing import ClassVar

import click

from connectory.cli.bundle import MANIFEST
from connectory.cli.pieces import GOOD, WARN, bold, dim
from connectory.cli.scaffold import TEMPLATES, Wish, files_of, write
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest import loader

LIKENESS = 0.75  # of two ids, 0 to 1
LOOK_S = 2.0  # to ask a server for similar connectors; it may not be there
FOLDER_MODE = 0o755


class FolderTakenError(ConnectoryError):
    """Where a new connector should be, something is already."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "folder-taken"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} is there already and nothing in it was changed",
            hint="choose another id or another place with --into, or move it away",
            path=str(folder),
        )


class OwnerNeededError(ConnectoryError):
    """A new connector has no owner, and nobody is signed in who could be it."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "owner-needed"

    def __init__(self) -> None:
        super().__init__(
            "a connector needs an owner",
            hint="add --owner with a mail address or a team: --owner bizops@example.com",
            field="owner",
        )


@click.command(cls=Verb)
@click.argument("id_", metavar="ID")
@click.option(
    "--template",
    type=click.Choice([*TEMPLATES]),
    default=next(iter(TEMPLATES)),
    show_default=True,
    help="What to begin with.",
)
@click.option("--namespace", default="", help="Namespace to publish into.")
@click.option("--owner", default="", help="Mail address or team.  [default: who is signed in]")
@click.option(
    "--into",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="Where to make the folder.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be made.")
@click.pass_obj
def new(  # noqa: PLR0913  one parameter per option
    session: Session,
    id_: str,
    template: str,
    namespace: str,
    owner: str,
    into: Path,
    *,
    dry_run: bool,
) -> None:
    r"""Make the folder ID with a connector that vets, tests and packs as it is.

    It has a manifest, code, tests, papers and the wheel of the SDK. Nothing that exists is
    overwritten. No server is needed; where one answers, ids like this one are named.

    \b
    Example:
        connectory new lead-alerts --template webhook-to-slack --owner bizops@example.com
    """
    wish = Wish(id_, template, owner or _signed_in(session), namespace)
    files = files_of(wish)
    session.document = f"the template {template}"
    loader.load(
        files[MANIFEST]
    )  # refuses an id, owner or namespace that could not be published
    folder = into / id_
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderTakenError(folder)
    if not dry_run:
        _make(folder, files)
    similar = _similar(session, id_)
    if session.out.as_json:
        facts = {"path": str(folder), "id": id_, "template": template, "dry_run": dry_run}
        session.out.document({**facts, "files": sorted(files), "similar": similar})
    else:
        _show(session, wish, folder, files, verb="Would create" if dry_run else "Created")
    if similar:
        names = ", ".join(similar)
        session.out.say(WARN, f" Similar connectors exist: {names}. Reuse one?")
        session.out.next(f"connectory show {similar[0]}")
    session.out.next(f"connectory vet {folder}", f"connectory publish {folder}")


def _signed_in(session: Session) -> str:
    stored = session.credentials.read().servers.get(session.url)
    if stored is None:
        raise OwnerNeededError
    return stored.account


def _make(folder: Path, files: dict[str, bytes]) -> None:
    """Write beside and rename, so that there is a whole folder or none."""
    aside = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        aside.chmod(FOLDER_MODE)
        write(files, aside)
        aside.rename(folder)  # fails where something came meanwhile
    except OSError:
        shutil.rmtree(aside)
        if folder.exists():
            raise FolderTakenError(folder) from None
        raise


def _show(
    session: Session, wish: Wish, folder: Path, files: dict[str, bytes], *, verb: str
) -> None:
    session.out.show(GOOD, f" {verb} ", bold(f"{folder}/"), f"  {TEMPLATES[wish.template]}")
    for name in sorted(files):
        session.out.show(dim(f"  {name}"))


def _similar(session: Session, id_: str) -> list[str]:
    """Return the ids of a server that are like this one; nothing where none answers."""
    session.flags.timeout = session.flags.timeout or LOOK_S
    try:
        found = session.client.catalog.search(q=id_.replace("-", " "), limit=20)
    except ConnectoryError:
        return []  # a new connector needs no server
    ids = [one["id"] for one in found["items"]]
    return difflib.get_close_matches(id_, ids, n=3, cutoff=LIKENESS)
