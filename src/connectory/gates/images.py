"""Writes images in the layout of OCI, from files of this machine.

Layers are plain tar files, so that the digest of a layer is also its id. All of it belongs to
root; times stay, because compiled Python is thrown away when its source seems newer.
"""

import hashlib
import json
import platform
import tarfile  # noqa: TID251  a writer of what package archives never have: links, folders
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from connectory.gates import disk
from connectory.kernel.digest import digest_of

OCI = "application/vnd.oci.image"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}  # as OCI writes them; others are alike
FOLDER_MODE = 0o755


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of this machine, and its absolute path in an image.

    A link becomes the file that it leads to if `is_followed`, otherwise it stays a link.
    """

    source: Path
    at: PurePosixPath
    is_followed: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A folder (without a target) or a link that only the image has."""

    at: PurePosixPath
    target: str = ""


def write_layer(into: Path, parts: Iterable[Piece | Made]) -> None:
    """Write a layer. Folders above its parts are made; of two with one path the first counts.

    Raises:
        StorageFullError: If the disk is full.
    """
    with disk.writing(into), tarfile.open(into, "w", format=tarfile.PAX_FORMAT) as layer:
        there = {PurePosixPath("/")}
        for part in parts:
            for folder in reversed(part.at.parents):
                _write(layer, Made(folder), there)
            _write(layer, part, there)


def write_image(into: Path, layers: Sequence[Path], labels: Mapping[str, str]) -> None:
    """Write an image of finished layers, which are linked and not copied.

    Args:
        into: The folder of the layout; it must not be there.
        layers: On the same disk, lowest first.
        labels: Names and values that the image has.
    """
    blobs = into / "blobs/sha256"
    blobs.mkdir(parents=True)
    described = [_layer(blobs, layer) for layer in layers]
    config = {
        "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": {"Labels": dict(labels)},
        "rootfs": {"type": "layers", "diff_ids": [one["digest"] for one in described]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{OCI}.manifest.v1+json",
        "config": _document(blobs, config, f"{OCI}.config.v1+json"),
        "layers": described,
    }
    index = {
        "schemaVersion": 2,
        "manifests": [_document(blobs, manifest, f"{OCI}.manifest.v1+json")],
    }
    (into / "index.json").write_text(json.dumps(index))
    (into / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


def _write(layer: tarfile.TarFile, part: Piece | Made, there: set[PurePosixPath]) -> None:
    if part.at in there:
        return
    there.add(part.at)
    if isinstance(part, Made):
        _make(layer, part)
    else:
        layer.dereference = part.is_followed
        layer.add(part.source, str(part.at), recursive=False, filter=_of_root)


def _make(layer: tarfile.TarFile, made: Made) -> None:
    member = tarfile.TarInfo(str(made.at.relative_to("/")))
    member.type = tarfile.SYMTYPE if made.target else tarfile.DIRTYPE
    member.linkname, member.mode = made.target, FOLDER_MODE
    layer.addfile(member)


def _of_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _layer(blobs: Path, layer: Path) -> dict[str, object]:
    with layer.open("rb") as content:
        name = hashlib.file_digest(content, "sha256").hexdigest()
    (blobs / name).hardlink_to(layer)
    return {
        "mediaType": f"{OCI}.layer.v1.tar",
        "digest": f"sha256:{name}",
        "size": layer.stat().st_size,
    }


def _document(blobs: Path, document: object, media_type: str) -> dict[str, object]:
    content = json.dumps(document, sort_keys=True).encode()
    digest = digest_of(content)
    (blobs / digest.removeprefix("sha256:")).write_bytes(content)
    return {"mediaType": media_type, "digest": digest, "size": len(content)}
