"""The process of a connector, with or without a sandbox around it."""

import json
import os
import re
import signal
import socket
import subprocess  # noqa: TID251  the copy that runs has no gates
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from connectory.backends.targets.local.shim import egress, inside, network
from connectory.backends.targets.local.shim.contract import HOME, INSIDE, Config
from connectory.backends.targets.local.shim.log import Output
from connectory.backends.targets.local.shim.machine import (
    children,
    clear,
    confine,
    connected,
)

TYPE_CHECKING = False  # nothing imports `typing`: it would be 0.6 MB of each instance
if TYPE_CHECKING:
    from typing import IO

SANDBOX_BYTES = 4096  # of what bubblewrap says of itself
KNOWN_OUTSIDE = ("HOME", "PATH")  # the first of them tells whose process it is
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
HEALTHY = re.compile(rb"HTTP/1\.[01] 200")
HEALTH_S = 0.25  # to wait for the answer
BY_SIGNAL = 128  # added by bubblewrap to the signal that ended the connector


class Connector:
    """A connector that was started; with bubblewrap around it, the process is bubblewrap's."""

    def __init__(self, config: Config, environment: dict[str, str], port: int) -> None:
        """Start it.

        Raises:
            OSError, subprocess.SubprocessError: If it cannot be started; nothing is left.
        """
        self.port = port
        self._sandbox = 0  # the first process in it
        self._network: int | None = None  # the process that is its network
        self._reports: IO[bytes] | None = None
        self._begin(config, environment)

    def _begin(self, config: Config, environment: dict[str, str]) -> None:
        if config.is_contained:
            self._process = self._start_contained(config, environment)
        else:
            self._process = spawn(config.argv, config.memory, environment, config.cpu_group)

    def outputs(self) -> Iterator[Output]:
        """Give all that can be read from it, with the level that lines have by default."""
        for pipe, level in ((self._process.stdout, "info"), (self._process.stderr, "warn")):
            if pipe is not None:
                yield Output(pipe, level)
        if self._reports is not None:
            yield Output(self._reports, "warn", is_ours=True)

    def advance(self) -> Iterator[Output]:
        """Do what has to wait for something, if that is there by now; give what can be read.

        Raises:
            OSError: If it cannot be done.
        """
        yield from ()

    @property
    def root(self) -> int:
        """The process that all of its processes descend from; 0 if there is none yet."""
        return self._process.pid

    @property
    def pid(self) -> int:
        """The connector's own process; bubblewrap's until it is there."""
        own = children(self._sandbox) if self._sandbox else []
        return own[0] if own else self._process.pid

    @property
    def is_listening(self) -> bool:
        """Whether it accepts connections by now."""
        with suppress(OSError), self._connected():
            return True
        return False

    @property
    def is_healthy(self) -> bool:
        """Whether it answers its health check well, and at once."""
        with suppress(OSError), self._connected() as asked:
            asked.settimeout(HEALTH_S)
            asked.sendall(HEALTH)
            return HEALTHY.match(asked.recv(len(b"HTTP/1.1 200"))) is not None
        return False

    def _connected(self) -> socket.socket:
        return inside.connect(INSIDE) if self._sandbox else connected(self.port)

    def bury(self, child: int) -> None:
        """Let a child of the shim go if it has ended; without its network a connector ends."""
        if child != self._process.pid and os.waitpid(child, os.WNOHANG)[0] == self._network:
            self.kill()

    def ended(self) -> int | None:
        """Return the exit code, negative for a signal, if it has ended and so has all of it."""
        code = self._process.poll()
        if code is None:
            return None
        clear(self._process.pid)
        return BY_SIGNAL - code if self._sandbox and code > BY_SIGNAL else code

    def terminate(self) -> None:
        """Ask it to end."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End it and all that it started; a sandbox ends with the process around it."""
        os.killpg(self._process.pid, signal.SIGKILL)

    def _start_contained(
        self, config: Config, environment: dict[str, str]
    ) -> "subprocess.Popen[bytes]":
        """Start bubblewrap, which waits with the connector until its network is open."""
        said, say = os.pipe()
        wait, go = os.pipe()
        options = _options(environment)
        told = ("--info-fd", str(say), "--block-fd", str(wait), "--args", str(options))
        argv = [config.argv[0], *told, *config.argv[1:]]
        known = {name: environment[name] for name in KNOWN_OUTSIDE}
        try:
            process = spawn(argv, config.memory, known, config.cpu_group, (say, wait, options))
        finally:
            for handed in (say, wait, options):
                os.close(handed)
        try:
            self._sandbox = _first_process(said)
            ways = egress.plan(config.allowed, config.private)
            self._network, reports = network.start(self._sandbox, ways, self.port)
            self._reports = os.fdopen(reports, "rb", buffering=0)
            os.write(go, b"x")
        except OSError:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            clear(process.pid)
            raise
        finally:
            os.close(said)
            os.close(go)
        return process


def _options(environment: dict[str, str]) -> int:
    """Return a file with the environment, as bubblewrap reads it.

    So the secrets are not in its own environment, and not in its arguments.
    """
    words = ["--clearenv"]
    for name, value in environment.items():
        words += ["--setenv", name, value]
    file = os.memfd_create("environment")
    os.write(file, b"".join(os.fsencode(word) + b"\0" for word in words))
    os.lseek(file, 0, os.SEEK_SET)
    return file


def _first_process(said: int) -> int:
    """Return the process that bubblewrap names.

    Raises:
        OSError: If it ended without naming one.
    """
    words = b""
    while piece := os.read(said, SANDBOX_BYTES):
        words += piece
        with suppress(ValueError, LookupError):  # there is more to come
            return int(json.loads(words)["child-pid"])
    raise OSError("bubblewrap made no sandbox")


def spawn(
    argv: list[str],
    memory: int,
    environment: dict[str, str],
    group: str = "",
    handed: tuple[int, ...] = (),
    stdin: int = subprocess.DEVNULL,
) -> "subprocess.Popen[bytes]":
    """Start a limited process that ends with this one."""
    return subprocess.Popen(  # noqa: S603  fixed arguments, no shell
        argv,
        cwd=HOME,
        env=environment,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        pass_fds=handed,
        start_new_session=True,  # so that all of it can be killed
        preexec_fn=partial(confine, memory, group, os.getpid()),  # noqa: PLW1509  no threads here
    )
