"""What a package brings along: names and versions from locks and from wheels."""

import email.parser
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from connectory.advisories.rules import Package
from connectory.checks import hcl, installed
from connectory.checks.hcl import HclRefusedError
from connectory.checks.image import brings_image, place_of
from connectory.checks.layout import normal, pinned
from connectory.checks.oci import ImageRefusedError
from connectory.checks.rules import NotRunError
from connectory.checks.subject import Subject, is_wheel
from connectory.checks.terraform_pins import locked
from connectory.gates.wheel import WheelDamagedError
from connectory.kernel import strict_json
from connectory.kernel.strict_json import JsonRefusedError
from connectory.scaffold.layout import LOCK, PROVIDER_LOCK

NPM_LOCK, GO_MODULE, PROJECT = "package-lock.json", "go.mod", "pyproject.toml"
PYTHON_LOCKS = {"uv.lock": "package", "poetry.lock": "package", "pylock.toml": "packages"}
"""Where in which file the packages are."""
WANTED = re.compile(
    r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^]]*\])?\s*(?:={2,3}\s*([^\s,;*]+)\s*(?=;|$))?.*"
)
MOST = 20_000  # packages
REQUIRED = re.compile(r"(?m)^(?:require\s+|\s+)([\w.~/-]+\.[\w.~/-]+)\s+(v\d\S*)")


@dataclass(frozen=True, slots=True)
class Brought:
    """A package, and the file that says so."""

    package: Package
    file: str


def names_packages(subject: Subject) -> bool:
    """Whether anything of a connector says what it brings along."""
    return brings_image(subject.names) or any(map(is_lock, subject.names))


def is_lock(name: str) -> bool:
    """Whether a file of a connector says what it brings along."""
    last = name.rpartition("/")[2]
    return is_wheel(name) or last in READERS


def brought(subject: Subject) -> list[Brought]:
    """Return everything that the files of a connector name, each once.

    Raises:
        NotRunError: If a file cannot be read, names more than anybody brings, or leaves a
            version open that no other file says.
    """
    found: dict[Package, Brought] = {}
    for package, file in _named(subject):
        found.setdefault(package, Brought(package, file))
        if len(found) > MOST:
            raise NotRunError(f"it brings more than {MOST:,} packages")
    said = {(one.ecosystem, one.name) for one in found if one.version}
    for package, one in found.items():
        if not package.version and (package.ecosystem, package.name) not in said:
            raise NotRunError(f"{one.file} leaves open which {package.name} it is: add a lock")
    return [one for package, one in found.items() if package.version]


def _named(subject: Subject) -> Iterator[tuple[Package, str]]:
    for name in sorted(filter(is_lock, subject.names)):
        for package in _named_in(subject, name):
            yield package, name
    try:
        for image in subject.images:
            for package in installed.packages(image.files):
                yield package, place_of(subject.names)
    except ImageRefusedError as refused:
        raise NotRunError(f"its image cannot be read: {refused}") from None


def _named_in(subject: Subject, name: str) -> Iterator[Package]:
    if is_wheel(name):
        yield _of_wheel(subject, name)
    else:
        yield from READERS[name.rpartition("/")[2]](subject.read(name) or b"", name)


def _of_requirements(raw: bytes, _name: str) -> Iterator[Package]:
    for pair in pinned(raw.decode("utf-8", "replace")):
        yield Package("PyPI", *pair)


def _of_python(raw: bytes, name: str) -> Iterator[Package]:
    """Read a lock of uv, of poetry, or of the standard, but for the entry of itself."""
    found = _toml(raw, name).get(PYTHON_LOCKS[name.rpartition("/")[2]])
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict) and "version" in one and not _is_own(one.get("source")):
            yield Package("PyPI", normal(str(one.get("name"))), str(one["version"]))


def _is_own(source: object) -> bool:
    """Whether a lock of uv has an entry for the folder that it lies in."""
    return isinstance(source, dict) and bool({"editable", "virtual"} & source.keys())


def _of_project(raw: bytes, name: str) -> Iterator[Package]:
    """Give what a project needs itself, without a version where it leaves that open."""
    project = _toml(raw, name).get("project")
    wanted = project.get("dependencies") if isinstance(project, dict) else None
    for one in wanted if isinstance(wanted, list) else []:
        if match := WANTED.fullmatch(str(one)):
            yield Package("PyPI", normal(match[1]), match[2] or "")


def _toml(raw: bytes, name: str) -> dict[str, object]:
    try:
        return tomllib.loads(raw.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise NotRunError(f"{name} cannot be read: {error}") from None


def _of_wheel(subject: Subject, name: str) -> Package:
    try:
        said = email.parser.HeaderParser().parsestr(subject.about_wheel(name))
    except WheelDamagedError as damaged:
        raise NotRunError(damaged.message) from None
    return Package("PyPI", normal(str(said["Name"])), str(said["Version"]))


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


def _of_go(raw: bytes, _name: str) -> Iterator[Package]:
    """Give what `go.mod` requires; OSV writes its versions without `v`."""
    text = re.sub(r"//.*", "", raw.decode("utf-8", "replace"))
    for name, version in REQUIRED.findall(text):
        yield Package("Go", name, version.removeprefix("v").removesuffix("+incompatible"))


def _of_terraform(raw: bytes, name: str) -> Iterator[Package]:
    try:
        providers = locked(hcl.read(raw.decode("utf-8", "replace")))
    except HclRefusedError as refused:
        raise NotRunError(f"{name}: {refused}") from None
    for address, group in providers.items():
        yield Package("Terraform", address, group.string("version"))


READERS: Mapping[str, Callable[[bytes, str], Iterator[Package]]] = {
    LOCK: _of_requirements,
    **dict.fromkeys(PYTHON_LOCKS, _of_python),
    PROJECT: _of_project,
    NPM_LOCK: _of_npm,
    GO_MODULE: _of_go,
    PROVIDER_LOCK: _of_terraform,
}
"""How the files of each name are read."""
