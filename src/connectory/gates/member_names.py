"""Which names the members of an archive may have: those that mean the same file everywhere."""

import re
import unicodedata
from typing import ClassVar

from connectory.kernel.errors import ConnectoryError, Kind

MAX_NAME = 512  # bytes of UTF-8
MAX_SEGMENT = 255  # bytes of UTF-8, the limit of the usual file systems
MAX_DEPTH = 32
DRIVE = re.compile(r"[A-Za-z]:")
INVISIBLE = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}  # control, bidi, zero width, surrogate, ...
SHOWN = 120


class ArchivePathError(ConnectoryError):
    """A member of an archive has a name that could leave the folder or mislead a reader."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "archive-path"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"the package contains `{shown(name)}`, whose name {why}",
            hint="use relative names such as `src/main.py`; `connectory package` makes them",
            field="package",
            member=shown(name),
        )
        self.why = why


class ArchiveDuplicateError(ConnectoryError):
    """Two members of an archive would be the same file, here or where case does not matter."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "archive-duplicate"

    def __init__(self, name: str, other: str) -> None:
        super().__init__(
            f"the package contains `{shown(name)}` and `{shown(other)}`, which are one file",
            hint="keep one of them; upper and lower case do not make names different",
            field="package",
            member=shown(name),
        )


def shown(name: str) -> str:
    """Return a name as it may appear in a message: printable ASCII, not too long."""
    escaped = name.encode("unicode_escape").decode("ascii")
    return escaped if len(escaped) <= SHOWN else f"{escaped[:SHOWN]}..."


def check_name(name: str) -> None:
    """Refuse every name that is not plainly relative, printable and in one spelling.

    Raises:
        ArchivePathError: With the first reason that applies.
    """
    why = _characters(name) or _shape(name)
    if why:
        raise ArchivePathError(name, why)


class Names:
    """The names seen so far in one archive, with the folders that they imply."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, bool]] = {}  # folded -> spelling, is a folder

    def add(self, name: str, *, folder: bool) -> None:
        """Take one more checked name.

        Raises:
            ArchiveDuplicateError: If it is there already, differs from another only in case,
                or needs a folder where there is a file.
        """
        parts = name.split("/")
        for depth in range(1, len(parts)):
            self._take("/".join(parts[:depth]), folder=True, shared=True)
        self._take(name, folder=folder, shared=folder)

    def _take(self, name: str, *, folder: bool, shared: bool) -> None:
        wanted = (name, folder)
        there = self._seen.setdefault(_folded(name), wanted)
        is_new = there is wanted
        if not is_new and not (shared and there == wanted):
            raise ArchiveDuplicateError(name, there[0])


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())


def _characters(name: str) -> str:
    """Say what is wrong with the characters of a name, `""` if nothing."""
    if "\\" in name:
        return "has a backslash"
    if any(unicodedata.category(c) in INVISIBLE for c in name):
        return "has control, invisible or undecodable characters"
    if unicodedata.normalize("NFC", name) != name:
        return "is not in Unicode normal form C"
    return ""


def _shape(name: str) -> str:
    """Say what is wrong with the parts of a name, `""` if nothing."""
    if name.startswith("/"):
        return "is absolute"
    if DRIVE.match(name):
        return "starts with a drive letter"
    parts = name.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return "has an empty, `.` or `..` part"
    if any(len(part.encode()) > MAX_SEGMENT for part in parts) or len(name.encode()) > MAX_NAME:
        return f"is longer than {MAX_NAME} bytes, or a part of it than {MAX_SEGMENT}"
    return f"is more than {MAX_DEPTH} folders deep" if len(parts) > MAX_DEPTH else ""
