"""`yarn.lock`, of Yarn 1 and of the later ones, and `pnpm-lock.yaml`.

Both are read line by line: their tools write each in one form only, and what has another one is
refused. As YAML they would be too large to be read strictly.
"""

import re
from collections.abc import Iterator

from connectory.advisories.rules import Package
from connectory.checks.locks.entry import Entry, integrity
from connectory.checks.locks.npm import ALIAS
from connectory.checks.rules import NotRunError

HEAD = re.compile(r"\"?(@?[^@\s\",]+)@[^\n]*:")
FIELD = re.compile(r"  \"?([\w@/.-]+)\"?:? +\"?([^\"]+)\"?")
RESOLUTION = re.compile(r"(@?[^@\s]+)@(npm|workspace|patch|link|portal|file|[\w+.-]+):(.*)")
PATCHED = re.compile(r"(?:@?[^@]+)@npm(?:%3A|:)([^#]+)#.*")
OWN = frozenset({"workspace", "link", "portal"})
NEEDED = re.compile(r"    \"?([^\s\":]+)\"?:? +.*")
SECTION = re.compile(r"(\w+):.*")
KEY = re.compile(r"  ['\"]?(/?@?[^'\"]+?)['\"]?: *(?:\{.*)?")
NEW = re.compile(r"/?((?:@[^/@]+/)?[^/@]+)@([^(]+)(?:\(.*)?")
OLD = re.compile(r"/((?:@[^/]+/)?[^/]+)/([^/_]+)(?:_.*)?")
PNPM_NEEDED = re.compile(r"      ['\"]?([^'\":]+)['\"]?: ['\"]?([^'\"(_]+).*")


def of_yarn(raw: bytes, name: str) -> Iterator[Entry]:
    """Read a lock of Yarn, but for what lies in the connector itself."""
    for block in re.split(r"\n(?=\S)", raw.decode("utf-8", "replace").replace("\r\n", "\n")):
        head, *lines = [line for line in block.split("\n") if line.strip()] or [""]
        if not head or head.startswith(("#", "__metadata:")):
            continue
        match = HEAD.fullmatch(head)
        if match is None:
            raise NotRunError(f"{name} has the line {head[:60]!r}, which Yarn never writes")
        found = (FIELD.fullmatch(line) for line in lines)
        fields = {one[1]: one[2] for one in found if one}
        package = _of_yarn(match[1], head, fields)
        if package is not None:
            needs = tuple(_needs_of_yarn(lines))
            yield Entry(package, integrity(fields.get("integrity")), needs)


def _of_yarn(usual: str, head: str, fields: dict[str, str]) -> Package | None:
    """Return the package of a block, under its true name; None if it is the connector's own."""
    version = fields.get("version", "")
    resolution = RESOLUTION.fullmatch(fields.get("resolution", ""))
    if resolution is None:  # Yarn 1: another name is in the head
        alias = ALIAS.match(head.strip('":').partition(f"{usual}@")[2])
        return Package("npm", alias[1] if alias else usual, version)
    if resolution[2] in OWN:
        return None
    patched = PATCHED.fullmatch(resolution[3])
    return Package("npm", resolution[1], patched[1] if patched else version)


def _needs_of_yarn(lines: list[str]) -> Iterator[tuple[str, str]]:
    is_needed = False
    for line in lines:
        if not line.startswith("    "):
            is_needed = line.strip() in {"dependencies:", "optionalDependencies:"}
        elif is_needed and (found := NEEDED.fullmatch(line)):
            yield found[1], ""


def of_pnpm(raw: bytes, name: str) -> Iterator[Entry]:
    """Read a lock of pnpm, versions 5 to 9."""
    section, package = "", None
    said: dict[Package, Entry] = {}
    for line in raw.decode("utf-8", "replace").splitlines():
        if top := SECTION.fullmatch(line):
            section, package = top[1], None
        elif section not in {"packages", "snapshots"} or not line.strip():
            continue
        elif not line.startswith("   "):
            package = _of_pnpm(line, name)
            if package:
                said.setdefault(package, Entry(package))
        elif package:
            said[package] = said[package].joined(_more(package, line))
    yield from said.values()


def _of_pnpm(line: str, name: str) -> Package | None:
    """Return the package of a key; None if it is a folder of the connector itself."""
    key = KEY.fullmatch(line)
    if key is None:
        raise NotRunError(f"{name} has the line {line[:60]!r}, which pnpm never writes")
    if key[1].startswith(("file:", "link:")) or "@file:" in key[1]:
        return None
    found = NEW.fullmatch(key[1]) or OLD.fullmatch(key[1])
    if found is None:
        raise NotRunError(f"{name} has {key[1][:60]!r}: nobody can say which package that is")
    return Package("npm", found[1], found[2])


def _more(package: Package, line: str) -> Entry:
    needed = PNPM_NEEDED.fullmatch(line)
    needs = ((needed[1], needed[2].strip()),) if needed else ()
    return Entry(package, integrity(line), needs)
