"""Starts the process between a contained connector and the rest of the world.

One thread of it is in the network of the sandbox, all others are in that of this machine.
"""

import json
import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread

from connectory.backends.targets.local.shim import egress, inside
from connectory.backends.targets.local.shim.egress import Egress, Ways
from connectory.backends.targets.local.shim.machine import die_with

WAIT_S = 5.0


def start(process: int, ways: Ways, port: int) -> tuple[int, int]:
    """Open the ways of the network that a process is in; return when they are open.

    Args:
        process: Any process in the sandbox; nothing of the connector runs yet.
        ways: What may be reached.
        port: Where the connector will listen.

    Returns:
        The id of the process, and a pipe from which its reports can be read: JSON lines as a
        connector prints them.

    Raises:
        OSError: If the network cannot be prepared.
    """
    reports, report = os.pipe()
    ours, ready = socket.socketpair()
    with ours:
        with ready:  # only the process keeps it, so that its end is seen
            work = partial(_connect, process, ways, port, ready, report)
            pid = _fork(partial(_reporting, report, work))
        os.close(report)
        try:
            _wait(ours, reports)
        except OSError:
            os.close(reports)
            raise
    return pid, reports


def _wait(ready: socket.socket, reports: int) -> None:
    """Wait until the ways are open; what was reported instead is the reason if they are not."""
    ready.settimeout(WAIT_S)
    if ready.recv(1) != b"x":
        reason = os.read(reports, 4096).decode("utf-8", "replace").strip()
        raise OSError(reason or "the network of the sandbox was not prepared")


def _connect(process: int, ways: Ways, port: int, ready: socket.socket, report: int) -> None:
    network = inside.network_of(process)
    opened = SimpleQueue[list[socket.socket]]()

    def serve_inside() -> None:
        inside.join(network)
        opened.put(inside.open_ways(egress.NAMES, [way.inside for way in ways.forwards]))
        inside.serve(port, lambda: ready.send(b"x"))

    Thread(target=_to_the_end, args=(partial(_reporting, report, serve_inside),)).start()
    Egress(ways, opened.get(), report).run()


def _reporting(report: int, work: Callable[[], None]) -> None:
    try:
        work()
    except OSError as failure:
        line = {"msg": f"the sandbox has no network: {failure}", "level": "error"}
        os.write(report, json.dumps(line).encode() + b"\n")


def _to_the_end(work: Callable[[], None]) -> None:
    """Do the work of this process; when it is over, however it ends, so is the process."""
    try:
        work()
    finally:
        os._exit(1)


def _fork(work: Callable[[], None]) -> int:
    """Run `work` in a process that ends with this one; the shim has one thread, so it may."""
    shim = os.getpid()
    pid = os.fork()
    if pid == 0:
        die_with(shim)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _to_the_end(work)
    return pid
