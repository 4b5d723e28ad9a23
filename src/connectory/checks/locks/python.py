"""Locks and requirements of Python, as pip, uv, poetry, pipenv and PEP 751 write them."""

import re
import tomllib
from collections.abc import Collection, Iterator
from posixpath import basename, dirname, join, normpath
from urllib.parse import unquote

from packaging.requirements import InvalidRequirement, Requirement

from connectory.advisories.rules import Package
from connectory.checks.layout import normal
from connectory.checks.locks.entry import Entry, Hash, hashes, json_of, members
from connectory.checks.rules import NotRunError
from connectory.checks.subject import is_wheel

TABLES = {"uv.lock": "package", "poetry.lock": "package", "pylock.toml": "packages"}
"""Where in which lock the packages are."""
WANTED = re.compile(
    r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^]]*\])?\s*(?:={2,3}\s*([^\s,;*]+)\s*(?=;|$))?.*"
)
WHEEL = re.compile(r"@\s*\S*/[\w.]+-([^-/\s]+)-[^/\s]+\.whl(?=[\s#;]|$)")
COMMENT = re.compile(r"(?:^|\s)#.*")
EDITABLE = re.compile(r"(?:-e|--editable)[\s=]+")
LOCAL = re.compile(r"\.\S*")
ARCHIVE = re.compile(r"(?!-)[^\s@]+\.(?:whl|tar\.gz|zip)")
OPTIONS = re.compile(r"\s-.*")
INCLUDED = re.compile(r"(?:-r|--requirement)[\s=]*(\S+)")
REQUIREMENTS = re.compile(r"requirements[\w.-]*\.txt|requirements\.lock")
OWN = frozenset({"editable", "virtual", "directory"})


def of_requirements(raw: bytes, name: str, there: Collection[str]) -> Iterator[Entry]:
    """Read a file of requirements as pip does; `there` are all files of the connector.

    Raises:
        NotRunError: If it names what nobody can say the version of, or includes another file
            that is not there or is not read as one.
    """
    for line in _joined(raw.decode("utf-8", "replace")):
        bare = COMMENT.sub("", line).strip()
        if (included := INCLUDED.match(bare)) or ARCHIVE.fullmatch(bare):
            _require_read(included[1] if included else bare, name, there)
            continue
        wanted = EDITABLE.sub("", bare)
        if wanted and not wanted.startswith("-") and not LOCAL.fullmatch(wanted):
            yield _of_line(wanted, name)


def _require_read(path: str, name: str, there: Collection[str]) -> None:
    """Refuse a file that is named and is not read itself."""
    whole = normpath(join(dirname(name), path))
    is_read = is_wheel(whole) or REQUIREMENTS.fullmatch(basename(whole))
    if whole not in there or not is_read:
        raise NotRunError(f"{name} takes {path[:80]}, which is not looked at")


def _joined(text: str) -> Iterator[str]:
    """Put lines together that end with a backslash; a comment never goes on."""
    pending = ""
    for line in text.splitlines():
        is_comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not is_comment:
            pending += line.removesuffix("\\")
            continue
        yield f"{pending} {line}" if is_comment else pending + line
        pending = ""
    yield pending


def _of_line(line: str, name: str) -> Entry:
    of_address = re.search(r"[#&]egg=([\w.-]+)", line)
    package, version = wanted(of_address[1] if of_address else OPTIONS.sub("", line, count=1))
    if not package or ("://" in line and not of_address and "@" not in line.partition(":")[0]):
        raise NotRunError(f"{name} takes {line[:80]!r}: nobody can say which package that is")
    return Entry(Package("PyPI", package, version), hashes(line))


def wanted(text: str) -> tuple[str, str]:
    """Return the name and the version of a requirement; no version if it leaves that open."""
    match = WANTED.fullmatch(text)
    if match is None:
        return "", ""
    return normal(match[1]), match[2] or _exactly(text)


def _exactly(text: str) -> str:
    if wheel := WHEEL.search(text):
        return unquote(wheel[1])
    try:
        found = Requirement(text).specifier
    except InvalidRequirement:
        return ""
    exact = (one.version for one in found if one.operator == "==" and "*" not in one.version)
    return next(exact, "")


def of_lock(raw: bytes, name: str) -> Iterator[Entry]:
    """Read a lock of uv, of poetry, or of the standard, but for the entry of itself."""
    found = _toml(raw, name).get(TABLES[name.rpartition("/")[2]])
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict) and "version" in one and not _is_own(one):
            package = Package("PyPI", normal(str(one.get("name"))), str(one["version"]))
            yield Entry(package, tuple(dict.fromkeys(_hashes(one))), tuple(_needs(one)))


def _is_own(one: dict[str, object]) -> bool:
    """Whether an entry is about a folder of the connector itself."""
    source = one.get("source")
    of_source = isinstance(source, dict) and (
        OWN & source.keys() or source.get("type") == "directory"
    )
    return bool(of_source) or "directory" in one


def _hashes(one: dict[str, object]) -> Iterator[Hash]:
    """Give the digests of all files of a package, wherever its lock has them."""
    for part in ("files", "wheels", "sdist", "archive"):
        files = one.get(part)
        for file in files if isinstance(files, list) else [files]:
            about = members(file)
            yield from hashes(str(about.get("hash", "")))
            for name, digits in members(about.get("hashes")).items():
                yield from hashes(f"{name}:{digits}")


def _needs(one: dict[str, object]) -> Iterator[tuple[str, str]]:
    found = one.get("dependencies")
    if isinstance(found, dict):  # poetry: name and range
        yield from ((normal(name), "") for name in found)
    for each in found if isinstance(found, list) else []:
        if isinstance(each, dict) and "name" in each:
            yield normal(str(each["name"])), str(each.get("version", ""))


def of_pipfile(raw: bytes, name: str) -> Iterator[Entry]:
    """Read what a lock of pipenv installs outside of development."""
    for package, one in members(json_of(raw, name).get("default")).items():
        if isinstance(one, dict) and "path" not in one:
            _, version = wanted(f"{package}{one.get('version', '')}")
            listed = " ".join(map(str, one.get("hashes") or ()))
            yield Entry(Package("PyPI", normal(package), version), hashes(listed))


def of_project(raw: bytes, name: str) -> Iterator[Entry]:
    """Give what a project needs itself, without a version where it leaves that open."""
    whole = _toml(raw, name)
    needed = members(whole.get("project")).get("dependencies")
    for one in needed if isinstance(needed, list) else []:
        if (found := wanted(str(one)))[0]:
            yield Entry(Package("PyPI", *found))
    of_poetry = members(members(whole.get("tool")).get("poetry")).get("dependencies")
    for package, one in members(of_poetry).items():
        if package != "python" and not (isinstance(one, dict) and "path" in one):
            said = one.get("version", "") if isinstance(one, dict) else one
            yield Entry(Package("PyPI", *wanted(f"{package}{said}")))


def _toml(raw: bytes, name: str) -> dict[str, object]:
    try:
        return tomllib.loads(raw.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise NotRunError(f"{name} cannot be read: {error}") from None
