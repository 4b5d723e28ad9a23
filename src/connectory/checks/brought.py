"""What a package brings along: names and versions from locks and from wheels."""

import email.parser
import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectory.advisories.rules import Package
from connectory.checks import hcl
from connectory.checks.hcl import HclRefusedError
from connectory.checks.layout import pinned
from connectory.checks.rules import NotRunError
from connectory.checks.subject import Subject, is_wheel
from connectory.checks.terraform_pins import locked
from connectory.gates.wheel import WheelDamagedError
from connectory.kernel import strict_json
from connectory.kernel.strict_json import JsonRefusedError
from connectory.scaffold.layout import LOCK, PROVIDER_LOCK

NPM_LOCK, GO_MODULE = "package-lock.json", "go.mod"
MOST = 20_000  # packages
REQUIRED = re.compile(r"(?m)^(?:require\s+|\s+)([\w.~/-]+\.[\w.~/-]+)\s+(v\d\S*)")


@dataclass(frozen=True, slots=True)
class Brought:
    """A package, and the file that says so."""

    package: Package
    file: str


def is_lock(name: str) -> bool:
    """Whether a file of a connector says what it brings along."""
    last = name.rpartition("/")[2]
    return is_wheel(name) or last in {LOCK, NPM_LOCK, GO_MODULE, PROVIDER_LOCK}


def brought(subject: Subject) -> list[Brought]:
    """Return everything that the files of a connector name, each once.

    Raises:
        NotRunError: If a file cannot be read, or names more than anybody brings.
    """
    found: dict[Package, Brought] = {}
    for name in sorted(filter(is_lock, subject.names)):
        for package in _named_in(subject, name):
            found.setdefault(package, Brought(package, name))
            if len(found) > MOST:
                raise NotRunError(f"it brings more than {MOST:,} packages")
    return list(found.values())


def _named_in(subject: Subject, name: str) -> Iterator[Package]:
    last = name.rpartition("/")[2]
    if name.endswith(".whl"):
        yield _of_wheel(subject, name)
    elif last == LOCK:
        yield from (Package("PyPI", *pair) for pair in pinned(subject.text(name)))
    elif last == NPM_LOCK:
        yield from _of_npm(subject.read(name) or b"", name)
    elif last == GO_MODULE:
        yield from (Package("Go", *pair) for pair in _of_go(subject.text(name)))
    else:
        yield from _of_terraform(subject.text(name), name)


def _of_wheel(subject: Subject, name: str) -> Package:
    try:
        said = email.parser.HeaderParser().parsestr(subject.about_wheel(name))
    except WheelDamagedError as damaged:
        raise NotRunError(damaged.message) from None
    return Package("PyPI", str(said["Name"]), str(said["Version"]))


def _of_npm(raw: bytes, name: str) -> Iterator[Package]:
    try:
        lock = strict_json.read(raw)
    except JsonRefusedError as refused:
        raise NotRunError(f"{name}: {refused.message}") from None
    if not isinstance(lock, dict):
        raise NotRunError(f"{name} is no lock of npm")
    if isinstance(lock.get("packages"), dict):
        yield from _of_folders(lock["packages"])
    elif isinstance(lock.get("dependencies"), dict):
        yield from _of_tree(lock["dependencies"])


def _of_folders(folders: dict[str, object]) -> Iterator[Package]:
    """Read a lock of version 2 or 3: folders below `node_modules`."""
    for folder, one in folders.items():
        if isinstance(one, dict) and "node_modules/" in folder and "version" in one:
            usual = folder.rpartition("node_modules/")[2]
            yield Package("npm", str(one.get("name") or usual), str(one["version"]))


def _of_tree(tree: dict[str, object]) -> Iterator[Package]:
    """Read a lock of version 1: dependencies inside dependencies."""
    waiting = [tree]
    while waiting:
        for name, one in waiting.pop().items():
            if isinstance(one, dict):
                yield Package("npm", name, str(one.get("version", "")))
                inner = one.get("dependencies")
                waiting += [inner] if isinstance(inner, dict) else []


def _of_go(text: str) -> Iterator[tuple[str, str]]:
    """Give what `go.mod` requires: modules and versions, written as OSV does without `v`."""
    for name, version in REQUIRED.findall(re.sub(r"//.*", "", text)):
        yield name, version.removeprefix("v").removesuffix("+incompatible")


def _of_terraform(text: str, name: str) -> Iterator[Package]:
    try:
        providers = locked(hcl.read(text))
    except HclRefusedError as refused:
        raise NotRunError(f"{name}: {refused}") from None
    for address, group in providers.items():
        yield Package("Terraform", address, group.string("version"))
