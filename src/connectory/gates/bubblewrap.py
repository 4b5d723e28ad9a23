"""Arguments of bubblewrap: what a contained program sees of this machine, and nothing else."""

import functools
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from connectory.gates import process
from connectory.kernel.errors import ConnectoryError

TRY_S = 10.0
TEMPORARY = "/tmp"  # noqa: S108  inside, where nobody else is
TMP_BYTES = 64 * 1024 * 1024
MOST_DATA = 4 * 1024 * 1024 * 1024  # bytes of memory of each process
SYSTEM = (
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/ssl/certs",
)
MERGED = ("/bin", "/lib", "/lib32", "/lib64", "/sbin")  # links into /usr, or folders
ALONE = ("--unshare-all", "--new-session", "--die-with-parent", "--cap-drop", "ALL")


@functools.cache
def works() -> bool:
    """Whether this machine has a bubblewrap that can contain programs."""
    if sys.platform != "linux" or not (shutil.which("bwrap") and shutil.which("prlimit")):
        return False
    return ends_well([*_begin(), *_limits(), "true"])


def ends_well(argv: Sequence[str]) -> bool:
    """Whether a command that is tried ends with 0, and soon."""
    try:
        tried = process.run(
            argv, cwd=Path("/"), environment={"PATH": os.defpath}, timeout_s=TRY_S
        )
    except ConnectoryError:
        return False
    return tried.returncode == 0


def alone(command: Sequence[str], *, readable: Sequence[Path], writable: Path) -> list[str]:
    """Return the command that runs `command` in `writable`, without a network.

    It sees a read-only system, `readable` and `writable` by the paths that they have here, and
    processes of its own. Only where it `works`.
    """
    binds = [part for place in readable for part in shown(place)]
    kept = ("--bind", str(writable), str(writable), "--chdir", str(writable))
    return [
        *_begin(),
        *memory_folder(TEMPORARY, TMP_BYTES),
        *above(*readable, writable),
        *binds,
        *kept,
        *_limits(),
        *command,
    ]


def _begin() -> list[str]:
    program = str(shutil.which("bwrap"))
    return [program, *ALONE, *system(), "--proc", "/proc", "--dev", "/dev"]


def _limits() -> tuple[str, ...]:
    return "--", "prlimit", f"--data={MOST_DATA}", "--core=0", "--"


def system() -> list[str]:
    """Show what every program needs of this machine."""
    arguments = [*shown(Path("/usr"))]
    for place in map(Path, MERGED):
        if place.is_symlink():
            arguments += ["--symlink", str(place.readlink()), str(place)]
        elif place.exists():
            arguments += shown(place)
    present = [place for place in map(Path, SYSTEM) if place.exists()]
    return [*arguments, *above(*present), *(part for p in present for part in shown(p))]


def shown(place: Path) -> tuple[str, str, str]:
    """Show a file or folder of this machine, to be read only."""
    return "--ro-bind", str(place), str(place)


def above(*paths: Path) -> list[str]:
    """Make the folders above some paths, so that any user may pass them."""
    outer = {parent for path in paths for parent in path.parents if parent.parent != parent}
    return [part for one in sorted(outer) for part in ("--perms", "0755", "--dir", str(one))]


def memory_folder(path: str, size: int) -> tuple[str, ...]:
    """Make a folder that is kept in memory, of so many bytes."""
    return "--perms", "1777", "--size", str(size), "--tmpfs", path
