"""Starts the two processes between a contained connector and the rest of the world."""

import json
import os
import signal
import socket
from collections.abc import Callable
from functools import partial

from connectory.backends.targets.local.shim import egress, inside
from connectory.backends.targets.local.shim.egress import Egress, Ways
from connectory.backends.targets.local.shim.machine import die_with

WAIT_S = 5.0


def start(process: int, ways: Ways, port: int) -> tuple[tuple[int, int], int]:
    """Open the ways of the network that a process is in; return when they are open.

    Args:
        process: Any process in the sandbox; nothing of the connector runs yet.
        ways: What may be reached.
        port: Where the connector will listen.

    Returns:
        The ids of the two processes, and a pipe from which their reports can be read: JSON
        lines as a connector prints them.

    Raises:
        OSError: If the network cannot be prepared.
    """
    reports, report = os.pipe()
    near, far = socket.socketpair()
    ours, ready = socket.socketpair()
    with near, far, ours:
        # Each gets only its own end of what it shares, so that the end of one is seen.
        with ready:
            opening = partial(_inside, process, ways, port, near, ready)
            pid = _fork(partial(_reporting, report, opening))
        forwarding = partial(_egress, ways, far, report)
        pids = (pid, _fork(partial(_reporting, report, forwarding)))
        os.close(report)
        try:
            _wait(ours, reports)
        except OSError:
            os.close(reports)
            raise
    return pids, reports


def _wait(ready: socket.socket, reports: int) -> None:
    """Wait until the ways are open; what was reported instead is the reason if they are not."""
    ready.settimeout(WAIT_S)
    if ready.recv(1) != b"x":
        reason = os.read(reports, 4096).decode("utf-8", "replace").strip()
        raise OSError(reason or "the network of the sandbox was not prepared")


def _inside(
    process: int, ways: Ways, port: int, to: socket.socket, ready: socket.socket
) -> None:
    inside.join(process)
    inside.open_ways(egress.NAMES, [way.inside for way in ways.forwards], to)
    inside.serve(port, lambda: ready.send(b"x"))


def _egress(ways: Ways, source: socket.socket, report: int) -> None:
    _, handed, _, _ = socket.recv_fds(source, 1, len(ways.forwards) + 1)
    Egress(ways, [socket.socket(fileno=one) for one in handed], report).run()


def _reporting(report: int, work: Callable[[], None]) -> None:
    try:
        work()
    except OSError as failure:
        line = {"msg": f"the sandbox has no network: {failure}", "level": "error"}
        os.write(report, json.dumps(line).encode() + b"\n")


def _fork(work: Callable[[], None]) -> int:
    """Run `work` in a process that ends with this one; the shim has one thread, so it may."""
    shim = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            die_with(shim)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            work()
        finally:
            os._exit(1)
    return pid
