"""What a contained connector sees of this machine: bubblewrap's arguments, put together.

It sees a read-only system, the environment of its package, its home and an empty /tmp; its own
processes and no other; and a network in which nothing is but what `shim.egress` puts there.
As root it runs as a user of its own. Where bubblewrap is missing or does not work, nothing here
is used, and the target says so.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from connectory.gates import bubblewrap
from connectory.kernel.errors import ConnectoryError, Kind

SHARED_MEMORY_BYTES = 16 * 1024 * 1024
PROCESSES = 128  # and threads, of one instance
# systemd leaves these numbers to nobody, see its page "Users, Groups, UIDs and GIDs".
FIRST_USER, USERS = 1_900_000_000, 200_000_000
ETC = {
    "hosts": "127.0.0.1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "resolv.conf": "nameserver 127.0.0.1\noptions timeout:2 attempts:2\n",
}
ALONE = (
    "--unshare-ipc",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--new-session",
    "--die-with-parent",
    "--hostname",
    "connector",
)


class SandboxMissingError(ConnectoryError):
    """The settings require a sandbox, and this machine has none that works."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "sandbox-missing"

    def __init__(self) -> None:
        super().__init__(
            "connectors must be contained here, and bubblewrap does not work on this machine",
            hint="install it (Debian: `apt install bubblewrap`) and let `bwrap --unshare-user "
            "--ro-bind / / true` succeed, or set CONNECTORY_LOCAL_SANDBOX=auto",
        )


@dataclass(frozen=True, slots=True)
class Places:
    """What a command sees beside the system, by absolute paths, which are the same inside."""

    writable: Path
    readable: tuple[Path, ...]
    begin: Path  # its working folder
    etc: Path | None = None  # gets the few files of /etc that differ


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Bubblewrap on this machine. `program` is its path."""

    program: str

    def wrap(self, command: Sequence[str], places: Places, user: int | None) -> list[str]:
        """Return the command that runs `command` contained."""
        code = {Path(sys.base_prefix), *places.readable} - {Path("/usr")}
        return [
            self.program,
            *bubblewrap.system(),
            *("--proc", "/proc", "--dev", "/dev"),
            *bubblewrap.memory_folder("/dev/shm", SHARED_MEMORY_BYTES),  # noqa: S108  of the sandbox
            *("--remount-ro", "/dev"),
            # Before the rest, part of which may be below it on this machine.
            *bubblewrap.memory_folder(bubblewrap.TEMPORARY, bubblewrap.TMP_BYTES),
            *bubblewrap.above(*code, places.writable),
            *(part for place in sorted(code) for part in bubblewrap.shown(place)),
            *("--bind", str(places.writable), str(places.writable)),
            *(part for file in _etc(places.etc, user) for part in ("--ro-bind", *file)),
            *ALONE,
            *(_becoming() if user is not None else ("--unshare-user", "--disable-userns")),
            *("prlimit", f"--nproc={PROCESSES}:{PROCESSES}", "--"),
            *(_dropping(user) if user is not None else ()),
            *("env", "--unset=PWD", f"--chdir={places.begin}", "--"),
            *command,
        ]


def user_of(name: str) -> int | None:
    """Return the user for an instance or a build; None means the server's own."""
    if os.getuid() != 0:
        return None
    return FIRST_USER + int(hashlib.sha256(name.encode()).hexdigest(), 16) % USERS


@cache
def find() -> Sandbox | None:
    """Return the sandbox of this machine, or None if it has none that works; tried once."""
    program = shutil.which("bwrap")
    tools = all(shutil.which(tool) for tool in ("prlimit", "setpriv"))
    if sys.platform != "linux" or program is None or not tools:
        return None
    argv = [program, *bubblewrap.system(), *ALONE, "true"]
    return Sandbox(program) if bubblewrap.ends_well(argv) else None


def required() -> Sandbox:
    """Return the sandbox of this machine.

    Raises:
        SandboxMissingError: If it has none that works.
    """
    found = find()
    if found is None:
        raise SandboxMissingError
    return found


def _becoming() -> tuple[str, ...]:
    """Keep only what `setpriv` needs to become another user and to drop the rest."""
    needed = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
    return ("--cap-drop", "ALL", *(part for cap in needed for part in ("--cap-add", cap)))


def _dropping(user: int) -> tuple[str, ...]:
    who = (f"--reuid={user}", f"--regid={user}", "--clear-groups")
    return ("setpriv", *who, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--")


def hand_over(place: Path, user: int | None) -> None:
    """Give a folder and all that is in it to a user; None is the one of the server."""
    owner = os.getuid() if user is None else user
    if place.stat().st_uid != owner:
        for one in (place, *place.rglob("*")):
            os.chown(one, owner, owner, follow_symlinks=False)


def _etc(folder: Path | None, user: int | None) -> list[tuple[str, str]]:
    return [] if folder is None else write_etc(folder, user)


def write_etc(folder: Path, user: int | None) -> list[tuple[str, str]]:
    """Write the files of /etc that differ inside; return the path of each, here and inside."""
    number = os.getuid() if user is None else user
    people = {
        "passwd": f"connector:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n",
        "group": f"connector:x:{number}:\n",
    }
    folder.mkdir(mode=0o755, exist_ok=True)
    for name, content in (ETC | people).items():
        (folder / name).write_text(content)
        (folder / name).chmod(0o644)
    return [(str(folder / name), f"/etc/{name}") for name in ETC | people]
