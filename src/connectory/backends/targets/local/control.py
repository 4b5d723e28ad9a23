"""Talks to the shim of an instance over its control socket."""

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from connectory.backends.targets.local import records
from connectory.backends.targets.local.shim import inside
from connectory.backends.targets.local.shim.contract import CONTROL, INSIDE, Config, State, Used

ANSWER_S = 2.0
ANSWER_BYTES = 64 * 1024  # that are read at once


def state(folder: Path) -> State | None:
    """Ask the shim how the instance is; None if no shim runs.

    Raises:
        TimeoutError: If a shim runs and does not answer.
    """
    answer = _ask(folder, b'{"do": "state"}')
    return records.parse(answer, State)


def used(folder: Path) -> Used | None:
    """Ask the shim what the generation has used; None if no shim runs, or an older one.

    Raises:
        TimeoutError: If a shim runs and does not answer.
    """
    return records.parse(_ask(folder, b'{"do": "used"}'), Used)


def _ask(folder: Path, question: bytes) -> bytes:
    """Return what the shim answers; nothing if none runs."""
    try:
        with _connected(folder, CONTROL) as shim:
            shim.sendall(question)
            return b"".join(iter(partial(shim.recv, ANSWER_BYTES), b""))
    except TimeoutError:
        raise
    except OSError:
        return b""


def stop(folder: Path, within_s: float, *, at_once: bool) -> None:
    """Tell the shim to stop and wait until it has ended, if it answers and does so in time.

    A shim of an older release that is told `at_once` gives the connector its usual grace.
    """
    told = {"do": "stop", "at_once": at_once}
    with suppress(OSError), _connected(folder, CONTROL) as shim:
        shim.sendall(json.dumps(told).encode())
        shim.recv(ANSWER_BYTES)
        shim.settimeout(within_s)
        shim.recv(1)  # nothing comes any more; its end closes the connection


def connect(folder: Path, config: Config) -> socket.socket:
    """Return a connection to the port of the connector, in whatever network it is.

    Raises:
        OSError: If it does not run, or does not listen.
    """
    if not config.is_contained:
        port = _port(folder)
        return socket.create_connection(("127.0.0.1", port), config.timeout_s)
    try:
        with _connected(folder, INSIDE) as giver:
            return inside.handed(giver)
    except OSError:
        _port(folder)  # the reason why it does not run says more, if that is why
        raise


def _port(folder: Path) -> int:
    now = state(folder)
    if now is None or now.port is None:
        raise ConnectionRefusedError(now.reason if now else "it does not run")
    return now.port


@contextmanager
def _connected(folder: Path, name: str) -> Iterator[socket.socket]:
    """Connect by a short path: the whole one may be longer than the 107 bytes of an address."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        short = f"/proc/self/fd/{handle}" if sys.platform == "linux" else str(folder)
        with socket.socket(socket.AF_UNIX) as shim:
            shim.settimeout(ANSWER_S)
            shim.connect(f"{short}/{name}")
            yield shim
    finally:
        os.close(handle)
