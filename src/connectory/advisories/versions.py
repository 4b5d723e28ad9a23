"""Order of versions in those ecosystems whose rules are known here.

A version that cannot be read raises: it is never taken for older, newer or unaffected.
"""

import re
from collections.abc import Callable, Mapping

from packaging.version import InvalidVersion, Version

SEMVER = re.compile(
    r"v?(\d{1,18})\.(\d{1,18})\.(\d{1,18})(?:-([0-9A-Za-z.-]{1,200}))?(?:\+[0-9A-Za-z.-]{0,200})?"
)
DEBIAN = re.compile(
    r"(?:(?P<epoch>\d{1,9}):)?(?P<upstream>[0-9A-Za-z.+~:-]+?)(?:-(?P<revision>[0-9A-Za-z.+~]+))?(?<!-)"
)
PAIR = re.compile(r"(?=.)(\D*)(\d*)")
NOTHING = ((0,), 0)
ALPINE = re.compile(
    r"(?P<numbers>\d{1,18}(?:\.\d{1,18})*)(?P<letter>[a-z]?)"
    r"(?P<suffixes>(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d{0,18})*)(?:~[0-9a-f]+)?"
    r"(?:-r(?P<revision>\d{1,18}))?"
)
SUFFIX = re.compile(r"_([a-z]+)(\d*)")
BEFORE, AFTER = ("alpha", "beta", "pre", "rc"), ("cvs", "svn", "git", "hg", "p")
SUFFIXES = {name: n - len(BEFORE) for n, name in enumerate(BEFORE)} | {
    name: n + 1 for n, name in enumerate(AFTER)
}
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


def _debian(version: str) -> Key:
    """Read `epoch:upstream-revision`, ordered as dpkg does: `~` comes before the end."""
    match = DEBIAN.fullmatch(version)
    if match is None:
        raise UnknownVersionError(version)
    return int(match["epoch"] or 0), _parts(match["upstream"]), _parts(match["revision"] or "")


def _parts(text: str) -> tuple[object, ...]:
    """Give what is no digit and the number behind it, pair by pair; an end equals nothing."""
    pairs = [(_ranks(word), int(digits or 0)) for word, digits in PAIR.findall(text)]
    while pairs and pairs[-1] == NOTHING:
        pairs.pop()
    return (*pairs, NOTHING)


def _ranks(word: str) -> tuple[int, ...]:
    """Rank characters: `~`, then the end, then letters, then everything else."""
    ranked = (-1 if one == "~" else ord(one) + (0 if one.isalpha() else 256) for one in word)
    return (*ranked, 0)


def _alpine(version: str) -> Key:
    """Read `1.2.3a_rc1-r4`, ordered as apk does."""
    match = ALPINE.fullmatch(version)
    if match is None:
        raise UnknownVersionError(version)
    first, *rest = match["numbers"].split(".")
    # Behind the first, a number with a leading zero is a fraction, and so compared as a text.
    numbers = [(0, part) if part.startswith("0") else (1, int(part)) for part in rest]
    suffixes = [(SUFFIXES[name], int(n or 0)) for name, n in SUFFIX.findall(match["suffixes"])]
    revision = int(match["revision"] or 0)
    return (int(first), *numbers), match["letter"], (*suffixes, (0, 0)), revision


READERS: Mapping[str, Callable[[str], Key]] = {
    "PyPI": _python,
    "npm": _semantic,
    "Go": _semantic,
    "crates.io": _semantic,
    "Debian": _debian,
    "Ubuntu": _debian,
    "Alpine": _alpine,
}
