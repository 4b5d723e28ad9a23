"""Order of versions in those ecosystems whose rules are known here.

A version that cannot be read raises: it is never taken for older, newer or unaffected.
"""

import re
from collections.abc import Callable, Mapping

from packaging.version import InvalidVersion, Version

SEMVER = re.compile(
    r"v?(\d{1,18})\.(\d{1,18})\.(\d{1,18})(?:-([0-9A-Za-z.-]{1,200}))?(?:\+[0-9A-Za-z.-]{0,200})?"
)
LONGEST = 200  # characters of a version

Key = Version | tuple[object, ...]


class UnknownVersionError(Exception):
    """A version does not follow the rules of its ecosystem, or they are not known here."""


def normal(ecosystem: str, name: str) -> str:
    """Return the name of a package as its ecosystem compares it."""
    return re.sub(r"[-_.]+", "-", name).lower() if ecosystem == "PyPI" else name


def key(ecosystem: str, version: str) -> Key:
    """Return what versions of one ecosystem are ordered by.

    Raises:
        UnknownVersionError: If the version cannot be read.
    """
    read = READERS.get(ecosystem)
    if read is None or len(version) > LONGEST:
        raise UnknownVersionError(version)
    return read(version)


def _python(version: str) -> Key:
    try:
        return Version(version)
    except InvalidVersion:
        raise UnknownVersionError(version) from None


def _semantic(version: str) -> Key:
    match = SEMVER.fullmatch(version)
    if match is None:
        raise UnknownVersionError(version)
    numbers = tuple(int(part) for part in match.groups()[:3])
    pre = match[4]
    # A release comes after everything before it; numbers come before words.
    rest = tuple(
        (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)
        for part in (pre.split(".") if pre else [])
    )
    return (numbers, pre is None, rest)


READERS: Mapping[str, Callable[[str], Key]] = {
    "PyPI": _python,
    "npm": _semantic,
    "Go": _semantic,
    "crates.io": _semantic,
}
