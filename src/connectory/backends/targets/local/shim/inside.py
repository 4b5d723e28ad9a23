"""A thread in the network of a contained connector: opens its ways out, and the way to it.

A connector in a sandbox has a network with nothing in it. A socket belongs for ever to the
network in which it was made, whoever holds it. So this thread joins that network, makes the
sockets that the connector may talk to, leaves them to `egress`, and makes connections to the
connector for whoever may open the socket file. Nothing of it can be seen from the sandbox.
"""

import errno
import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from connectory.backends.targets.local.shim.contract import INSIDE
from connectory.backends.targets.local.shim.machine import LINUX

NS_GET_USERNS = 0xB701  # ioctl_ns(2): the user namespace that owns this one
LOOPBACK = ("127.0.0.2", 9)  # there is a way to it once the loopback device is up
UP_S, UP_PAUSE_S = 4.0, 0.001  # for bubblewrap to bring it up; between two looks
CONNECT_S = 1.0
ASK_WAIT_S = 2.0
Address = tuple[str, int]


def network_of(process: int) -> int:
    """Return a handle on the network of a process, after getting the right to join it.

    This process must have one thread.

    Raises:
        OSError: If the process has ended, or the system does not let us.
    """
    if LINUX is None:
        raise OSError("only Linux has networks of processes")
    network = os.open(f"/proc/{process}/ns/net", os.O_RDONLY)
    with suppress(OSError):  # it is owned by the one that we are in: nothing to join
        owner = fcntl.ioctl(network, NS_GET_USERNS)
        LINUX.setns(owner, 0)
    return network


def join(network: int) -> None:
    """Join a network and wait until it has a loopback; this thread makes its sockets there.

    Raises:
        OSError: If the system does not let us, or the network gets no loopback.
    """
    if LINUX is None or LINUX.setns(network, 0) != 0:
        raise OSError("the network of the sandbox cannot be joined")
    os.close(network)
    end = time.monotonic() + UP_S
    # bubblewrap names the sandbox, then brings up the loopback, then starts the connector.
    while not _is_up():
        if time.monotonic() > end:
            raise OSError("the network of the sandbox has no loopback")
        time.sleep(UP_PAUSE_S)


def _is_up() -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried:
        try:
            tried.connect(LOOPBACK)  # sends nothing
        except OSError as failure:
            if failure.errno != errno.ENETUNREACH:
                raise
            return False
    return True


def open_ways(names: Address, listeners: Iterable[Address]) -> list[socket.socket]:
    """Listen on all addresses; return the socket for names, then the others."""
    asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asked.bind(names)
    return [asked, *map(socket.create_server, listeners)]


def serve(port: int, tell: Callable[[], object]) -> None:
    """Hand a connection to the connector's port to each caller, or hang up if none is made.

    Args:
        port: Of the connector, on the loopback address of its network.
        tell: Is called when callers are answered.
    """
    Path(INSIDE).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as asked:
        asked.bind(INSIDE)
        asked.listen()
        tell()
        while True:
            caller, _ = asked.accept()
            with caller, suppress(OSError):
                made = socket.create_connection(("127.0.0.1", port), CONNECT_S)
                caller.settimeout(CONNECT_S)
                _hand(made, caller)


def _hand(made: socket.socket, caller: socket.socket) -> None:
    with made:
        if made.getsockname() != made.getpeername():  # it has met itself
            made.setblocking(True)
            socket.send_fds(caller, [b"x"], [made.fileno()])


def connect(path: str) -> socket.socket:
    """Return a connection to the connector's port.

    Raises:
        OSError: If nobody listens there.
    """
    with socket.socket(socket.AF_UNIX) as ask:
        ask.settimeout(ASK_WAIT_S)
        ask.connect(path)
        return handed(ask)


def handed(giver: socket.socket) -> socket.socket:
    """Take over the connection that `serve` hands out on one to its socket file.

    Raises:
        OSError: If it has none.
    """
    _, numbers, _, _ = socket.recv_fds(giver, 1, 1)
    if not numbers:
        raise ConnectionRefusedError("it does not listen")
    return socket.socket(fileno=numbers[0])
