"""What the layers of an image lay over each other, as far as the checks want to know it."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from connectory.gates import layers
from connectory.gates.gunzip import ArchiveBombError, ArchiveDamagedError, Limits
from connectory.gates.layers import Entry, Member

PASSWORDS = "etc/passwd"
RELEASES = ("etc/os-release", "usr/lib/os-release")
DPKG, DPKG_PARTS = "var/lib/dpkg/status", "var/lib/dpkg/status.d"
APK = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
PYTHON, METADATA = ".dist-info", ".dist-info/METADATA"
LISTS = frozenset([PASSWORDS, DPKG, *APK])
FOLDERS = frozenset(
    [
        *("etc", "usr", "usr/lib", "var", "var/lib", "var/lib/dpkg", DPKG_PARTS),
        *("lib/apk", "lib/apk/db", "usr/lib/apk", "usr/lib/apk/db"),
    ]
)
"""What must be no link: the lists are looked for in them."""
GONE, OPAQUE = ".wh.", ".wh..wh..opq"
MOST_BYTES = 16_000_000  # of one list
MOST_KEPT = 64_000_000  # bytes of all of them
MOST_PROGRAMS = 1000  # that run as somebody else


@dataclass(slots=True)
class Files:
    """The files of an image after some of its layers.

    `kept` has the contents of lists, releases and passwords, `set_id` the programs that run as
    somebody else. `size` are the bytes of all files in all layers, unpacked.
    """

    kept: dict[str, bytes] = field(default_factory=dict)
    set_id: set[str] = field(default_factory=set)
    size: int = 0
    entries: int = 0

    def lay(self, source: io.BufferedReader, size: int) -> None:
        """Lay one more layer over what there is.

        Args:
            source: The layer, at its first byte.
            size: Its bytes.

        Raises:
            ConnectoryError: As `layers.members` does; also if a list is a link or too long.
        """
        most = layers.LIMITS
        limits = Limits(most.size - self.size, most.entries - self.entries, cpu_s=most.cpu_s)
        upper = _Upper()
        for member, content in layers.members(source, size, limits):
            self.size += member.size
            self.entries += 1
            upper.take(member, content)
        for name in [*self.kept, *self.set_id]:
            if upper.hides(name):
                self.kept.pop(name, None)
                self.set_id.discard(name)
        self.kept |= upper.kept
        self.set_id |= upper.set_id
        if sum(map(len, self.kept.values())) > MOST_KEPT or len(self.set_id) > MOST_PROGRAMS:
            raise ArchiveBombError("its lists of packages are longer than any system's")


@dataclass(slots=True)
class _Upper:
    """What one layer has, and what it hides of those below."""

    kept: dict[str, bytes] = field(default_factory=dict)
    set_id: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)  # with everything below, if it is a folder
    emptied: set[str] = field(default_factory=set)  # folders
    names: set[str] = field(default_factory=set)

    def take(self, member: Member, content: Iterator[bytes]) -> None:
        folder, _, last = member.name.rpartition("/")
        if last == OPAQUE:
            self.emptied.add(folder)
        elif last.startswith(GONE):
            self.replaced.add(f"{folder}/{last[len(GONE) :]}".lstrip("/"))
        elif member.kind is not Entry.FOLDER:
            self._put(member, content)

    def _put(self, member: Member, content: Iterator[bytes]) -> None:
        name = member.name
        if name in self.names:
            raise ArchiveDamagedError(f"it has {name[:80]!r} twice")
        self.names.add(name)
        self.replaced.add(name)
        if member.kind is not Entry.FILE:
            _refuse_link(name)
        elif _is_kept(name):
            self.kept[name] = _content(member, content)
        if member.sets_id:
            self.set_id.add(name)

    def hides(self, name: str) -> bool:
        """Whether a file of a lower layer is gone or another one."""
        above = list(_above(name))
        is_replaced = name in self.replaced or not self.replaced.isdisjoint(above)
        return is_replaced or not self.emptied.isdisjoint(above)


def _above(name: str) -> Iterable[str]:
    """Give the folders that a file is in, the root as an empty name."""
    while name:
        name = name.rpartition("/")[0]
        yield name


def _is_kept(name: str) -> bool:
    in_parts = name.startswith(f"{DPKG_PARTS}/") and not name.endswith(".md5sums")
    return in_parts or name in LISTS or name in RELEASES or name.endswith(METADATA)


def _refuse_link(name: str) -> None:
    is_list = _is_kept(name) and name not in RELEASES
    if is_list or name in FOLDERS or name.endswith(PYTHON):
        raise ArchiveDamagedError(f"{name[:80]!r} is a link, so nobody can say what it lists")


def _content(member: Member, content: Iterator[bytes]) -> bytes:
    if member.size > MOST_BYTES:
        raise ArchiveBombError(f"{member.name[:80]!r} is longer than {MOST_BYTES:,} bytes")
    whole = io.BytesIO()
    whole.writelines(content)
    return whole.getvalue()
