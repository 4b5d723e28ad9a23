"""Images in the layout of the Open Container Initiative, read where they lie in a package."""

import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connectory.checks.image_files import Files
from connectory.gates import layers
from connectory.gates.gunzip import GZIP
from connectory.gates.windows import Window
from connectory.kernel import strict_json
from connectory.kernel.errors import ConnectoryError
from connectory.kernel.strict_json import JsonRefusedError
from connectory.scaffold.layout import IMAGE, IMAGE_TAR

MARKER, INDEX = "oci-layout", "index.json"
DIGEST = re.compile(r"(sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128})")
MOST_JSON = 4_000_000  # bytes of an index, a manifest or a configuration
MOST_IMAGES = 8  # of a package
MOST_LAYERS = 128  # of an image
DEEPEST = 3  # indexes in each other
CHUNK = 1024 * 1024
SHOWN = 19  # characters of a digest: `sha256:`, and enough to find it
ZSTD = b"\x28\xb5\x2f\xfd"
BESIDE = "vnd.docker.reference.type"
"""The annotation of what lies beside an image and is none: attestations."""

UNREADABLE, INCOMPLETE, WRONG = "image-unreadable", "image-incomplete", "image-digest-wrong"


class ImageRefusedError(Exception):
    """An image that is not read any further: it is damaged, incomplete, or lies."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Blob:
    """Where bytes are: a part of a file."""

    path: Path
    offset: int
    size: int

    def open(self) -> io.BufferedReader:
        """Open it for reading, from its first byte to its last."""
        return io.BufferedReader(Window(self.path, self.offset, self.size), CHUNK)


@dataclass(frozen=True, slots=True)
class Image:
    """What one image is: how it starts, and what the checks want to know of its files."""

    digest: str
    user: str
    said: str  # by its configuration, line by line: environment and history
    files: Files


@dataclass(slots=True)
class Layout:
    """The files of a layout; `checked` are the digests whose bytes are true."""

    files: Mapping[str, Blob]
    checked: set[str] = field(default_factory=set)

    def blob(self, descriptor: object) -> tuple[str, Blob]:
        """Return the digest and the bytes that a descriptor names.

        Raises:
            ImageRefusedError: If they are not there, or are others than it says.
        """
        named = descriptor if isinstance(descriptor, dict) else {}
        digest = str(named.get("digest"))
        match = DIGEST.fullmatch(digest)
        if match is None:
            raise ImageRefusedError(UNREADABLE, "it names something without its digest")
        blob = self.files.get(f"blobs/{digest.replace(':', '/')}")
        if blob is None:
            raise ImageRefusedError(INCOMPLETE, f"{digest[:SHOWN]}… is named and not there")
        is_true = digest in self.checked or _digest(blob, digest.partition(":")[0]) == digest
        if not is_true or named.get("size") != blob.size:
            message = f"{digest[:SHOWN]}… has other bytes than its digest and size say"
            raise ImageRefusedError(WRONG, message)
        self.checked.add(digest)
        return digest, blob

    def document(self, descriptor: object) -> tuple[str, dict[str, object]]:
        """Return the digest and the JSON that a descriptor names."""
        digest, blob = self.blob(descriptor)
        return digest, document(blob, digest[:SHOWN])


def read(root: Path, names: frozenset[str]) -> tuple[Image, ...]:
    """Return the images of a package, one for each platform; none if it brings none.

    Raises:
        ImageRefusedError: If one cannot be read to its end, or is not what it says.
    """
    found: list[Image] = []
    for files in (_in_folder(root, names), _in_tar(root, names)):
        if files is None:
            continue
        if MARKER not in files or INDEX not in files:
            raise ImageRefusedError(UNREADABLE, f"it has no {MARKER} with an {INDEX}")
        layout = Layout(files)
        found += _images(layout, document(files[INDEX], INDEX))
        if not found:
            raise ImageRefusedError(UNREADABLE, f"its {INDEX} names no image")
    return tuple(found)


def document(blob: Blob, name: str) -> dict[str, object]:
    """Return the JSON object that a blob is.

    Raises:
        ImageRefusedError: If it is none, or too long.
    """
    if blob.size > MOST_JSON:
        raise ImageRefusedError(UNREADABLE, f"{name} is longer than {MOST_JSON:,} bytes")
    with blob.open() as source:
        raw = source.read()
    try:
        found = strict_json.read(raw)
    except JsonRefusedError as refused:
        raise ImageRefusedError(UNREADABLE, f"{name}: {refused.message}") from None
    if not isinstance(found, dict):
        raise ImageRefusedError(UNREADABLE, f"{name} is no JSON object")
    return found


def _in_folder(root: Path, names: frozenset[str]) -> dict[str, Blob] | None:
    inside = [name for name in names if name.startswith(f"{IMAGE}/")]
    files = {}
    for name in inside:
        path = root / name
        files[name.removeprefix(f"{IMAGE}/")] = Blob(path, 0, path.stat().st_size)
    return files or None


def _in_tar(root: Path, names: frozenset[str]) -> dict[str, Blob] | None:
    if IMAGE_TAR not in names:
        return None
    path, files = root / IMAGE_TAR, {}
    try:
        with path.open("rb") as source:
            if source.peek(len(GZIP)).startswith(GZIP):
                raise ImageRefusedError(UNREADABLE, "it is compressed as a whole")
            for member, _ in layers.members(source, path.stat().st_size):
                if member.kind is not layers.Entry.FOLDER:
                    if member.kind is not layers.Entry.FILE or member.name in files:
                        message = f"it has {member.name[:80]!r} twice or as a link"
                        raise ImageRefusedError(UNREADABLE, message)
                    files[member.name] = Blob(path, member.offset, member.size)
    except ConnectoryError as refused:
        raise ImageRefusedError(UNREADABLE, refused.message) from None
    return files


def _images(layout: Layout, index: dict[str, object], depth: int = 1) -> Iterator[Image]:
    manifests = index.get("manifests")
    if not isinstance(manifests, list) or len(manifests) > 2 * MOST_IMAGES or depth > DEEPEST:
        raise ImageRefusedError(UNREADABLE, "its index names no images, or too many")
    for descriptor in manifests:
        digest, manifest = layout.document(descriptor)
        if "manifests" in manifest:
            yield from _images(layout, manifest, depth + 1)
        elif BESIDE not in (descriptor.get("annotations") or {}):
            yield _image(layout, digest, manifest)


def _image(layout: Layout, digest: str, manifest: dict[str, object]) -> Image:
    _, config = layout.document(manifest.get("config"))
    stack = manifest.get("layers")
    if not isinstance(stack, list) or len(stack) > MOST_LAYERS:
        raise ImageRefusedError(UNREADABLE, f"{digest[:SHOWN]}… has no layers, or too many")
    files = Files()
    for descriptor in stack:
        name, blob = layout.blob(descriptor)
        with blob.open() as source:
            if source.peek(len(ZSTD)).startswith(ZSTD):
                message = f"the layer {name[:SHOWN]}… is compressed with zstd, not with gzip"
                raise ImageRefusedError(UNREADABLE, message)
            try:
                files.lay(source, blob.size)
            except ConnectoryError as refused:
                message = f"the layer {name[:SHOWN]}…: {refused.message}"
                raise ImageRefusedError(UNREADABLE, message) from None
    return Image(digest, *_started(config), files)


def _started(config: dict[str, object]) -> tuple[str, str]:
    """Return who an image runs as, and what its configuration says otherwise."""
    inner = config.get("config")
    run = inner if isinstance(inner, dict) else {}
    environment, history = run.get("Env"), config.get("history")
    said = [str(one) for one in environment] if isinstance(environment, list) else []
    steps = history if isinstance(history, list) else []
    said += [str(one.get("created_by", "")) for one in steps if isinstance(one, dict)]
    return str(run.get("User") or ""), "\n".join(said)


def _digest(blob: Blob, algorithm: str) -> str:
    with blob.open() as source:
        return f"{algorithm}:{hashlib.file_digest(source, algorithm).hexdigest()}"
