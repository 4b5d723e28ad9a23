"""What the shim asks of the operating system. Linux does all of it, other systems a part."""

import ctypes
import os
import resource
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

CONNECT_S = 0.1  # for a connection on this machine
CLEAR_S = 5.0  # for killing what a connector left behind
OPEN_FILES = 1024
FILE_BYTES = 256 * 1024 * 1024
MEMBERS = "cgroup.procs"  # of a control group
LINUX = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
NICENESS = 5  # so that the server comes first
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 36, 38


def signal_socket(*wanted: int) -> socket.socket:
    """Return a socket from which the numbers of signals can be read when they arrive."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    signal.set_wakeup_fd(theirs.detach(), warn_on_full_buffer=False)
    for number in wanted:
        signal.signal(number, lambda *_: None)
    return ours


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody has now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def connected(port: int) -> socket.socket:
    """Connect to a port of 127.0.0.1.

    Raises:
        OSError: If nobody listens there.
    """
    made = socket.create_connection(("127.0.0.1", port), CONNECT_S)
    # A connection to a free port can meet itself when the kernel picks that port for it.
    if made.getsockname() == made.getpeername():
        made.close()
        raise ConnectionRefusedError("it has met itself")
    return made


def die_with(parent: int) -> None:
    """Let this process end when the one that started it ends, however that ends."""
    if LINUX is not None:
        LINUX.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before it could be watched
            os._exit(1)


def confine(memory: int, group: str, shim: int) -> None:
    """Limit the process that is about to become the connector, and bind it to the shim.

    Args:
        memory: Bytes that it may use; 0 is no limit.
        group: The folder of its control group; nothing is none.
        shim: The process that started this one.
    """
    die_with(shim)
    if group:
        Path(group, MEMBERS).write_text("0")  # this process
    os.nice(NICENESS)
    if LINUX is not None:
        LINUX.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    limits = {
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_CORE: 0,  # a core file would hold the secrets
    }
    if LINUX is not None and memory:
        # Address space counts what is reserved, not what is used: 8 MiB for the stack of each
        # thread, 64 MiB for each heap of malloc, every mapped library. The limit is generous:
        # it ends what runs away and nothing else.
        limits[resource.RLIMIT_AS] = 4 * memory + 512 * 1024 * 1024
    for limit, value in limits.items():
        _, most = resource.getrlimit(limit)
        lower = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (lower, lower))


def children(of: int | None = None) -> list[int]:
    """Return the children of a process, of this one with the orphans that Linux hands to it."""
    tasks = Path(f"/proc/{of or os.getpid()}/task")
    try:
        found = [(one / "children").read_text().split() for one in tasks.iterdir()]
    except OSError:
        return []
    return [int(child) for task in found for child in task]


def clear(group: int) -> None:
    """Kill what an ended connector left behind: its group, then all orphans of it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    end = time.monotonic() + CLEAR_S
    while (orphans := children()) and time.monotonic() < end:
        for orphan in orphans:
            os.kill(orphan, signal.SIGKILL)
            os.waitpid(orphan, os.WNOHANG)
        time.sleep(0.002)


def detach() -> None:
    """Go on in a session of its own; the process that was started ends here and reports 0."""
    if os.fork():
        os._exit(0)
    os.setsid()  # before the pipes are closed: who started us then kills its group
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    if LINUX is not None:
        LINUX.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
