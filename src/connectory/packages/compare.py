"""What differs between the files of two packages."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from pathlib import Path

from connectory.backends.blobs import Blobs
from connectory.gates import archive
from connectory.packages.read import bundle_path

MOST_BYTES = 32_000  # of a file whose lines are compared
MOST_LINES = 600  # of the same; comparing takes time that grows with their square
MOST_TEXTS = 40  # files of a package whose lines are compared
REMEMBERED = 128  # pairs of packages


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that differs. Sizes are bytes, None where there is no such file.

    `lines` is a unified diff of a small text file, `""` for everything else.
    """

    path: str
    kind: str  # added, removed, changed
    old_size: int | None
    new_size: int | None
    lines: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it is compared; `text` is None unless it is a small text."""

    size: int
    digest: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Compares packages by digest, and remembers what it found: that stays true for ever."""

    blobs: Blobs
    scratch: Path
    _known: dict[tuple[str | None, str | None], tuple[FileChange, ...]] = field(
        default_factory=dict
    )

    def of(self, old: str | None, new: str | None) -> tuple[FileChange, ...]:
        """Return the files that differ between two packages, by path. None is no package.

        Raises:
            BlobMissingError, BlobCorruptError: If a package cannot be read.
        """
        if old == new:
            return ()
        found = self._known.get((old, new))
        if found is None:
            found = _changes(self._files(old), self._files(new))
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[old, new] = found
        return found

    def _files(self, package: str | None) -> Mapping[str, _File]:
        if package is None:
            return {}
        with bundle_path(self.blobs, package, self.scratch) as bundle:
            return {
                member.name: _file(member.size, chunks)
                for member, chunks in archive.contents(bundle)
            }


def _changes(before: Mapping[str, _File], after: Mapping[str, _File]) -> tuple[FileChange, ...]:
    changes = [
        _change(path, before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]
    texts = [at for at, change in enumerate(changes) if change.lines]
    for at in texts[MOST_TEXTS:]:
        changes[at] = replace(changes[at], lines="")
    return tuple(changes)


def _file(size: int, chunks: Iterable[bytes]) -> _File:
    if size <= MOST_BYTES:
        content = b"".join(chunks)
        return _File(size, hashlib.sha256(content).hexdigest(), _text(content))
    sha = hashlib.sha256()
    for chunk in chunks:
        sha.update(chunk)
    return _File(size, sha.hexdigest(), None)


def _text(content: bytes) -> str | None:
    """Return a text that people can read; None for anything else, and for a long one."""
    if b"\0" in content or content.count(b"\n") > MOST_LINES:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _change(path: str, old: _File | None, new: _File | None) -> FileChange:
    kind = "changed" if old and new else "added" if new else "removed"
    sizes = (old.size if old else None, new.size if new else None)
    return FileChange(path, kind, *sizes, _lines(path, old, new))


def _lines(path: str, old: _File | None, new: _File | None) -> str:
    before, after = old.text if old else "", new.text if new else ""
    if before is None or after is None:
        return ""
    pieces = unified_diff(_split(before), _split(after), f"a/{path}", f"b/{path}", lineterm="")
    return "\n".join(pieces)


def _split(text: str) -> list[str]:
    """Break a text at line feeds alone: other breaks cannot be seen, and have to be shown."""
    return text.removesuffix("\n").split("\n") if text else []
