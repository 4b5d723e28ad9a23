"""Finding the connectors of a repository, and making of each what a publisher would send."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from connectory.gates import git
from connectory.gates.git import Fetched, File
from connectory.manifest import loader
from connectory.publishing.release import Upload, text_of
from connectory.scaffold.layout import MANIFEST, README, RUNBOOK, is_packed
from connectory.scaffold.lock import REQUIREMENTS, locked, missing
from connectory.scaffold.package import packed
from connectory.sources.rules import (
    MOST_CONNECTORS,
    TooManyConnectorsError,
    WheelsMissingError,
)


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder that may be a connector. `tree` changes with anything that is in it."""

    path: str
    tree: str
    files: tuple[File, ...]
    attributes: tuple[File, ...]  # of the folders above, which apply to it, too

    @property
    def has_manifest(self) -> bool:
        """Whether it is a connector."""
        return any(one.path == f"{self.path}/{MANIFEST}" for one in self.files)


def folders(found: Fetched, inside: str) -> list[Folder]:
    """Return each folder directly below `inside` (`""`: below the root), hidden ones not.

    Raises:
        RepositoryRefusedError, TooManyConnectorsError: If there are too many.
    """
    listed = found.files(inside)
    prefix = f"{inside}/" if inside else ""
    attributes = tuple(one for one in listed if _is_above(one, prefix))
    roots = [one for one in listed if one.is_folder and _is_root(one, prefix)]
    if len(roots) > MOST_CONNECTORS:
        raise TooManyConnectorsError(len(roots))
    below: dict[str, list[File]] = {root.path: [] for root in roots}
    for one in listed:
        first = one.path.removeprefix(prefix).partition("/")[0]
        if not one.is_folder and (root := f"{prefix}{first}") in below:
            below[root].append(one)
    return [
        Folder(root.path, root.object, tuple(below[root.path]), attributes) for root in roots
    ]


def upload_of(found: Fetched, folder: Folder, most: int) -> Upload:
    """Return what a publisher would send of a folder, its authors not among it.

    The package has the same bytes as the one that `connectory publish` makes of the folder.

    Raises:
        RepositoryRefusedError, RepositoryTooLargeError: If a file is none that is published.
        ManifestError: If the manifest is wrong.
        LockIncompleteError, WheelsMissingError: If libraries are not all in the repository.
    """
    wanted = [*folder.attributes, *_wanted(folder)]
    contents = found.contents(wanted, most)
    git.check_unfiltered({name: raw for name, raw in contents.items() if _is_attributes(name)})
    prefix = f"{folder.path}/"
    inside = {
        name.removeprefix(prefix): raw
        for name, raw in contents.items()
        if name.startswith(prefix)
    }
    files = {name: raw for name, raw in inside.items() if is_packed(PurePosixPath(name))}
    loaded = loader.load(files[MANIFEST])
    package = packed(files)
    if package is not None:
        files = locked(files, inside.get(REQUIREMENTS, b""), folder.path)
        if absent := missing(files):
            raise WheelsMissingError(folder.path, [pin.name for pin in absent])
        package = packed(files)
    return Upload(
        loaded,
        None if package is None else [package],
        readme=text_of(files.get(README, b"")),
        runbook=text_of(files.get(RUNBOOK, b"")),
    )


def _wanted(folder: Folder) -> Iterator[File]:
    """Give the files of a folder that matter: what is packed, and what says how."""
    for one in folder.files:
        relative = PurePosixPath(one.path.removeprefix(f"{folder.path}/"))
        if is_packed(relative) or str(relative) == REQUIREMENTS or _is_attributes(one.path):
            yield one


def _is_root(one: File, prefix: str) -> bool:
    name = one.path.removeprefix(prefix)
    return one.path.startswith(prefix) and "/" not in name and not name.startswith(".")


def _is_above(one: File, prefix: str) -> bool:
    """Whether a file says attributes of all that is below `prefix`."""
    folder, _, name = one.path.rpartition("/")
    return name == git.ATTRIBUTES and prefix.startswith(f"{folder}/" if folder else "")


def _is_attributes(path: str) -> bool:
    return path.rpartition("/")[2] == git.ATTRIBUTES
