"""What a package brings along: names and versions from locks, from wheels and from images."""

import email.parser
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from connectory.advisories.rules import Package
from connectory.checks import hcl, installed
from connectory.checks.hcl import HclRefusedError
from connectory.checks.image import brings_image, place_of
from connectory.checks.layout import normal
from connectory.checks.licences import licence_of
from connectory.checks.locks import go, npm, python, yarn
from connectory.checks.locks.entry import Entry, hashes
from connectory.checks.oci import ImageRefusedError
from connectory.checks.rules import NotRunError
from connectory.checks.subject import Subject, is_wheel
from connectory.checks.terraform_pins import locked
from connectory.gates.wheel import WheelDamagedError
from connectory.scaffold.layout import PROVIDER_LOCK

LOG = logging.getLogger("connectory.checks")
MOST = 20_000  # packages


@dataclass(frozen=True, slots=True)
class Brought:
    """A package with what is known of it, and the file that says so first."""

    entry: Entry
    file: str

    @property
    def package(self) -> Package:
        """Its name and version."""
        return self.entry.package


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything that the files of a connector name, each once; `gaps` say what is missing."""

    items: tuple[Brought, ...]
    gaps: tuple[str, ...]


def names_packages(subject: Subject) -> bool:
    """Whether anything of a connector says what it brings along."""
    return brings_image(subject.names) or any(map(is_lock, subject.names))


def is_lock(name: str) -> bool:
    """Whether a file of a connector says what it brings along."""
    return is_wheel(name) or _is_requirements(name) or _last(name) in READERS


def brought(subject: Subject) -> tuple[Brought, ...]:
    """Return everything that the files of a connector name, each once.

    Raises:
        NotRunError: If a file cannot be read, names more than anybody brings, or leaves a
            version open that no other file says.
    """
    found = inventory(subject)
    if found.gaps:
        raise NotRunError(found.gaps[0])
    return found.items


def inventory(subject: Subject) -> Inventory:
    """Return what can be known of what a connector brings, and what cannot."""
    found: dict[Package, Brought] = {}
    gaps = [gap for file, entries in _sources(subject) if (gap := _take(entries, file, found))]
    said = {(one.ecosystem, one.name) for one in found if one.version}
    gaps += [
        f"{one.file} leaves open which {package.name} it is: add a lock"
        for package, one in found.items()
        if not package.version and (package.ecosystem, package.name) not in said
    ]
    return Inventory(tuple(one for one in found.values() if one.package.version), tuple(gaps))


def _take(entries: Iterable[Entry], file: str, found: dict[Package, Brought]) -> str:
    """Add what a file names; return why that is not everything, an empty text if it is."""
    try:
        for entry in entries:
            if len(found) == MOST and entry.package not in found:
                return f"it brings more than {MOST:,} packages"
            one = found.get(entry.package) or Brought(entry, file)
            found[entry.package] = Brought(one.entry.joined(entry), one.file)
    except NotRunError as told:
        return str(told)
    except Exception as error:  # whatever it is, the rest of the file is not known
        LOG.exception("%s could not be read", file)
        return f"{file} cannot be read: {type(error).__name__}"
    return ""


def _sources(subject: Subject) -> Iterator[tuple[str, Iterator[Entry]]]:
    for name in sorted(subject.names):
        if is_wheel(name):
            yield name, _of_wheel(subject, name)
        elif _is_requirements(name):
            raw = subject.read(name) or b""
            yield name, python.of_requirements(raw, name, subject.names)
        elif reader := READERS.get(_last(name)):
            yield name, reader(subject.read(name) or b"", name)
    if brings_image(subject.names):
        yield place_of(subject.names), _of_images(subject)


def _of_images(subject: Subject) -> Iterator[Entry]:
    try:
        for image in subject.images:
            yield from map(Entry, installed.packages(image.files))
    except ImageRefusedError as refused:
        raise NotRunError(f"its image cannot be read: {refused}") from None


def _of_wheel(subject: Subject, name: str) -> Iterator[Entry]:
    try:
        about = subject.about_wheel(name)
    except WheelDamagedError as damaged:
        raise NotRunError(damaged.message) from None
    said = email.parser.HeaderParser().parsestr(about)
    package = Package("PyPI", normal(str(said["Name"])), str(said["Version"]))
    _, licence = licence_of(about)
    needs = (one for one in said.get_all("Requires-Dist", ()) if "extra ==" not in one)
    named = tuple((python.wanted(one)[0], "") for one in needs)
    yield Entry(package, needs=named, licence=licence)


def hashed(subject: Subject, one: Brought) -> Brought:
    """Add the digest of the wheel that a package was found in, where it was one."""
    if not is_wheel(one.file):
        return one
    digest = hashlib.sha256(subject.read(one.file) or b"").hexdigest()
    own = replace(one.entry, hashes=hashes(f"sha256:{digest}"))
    return replace(one, entry=own)


def _of_terraform(raw: bytes, name: str) -> Iterator[Entry]:
    try:
        providers = locked(hcl.read(raw.decode("utf-8", "replace")))
    except HclRefusedError as refused:
        raise NotRunError(f"{name}: {refused}") from None
    for address, group in providers.items():
        listed = group.get("hashes")
        sums = " ".join(listed.strings if listed else ()).replace("zh:", "sha256:")
        package = Package("Terraform", address, group.string("version"))
        yield Entry(package, hashes(sums))


READERS: Mapping[str, Callable[[bytes, str], Iterator[Entry]]] = {
    **dict.fromkeys(python.TABLES, python.of_lock),
    "pyproject.toml": python.of_project,
    "Pipfile.lock": python.of_pipfile,
    "package-lock.json": npm.of_lock,
    "npm-shrinkwrap.json": npm.of_lock,
    "package.json": npm.of_package,
    "yarn.lock": yarn.of_yarn,
    "pnpm-lock.yaml": yarn.of_pnpm,
    "go.mod": go.of_module,
    PROVIDER_LOCK: _of_terraform,
}
"""How the files of each name are read."""


def _is_requirements(name: str) -> bool:
    return python.REQUIREMENTS.fullmatch(_last(name)) is not None


def _last(name: str) -> str:
    return name.rpartition("/")[2]
