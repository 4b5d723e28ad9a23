"""What delivery has to know of a version, read from its manifest once."""

from dataclasses import dataclass, field

from connectory.catalog.read import VersionMissingError
from connectory.instances import hooks, limits
from connectory.instances.launch import Launcher
from connectory.instances.read import Instance
from connectory.work import Work

USUAL = 8  # calls at once where nothing says how many: what the SDK allows
MOST = 16  # calls of one instance at once, whatever its manifest says


@dataclass(frozen=True, slots=True)
class Facts:
    """The paths that the outside may call, and how many calls an instance takes at once."""

    hooks: tuple[str, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Known:
    """The facts of the versions that instances run. Safe to use from several threads."""

    launcher: Launcher
    _facts: dict[tuple[str, str], Facts] = field(default_factory=dict)

    def of(self, work: Work, one: Instance) -> Facts:
        """Return the facts of what an instance runs; a version never changes."""
        key = (one.digest, one.target)
        if key not in self._facts:
            try:
                version = self.launcher.version_of(work, one)
            except VersionMissingError:
                return Facts((), USUAL)
            own = limits.concurrency(version.manifest, version.deploy, one.target)
            paths = hooks.paths(version.manifest)
            self._facts[key] = Facts(paths, min(own or USUAL, MOST))
        return self._facts[key]
