"""What differs between two versions: manifest, exposure, files."""

from dataclasses import dataclass

from connectory.catalog import read
from connectory.catalog.read import Version
from connectory.manifest.diff import Change, diff
from connectory.manifest.surface import Surface, surface
from connectory.packages.compare import Comparisons, FileChange
from connectory.work import Work


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not the same in two versions."""

    old: Version
    new: Version
    changes: tuple[Change, ...]  # of the manifest
    grown: Surface  # what only the new one may touch
    shrunk: Surface  # what only the old one might touch
    files: tuple[FileChange, ...]  # of the packages


def compare(work: Work, comparisons: Comparisons, *, old: Version, new: Version) -> Difference:
    """Compare two versions, of one connector or of two."""
    before, after = surface(old.manifest), surface(new.manifest)
    return Difference(
        old=old,
        new=new,
        changes=diff(read.normal(work, old.release), read.normal(work, new.release)),
        grown=after.grown_since(before),
        shrunk=before.grown_since(after),
        files=comparisons.of(old.release.package_digest, new.release.package_digest),
    )
