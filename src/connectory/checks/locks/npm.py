"""Locks and packages of npm, versions 1 to 3, and what a package of Node.js needs itself."""

import re
from collections.abc import Iterator

from connectory.advisories.rules import Package
from connectory.checks.locks.entry import Entry, integrity, json_of, members

MODULES = "node_modules/"
EXACT = re.compile(r"=?v?(\d+\.\d+\.\d+(?:[-+][\w.+-]+)?)")
ALIAS = re.compile(r"npm:(@?[^@]+)@(.+)")
NEEDS = ("dependencies", "optionalDependencies")


def of_lock(raw: bytes, name: str) -> Iterator[Entry]:
    """Read `package-lock.json` or `npm-shrinkwrap.json`."""
    lock = json_of(raw, name)
    if isinstance(lock.get("packages"), dict):
        yield from _of_folders(lock["packages"])
    elif isinstance(lock.get("dependencies"), dict):
        yield from _of_tree(lock["dependencies"])


def _of_folders(folders: object) -> Iterator[Entry]:
    """Read a lock of version 2 or 3: folders below `node_modules`."""
    known = {
        folder: one
        for folder, one in members(folders).items()
        if isinstance(one, dict) and MODULES in folder and "version" in one
    }
    named = {folder: _package(folder, one) for folder, one in known.items()}
    for folder, one in known.items():
        found = (_nearest(named, folder, needed) for needed in _needed(one))
        yield Entry(
            named[folder],
            integrity(one.get("integrity")),
            tuple((each.name, each.version) for each in found if each),
            str(one.get("license") or ""),
        )


def _package(folder: str, one: dict[str, object]) -> Package:
    usual = folder.rpartition(MODULES)[2]
    return Package("npm", str(one.get("name") or usual), str(one["version"]))


def _nearest(named: dict[str, Package], folder: str, needed: str) -> Package | None:
    """Return what Node.js finds under a name from inside a folder: the nearest one above."""
    place = f"{folder}/"
    while True:
        found = named.get(f"{place}{MODULES}{needed}")
        if found or not place:
            return found
        place = place.rpartition(MODULES)[0]


def _needed(one: dict[str, object]) -> Iterator[str]:
    for part in NEEDS:
        yield from members(one.get(part))


def _of_tree(tree: object) -> Iterator[Entry]:
    """Read a lock of version 1: dependencies inside dependencies."""
    waiting = [tree]
    while waiting:
        for name, one in members(waiting.pop()).items():
            if isinstance(one, dict):
                yield Entry(
                    _meant(name, str(one.get("version", ""))),
                    integrity(one.get("integrity")),
                    tuple((each, "") for each in members(one.get("requires"))),
                )
                waiting.append(one.get("dependencies"))


def _meant(name: str, version: str) -> Package:
    """Return the package that is installed under a name, which may be that of another."""
    alias = ALIAS.fullmatch(version)
    return Package("npm", alias[1], alias[2]) if alias else Package("npm", name, version)


def of_package(raw: bytes, name: str) -> Iterator[Entry]:
    """Give what a package needs itself, without a version where it leaves that open.

    One that lies in `node_modules` is there, so it says its own version.
    """
    about = json_of(raw, name)
    if MODULES in name:
        if "name" in about and "version" in about:
            package = Package("npm", str(about["name"]), str(about["version"]))
            licence = about.get("license")
            yield Entry(package, licence=licence if isinstance(licence, str) else "")
        return
    for part in NEEDS:
        for needed, said in members(about.get(part)).items():
            meant = _meant(needed, str(said))
            if not meant.version.startswith(("file:", "link:", "workspace:")):
                exact = EXACT.fullmatch(meant.version)
                yield Entry(Package("npm", meant.name, exact[1] if exact else ""))
