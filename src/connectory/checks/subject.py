"""What is checked: a manifest, and the files beside it where there are any."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from connectory.checks import oci
from connectory.checks.oci import Image
from connectory.checks.rules import Alike, Finding
from connectory.gates import wheel
from connectory.manifest.loader import Loaded
from connectory.manifest.model import Manifest
from connectory.scaffold.layout import WHEELS


def is_wheel(name: str) -> bool:
    """Whether a file of a connector is a wheel that it brings along."""
    return name.startswith(f"{WHEELS}/") and name.endswith(".whl")


@dataclass(frozen=True)
class Subject:
    """A connector as its author hands it over; what several checks read is read once.

    `root` is a folder with regular files only, of which `names` belong to the connector; None
    for a manifest alone. `manifest_file` and `place` (the folder or package, `""` where that is
    clear) are for messages.
    """

    manifest: bytes
    manifest_file: str
    place: str
    root: Path | None = None
    names: frozenset[str] = frozenset()

    @property
    def has_files(self) -> bool:
        """Whether there is more than a manifest."""
        return self.root is not None

    def named(self, name: str) -> str:
        """Return the name of a file for messages."""
        return f"{self.place}/{name}" if self.place else name

    def read(self, name: str) -> bytes | None:
        """Return a file, None if the connector has none of that name."""
        if self.root is None or name not in self.names:
            return None
        return (self.root / name).read_bytes()

    def about_wheel(self, name: str) -> str:
        """Return what a wheel of the connector says of itself, the text of its METADATA.

        Raises:
            WheelDamagedError: If it cannot be read as a wheel.
        """
        assert self.root is not None  # noqa: S101  there are names only where it is
        if name not in self._about:
            self._about[name] = wheel.metadata(self.root / name)
        return self._about[name]

    @cached_property
    def images(self) -> tuple[Image, ...]:
        """The images that it brings along, read layer by layer.

        Raises:
            ImageRefusedError: If one cannot be read, or is not what it says.
        """
        return oci.read(self.root, self.names) if self.root else ()

    @cached_property
    def _about(self) -> dict[str, str]:
        return {}

    def text(self, name: str) -> str:
        """Return a file as text, whatever it holds; empty if there is none."""
        return (self.read(name) or b"").decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Pinned:
    """A scanner of others: its program, the digest of that, and a folder with its database."""

    program: str
    sha256: str
    data: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What checks need beside the connector; what is None is not there."""

    advisories: Path | None = None
    """The file of the mirror of advisories."""
    policies: tuple[tuple[str, str], ...] | None = None
    """The rules of the organisation, as names and texts; the shipped ones where it has none."""
    alike: Callable[[Manifest], Sequence[Alike]] | None = None
    """Returns the connectors of the marketplace that are most like one, without itself."""
    scanners: Mapping[str, Pinned] = field(default_factory=dict)
    """The scanners that an operator has set up, by the names of their checks."""


@dataclass(frozen=True, slots=True)
class Vetted:
    """A subject whose manifest breaks no rule: what every other check looks at.

    `told` is what the checks before have found, for scanners.
    """

    subject: Subject
    loaded: Loaded
    around: Surroundings = field(default_factory=Surroundings)
    told: tuple[Finding, ...] = ()
