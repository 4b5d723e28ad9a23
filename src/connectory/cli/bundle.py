"""A connector's folder or package on this machine: what is in it, and packing it."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from connectory.gates import archive
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.scaffold.layout import (
    DEPLOY,
    LOCK,
    MANIFEST,
    README,
    RUNBOOK,
    is_packed,
)
from connectory.scaffold.package import packed

ENDINGS = (".tar.gz", ".tgz")


class ManifestFileMissingError(ConnectoryError):
    """There is no `manifest.yaml` where one should be."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "manifest-file-missing"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} has no {MANIFEST}",
            hint="give the folder of a connector, its manifest or its package",
            path=str(path),
        )


class LinkInFolderError(ConnectoryError):
    """A folder that should be packed contains a symbolic link."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "link-in-folder"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is a link, and a package has regular files only",
            hint="replace it by the file itself, or delete it",
            path=str(path),
        )


@dataclass(frozen=True, slots=True)
class Source:
    """What somebody wants to check or publish.

    `package` is the packed form where there is one; `names` are the files beside or inside.
    """

    path: Path
    manifest: bytes
    manifest_name: str  # for messages
    package: bytes | None = None
    names: frozenset[str] = frozenset()
    files: "dict[str, bytes] | None" = None

    def text(self, name: str) -> bytes | None:
        """Return a file of the folder or package, None if it has none of that name."""
        return (self.files or {}).get(name)


def read_source(path: Path) -> Source:
    """Read a manifest alone, a folder with a manifest, or a package.

    Raises:
        ManifestFileMissingError: If there is no manifest.
        LinkInFolderError: If a folder contains a link.
        ConnectoryError: What `gates.archive.members` raises, for a package.
    """
    if path.is_dir():
        return _folder(path)
    if path.name.endswith(ENDINGS):
        return _package(path)
    return Source(path, path.read_bytes(), str(path))


def _folder(path: Path) -> Source:
    if not (path / MANIFEST).is_file():
        raise ManifestFileMissingError(path)
    files = {name: file.read_bytes() for name, file in sorted(_tree(path).items())}
    return Source(
        path,
        files[MANIFEST],
        str(path / MANIFEST),
        package=packed(files),
        names=frozenset(files),
        files=files,
    )


def _package(path: Path) -> Source:
    names = [member.name for member in archive.members(path)]
    texts = {
        name: archive.read(path, name) or b""
        for name in (MANIFEST, README, RUNBOOK, DEPLOY, LOCK)
        if name in names
    }
    if MANIFEST not in texts:
        raise ManifestFileMissingError(path)
    return Source(
        path,
        texts[MANIFEST],
        f"{path}:{MANIFEST}",
        package=path.read_bytes(),
        names=frozenset(names),
        files=texts,
    )


def _tree(root: Path) -> dict[str, Path]:
    found = {}
    for path in root.rglob("*"):
        relative = path.relative_to(root)
        if not is_packed(relative):
            continue
        if path.is_symlink():
            raise LinkInFolderError(path)
        if path.is_file():
            found[relative.as_posix()] = path
    return found
