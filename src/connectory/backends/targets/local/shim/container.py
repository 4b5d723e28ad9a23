"""The process of a connector in a container, which podman makes and deletes.

Podman's own process stays while the container runs. The container's first process, `init`,
waits for one line on its standard input, which is a pipe from here: until the network is open
nothing of the connector runs, and settings and secrets are nowhere but in that line.
"""

import json
import os
import signal
import socket
import subprocess  # noqa: TID251  the copy that runs has no gates
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from connectory.backends.targets.local.shim import egress, network
from connectory.backends.targets.local.shim.connector import BY_SIGNAL, Connector, spawn
from connectory.backends.targets.local.shim.contract import FIRST, Config
from connectory.backends.targets.local.shim.log import Output
from connectory.backends.targets.local.shim.machine import CLEAR_S, children, clear


class Container(Connector):
    """A connector that was started in a container; the process is podman's."""

    def _begin(self, config: Config, environment: dict[str, str]) -> None:
        Path(FIRST).unlink(missing_ok=True)
        self._ways = egress.plan(config.allowed, config.private)
        self._task = json.dumps({"argv": config.inner, "environment": environment})
        self._first = -1  # a handle on the first process
        self._until = 0.0  # when to wait no longer for podman to tidy up
        self._process = spawn(config.argv, 0, config.outside, stdin=subprocess.PIPE)

    @property
    def root(self) -> int:
        """The first process in the container; 0 until it is there."""
        return self._sandbox

    def advance(self) -> Iterator[Output]:
        """Open the network of the container as soon as it is there, and let it begin."""
        if self._sandbox or not (first := _number(FIRST)):
            return
        self._first, self._sandbox = os.pidfd_open(first), first
        self._network, reports = network.start(first, self._ways, self.port)
        yield Output(os.fdopen(reports, "rb", buffering=0), "warn", is_ours=True)
        if self._process.stdin is not None:
            self._process.stdin.write(f"{self._task}\n".encode())
        self._task = ""

    def ended(self) -> int | None:
        """Return the exit code if it has ended, and podman has deleted the container."""
        code = self._process.poll()
        if code is None:
            return None
        if not self._until:
            self._until = time.monotonic() + CLEAR_S
            self._let_go()
        if children() and time.monotonic() < self._until:
            return None
        clear(self._process.pid)
        return BY_SIGNAL - code if code > BY_SIGNAL else code

    def kill(self) -> None:
        """End all that is in the container, or podman if there is none yet."""
        with suppress(ProcessLookupError):  # it has ended, and waits to be tidied up
            if self._first >= 0:
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
            else:
                super().kill()

    def _let_go(self) -> None:
        """End its network, and the container if podman alone has ended."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        beside, self._network = self._network, None
        if beside is not None:
            with suppress(ProcessLookupError):
                os.kill(beside, signal.SIGKILL)
        if self._first >= 0:
            os.close(self._first)
        self._first, self._sandbox = -1, 0

    def _connected(self) -> socket.socket:
        if not self._sandbox:
            raise ConnectionRefusedError("its container is not there yet")
        return super()._connected()


def _number(path: str) -> int:
    """Return the number in a file; 0 if it is not there, or not written yet."""
    with suppress(OSError, ValueError):
        return int(Path(path).read_text())
    return 0
