"""connectory new: a complete connector to begin with."""

import shutil
import tempfile
from pathlib import Path
from typing import ClassVar

import click

from connectory.cli.comparing import say_similar
from connectory.cli.pieces import GOOD, bold, dim
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.client.catalog import MANIFEST_TYPE, Similar
from connectory.kernel.errors import ConnectoryError, Kind, Problem
from connectory.manifest import loader
from connectory.manifest.errors import ManifestError
from connectory.manifest.writer import written
from connectory.scaffold.files import TEMPLATES, Wish, files_of, write
from connectory.scaffold.layout import MANIFEST

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


class NameRefusedError(ConnectoryError):
    """A new connector was given an id, owner or namespace that could not be published."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "name-refused"

    def __init__(self, problem: Problem) -> None:
        super().__init__(
            f"{problem.path}: {problem.message}", hint=problem.hint, field=problem.path
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
    overwritten. No server is needed; one that you are signed in to names similar connectors.

    \b
    Example:
        connectory new lead-alerts --template webhook-to-slack --owner bizops@example.com
    """
    wish = Wish(id_, template, owner or _signed_in(session), namespace)
    files = files_of(wish)
    _check(files[MANIFEST])
    folder = into / id_
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderTakenError(folder)
    if not dry_run:
        _make(folder, files)
    similar = _similar(session, wish)
    if session.out.as_json:
        facts = {"path": str(folder), "id": id_, "template": template, "dry_run": dry_run}
        session.out.document({**facts, "files": sorted(files), "similar": similar})
    else:
        _show(session, wish, folder, files, verb="Would create" if dry_run else "Created")
    say_similar(session, similar)
    session.out.next(f"connectory vet {folder}", f"connectory publish {folder}")


def _check(manifest: bytes) -> None:
    """Refuse an id, owner or namespace in the words of the manifest's rules."""
    try:
        loader.load(manifest)
    except ManifestError as refused:
        raise NameRefusedError(refused.problems[0]) from None


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


def _similar(session: Session, wish: Wish) -> list[Similar]:
    """Return the connectors of a server that sound like it; none where none answers.

    All that is known of a new connector is what it is called: a template says nothing of it.
    """
    session.flags.timeout = session.flags.timeout or LOOK_S
    words = wish.id.split("-")
    called = {
        "id": wish.id,
        "name": " ".join(words),
        "version": "0.1.0",
        "description": " ".join(words),
        "owner": wish.owner,
        "tags": list(words),
        "runtime": {"type": "serverless"},
    }
    try:
        parts = {"manifest": (MANIFEST, written(called).encode(), MANIFEST_TYPE)}
        return session.client.catalog.validate(parts)["similar"]
    except ConnectoryError:
        return []  # a new connector needs no server
