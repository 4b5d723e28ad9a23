"""connectory ci: pipelines for a repository of connectors."""

import re
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import ClassVar

import click

from connectory import __version__
from connectory.cli.pieces import GOOD, dim, one_line
from connectory.cli.session import Session
from connectory.cli.verbs import Noun
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.manifest import loader
from connectory.scaffold.files import write
from connectory.scaffold.layout import MANIFEST
from connectory.scaffold.pipelines import Repository, files_for

BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
GUARDIAN = re.compile(r"@?[A-Za-z0-9._/@+-]+")


class PipelinesDifferError(ConnectoryError):
    """Files of a pipeline are there already with other contents."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "pipelines-differ"

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"{', '.join(names)} would be overwritten, and nothing was changed",
            hint="look at the differences above, then add --force, or merge them by hand",
        )


@click.group(cls=Noun)
def ci() -> None:
    r"""Pipelines for a repository of connectors.

    \b
    Example:
        connectory ci init --gitlab
    """


@ci.command()
@click.argument(
    "path", type=click.Path(exists=True, file_okay=False, path_type=Path), default="."
)
@click.option("--github/--gitlab", "is_github", default=True, help="Where it is hosted.")
@click.option(
    "--branch", default="main", show_default=True, help="Publish what is merged here."
)
@click.option(
    "--guardian", default="", help="Who agrees to changes of policies and pipelines: @acme/sec."
)
@click.option("--force", is_flag=True, help="Overwrite files that differ.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.pass_obj
def init(  # noqa: PLR0913  one parameter per option
    session: Session,
    path: Path,
    branch: str,
    guardian: str,
    *,
    is_github: bool,
    force: bool,
    dry_run: bool,
) -> None:
    r"""Write what lets the repository at PATH vet and publish its connectors by itself.

    A pipeline, .yamllint, hooks for pre-commit, and CODEOWNERS with the owners of the manifests
    in connectors/*/. What differs from files that are there is shown, and they are kept unless
    --force is given.

    \b
    Example:
        connectory ci init --github --guardian @acme/security
    """
    _check("--branch", BRANCH, branch)
    _check("--guardian", GUARDIAN, guardian or "nobody")
    host = "github" if is_github else "gitlab"
    owners = dict(_owners(path))
    files = files_for(Repository(host, branch, session.url, __version__, guardian, owners))
    changed = {name: new for name, new in files.items() if _there(path / name) != new}
    differing = [name for name in changed if (path / name).exists()]
    if not session.out.as_json:
        _show(session, path, changed)
    if differing and not force and not dry_run:
        raise PipelinesDifferError(differing)
    if not dry_run:
        write(changed, path)
    facts = {"path": str(path), "host": host, "dry_run": dry_run}
    if session.out.as_json:
        session.out.document({**facts, "changed": sorted(changed), "differing": differing})
    else:
        verb = "would change" if dry_run else "changed"
        session.out.show(GOOD, f" {len(changed)} of {len(files)} files {verb}")
    session.out.next("connectory token create ci --scope publish", "git diff")


def _check(option: str, pattern: re.Pattern[str], value: str) -> None:
    if not pattern.fullmatch(value):
        raise click.BadParameter(f"{value!r} is not one", param_hint=option)


def _owners(root: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(root.glob(f"connectors/*/{MANIFEST}")):
        try:
            yield file.parent.name, loader.load(file.read_bytes()).manifest.owner
        except ConnectoryError:
            continue  # the pipeline will say what is wrong with it


def _there(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _show(session: Session, root: Path, changed: Mapping[str, bytes]) -> None:
    for name, new in changed.items():
        old = (_there(root / name) or b"").decode("utf-8", "replace")
        lines = unified_diff(old.splitlines(), new.decode().splitlines(), name, name, n=2)
        for line in lines:
            session.out.show(dim(line.rstrip()) if line[:1] == " " else one_line(line.rstrip()))
