"""Where this machine lets us make control groups that limit CPU, if it does."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from connectory.backends.targets.local.shim import cpu
from connectory.kernel.ids import new_id

MOUNTS = Path("/proc/self/mounts")
OURS = "connectory"


@cache
def find() -> Path | None:
    """Return the folder for the groups of instances, None if none can be made; tried once."""
    for top in _tops():
        try:
            return _tried(top)
        except OSError:
            continue
    return None


def _tops() -> Iterator[Path]:
    """Find where the controller `cpu` is, in version 1 or 2; machines may have both."""
    try:
        mounts = [line.split() for line in MOUNTS.read_text().splitlines()]
    except OSError:
        return
    for _, place, kind, options, *_ in mounts:
        if kind == "cgroup2" or (kind == "cgroup" and "cpu" in options.split(",")):
            yield Path(place)


def _tried(top: Path) -> Path:
    """Make a group and limit it, and delete it again.

    Raises:
        OSError: If that cannot be done here.
    """
    ours = top / OURS
    ours.mkdir(exist_ok=True)
    for above in (top, ours):
        if (above / "cgroup.subtree_control").exists():
            (above / "cgroup.subtree_control").write_text("+cpu")
    group = ours / new_id("try")
    group.mkdir()
    try:
        cpu.write(group, 1.0)
    finally:
        group.rmdir()
    return ours
