"""Keeps a connector running: starts it, again after each end, until told to stop."""

import fcntl
import gc
import json
import os
import selectors
import signal
import socket
import subprocess  # noqa: TID251  for its exceptions; the copy that runs has no gates
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

from connectory.backends.targets.local.shim.connector import Connector
from connectory.backends.targets.local.shim.container import Container
from connectory.backends.targets.local.shim.contract import (
    CONFIG,
    CONTROL,
    HOME,
    LOCK,
    LOGS,
    STATE,
    TEMPORARY,
    Config,
    State,
    Used,
)
from connectory.backends.targets.local.shim.cpu import CpuLimit
from connectory.backends.targets.local.shim.log import Log, Output, Scribe, stamp
from connectory.backends.targets.local.shim.machine import (
    children,
    detach,
    free_port,
    signal_socket,
)
from connectory.backends.targets.local.shim.meter import (
    Meter,
    family,
    held_bytes,
    shared_fairly,
)

LOCK_WAIT_S = 2  # for the shim before this one to be gone; then SIGALRM ends this one
ASK_WAIT_S = 1.0  # for a question on the socket to arrive
PROBE_S = 0.1  # between two looks at whether the connector listens, then is healthy, by now
WATCH_S = 2.0  # between two looks at what it uses
STARTING_S = 10.0  # for which it may have more CPU than it declares, until it is healthy
MEGABYTE = 1_000_000
CHUNK = 64 * 1024


class Supervisor:
    """Keeps one connector running until it is told to stop. Has one thread."""

    def __init__(self, config: Config, secrets: dict[str, str], control: socket.socket) -> None:
        self._config = config
        self._environment = secrets | config.environment
        self._scribe = Scribe(secrets.values())
        self._log = Log(
            Path(LOGS), segment_bytes=config.log_bytes, segments=config.log_segments
        )
        self._control = control
        self._waiting: list[socket.socket] = []  # who asked to stop; our end closes these
        self._selector = selectors.DefaultSelector()
        self._connector: Connector | None = None
        self._outputs: list[Output] = []
        self._started = time.monotonic()
        self._pause_s = config.first_pause_s
        self._meter = Meter(config)
        self._cpu = CpuLimit(config)
        self._next: tuple[float, Callable[[], None]] | None = None  # when, what
        self._watch_at = self._started
        self._excess = ""  # what it had too much of, if that is why it was ended
        self._state = State(config.generation)
        self._move("starting")

    def run(self) -> None:
        """Supervise until told to stop and the connector has ended."""
        signals = signal_socket(signal.SIGCHLD, signal.SIGTERM)
        self._selector.register(signals, selectors.EVENT_READ, partial(self._heed, signals))
        self._selector.register(self._control, selectors.EVENT_READ, self._answer)
        self._start()
        while not self._state.is_stopping or self._connector is not None:
            for key, _ in self._selector.select(self._idle_s()):
                key.data()
            self._look_at_processes()
            if self._connector is not None and time.monotonic() >= self._watch_at:
                self._watch(self._connector)
            if self._next is not None and time.monotonic() >= self._next[0]:
                step, self._next = self._next[1], None
                step()
        self._move("stopped", "it was told to stop")

    def say(self, message: str, level: str = "info") -> None:
        """Write a line of the platform's own to the log of the connector."""
        line = json.dumps({"msg": message, "from": "platform"}).encode()
        self._log.write(self._scribe.record(line, level=level))

    def _idle_s(self) -> float | None:
        """Return how long nothing is due; None if nothing is before something happens."""
        due = [] if self._next is None else [self._next[0]]
        if self._connector is not None:
            due.append(self._watch_at)
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _at(self, in_s: float, step: Callable[[], None]) -> None:
        self._next = time.monotonic() + in_s, step

    def _heed(self, signals: socket.socket) -> None:
        if signal.SIGTERM in signals.recv(CHUNK):
            self._stop()

    def _answer(self) -> None:
        connection, _ = self._control.accept()
        connection.settimeout(ASK_WAIT_S)
        with suppress(OSError, ValueError, LookupError, TypeError):
            asked = json.loads(connection.recv(256))
            told = self._used() if asked["do"] == "used" else self._state
            connection.sendall(json.dumps(asdict(told)).encode() + b"\n")
            if asked["do"] == "stop":
                self._waiting.append(connection)
                self._stop()
                if asked.get("at_once"):
                    self._kill("it is killed at once, as it was told")
                return
        connection.close()

    def _used(self) -> Used:
        self._meter.look()
        self._meter.save()
        return self._meter.used

    def _start(self) -> None:
        self._started = time.monotonic()
        environment = self._environment | {"PORT": str(port := free_port())}
        try:
            self._cpu.begin()
            connector = _kind(self._config)(self._config, environment, port)
        except (OSError, subprocess.SubprocessError) as failure:
            told = f"it could not be started: {failure}"
            self.say(told, "error")
            self._again_later(told)
            return
        self._connector, self._state.pid, self._state.port = connector, connector.pid, port
        self._meter.started(lambda: connector.root, self._started)
        self._watch_at, self._excess = self._started + WATCH_S, ""
        self._read(connector.outputs())
        self.say(f"started as process {connector.pid}")
        self._move("starting")
        self._at(PROBE_S, self._probe)

    def _read(self, outputs: Iterator[Output]) -> None:
        """Read from now on what comes."""
        for output in outputs:
            self._outputs.append(output)
            copy = partial(self._copy, output)
            self._selector.register(output.pipe, selectors.EVENT_READ, copy)

    def _probe(self) -> None:
        """See whether the connector listens by now."""
        connector = self._connector
        if connector is None:
            return
        try:
            self._read(connector.advance())
        except OSError as failure:
            self._excess = f"it could not be started: {failure}"
            connector.kill()
        if connector.is_listening:
            self._state.pid = connector.pid
            self._move("running")
            self._await_health()
        else:
            self._at(PROBE_S, self._probe)

    def _await_health(self) -> None:
        """See whether the connector is healthy by now, to know how long a start takes."""
        if self._connector is not None and self._connector.is_healthy:
            self._meter.healthy()
            self._cpu.settle()
        elif time.monotonic() - self._started < self._config.healthy_s:
            self._at(PROBE_S, self._await_health)

    def _watch(self, connector: Connector) -> None:
        """Look at what the connector uses, and end it if that is too much."""
        began = time.monotonic()
        if began - self._started > STARTING_S:
            self._cpu.settle()
        excess = self._too_much(connector)
        # A folder with many files is looked at less often.
        self._watch_at = time.monotonic() + max(WATCH_S, 20 * (time.monotonic() - began))
        if excess and not self._state.is_stopping:
            self._excess = excess
            connector.kill()

    def _too_much(self, connector: Connector) -> str:
        """Say what it has too much of; nothing if all is well."""
        memory, most = self._meter.look(), self._config.memory
        if memory > most and (fair := shared_fairly(family(connector.root))) > most:
            return f"it used {_mb(fair)} of memory, more than its {_mb(most)}"
        most = self._config.disk
        try:
            held = held_bytes([Path(HOME), Path(TEMPORARY)], family(connector.root), most)
        except OSError:  # closed, or too deep for a path
            return "it has a folder that nobody can look into, so its size is not known"
        return f"its files have more than the {_mb(most)} they may have" if held > most else ""

    def _copy(self, output: Output) -> bool:
        """Copy what was printed by now to the log, and say whether there may be more."""
        piece = output.pipe.read(CHUNK)
        if piece is None:
            return False
        for raw in output.lines(piece):
            if not (output.is_ours and self._meter.counted(raw)):
                record = self._scribe.record(raw, level=output.level)
                self._meter.heard(record)
                self._log.write(record)
        if not piece:
            self._close(output)
        return bool(piece)

    def _close(self, output: Output) -> None:
        self._outputs.remove(output)
        self._selector.unregister(output.pipe)
        output.pipe.close()

    def _look_at_processes(self) -> None:
        """See whether the connector has ended, or an orphan of it that is ours to bury."""
        connector = self._connector
        for child in children():
            if connector is None:
                os.waitpid(child, os.WNOHANG)
            else:
                connector.bury(child)
        if connector is not None and (code := connector.ended()) is not None:
            self._ended(code)

    def _ended(self, code: int) -> None:
        for output in tuple(self._outputs):
            while self._copy(output):
                pass
            if output in self._outputs:
                self._close(output)
        self._connector = self._state.pid = self._state.port = self._next = None
        self._meter.ended()
        self._cpu.end()
        self._state.last_exit = code
        told = self._excess or _told(code)
        self.say(told, "info" if self._state.is_stopping else "error")
        if not self._state.is_stopping:
            self._again_later(told)

    def _again_later(self, reason: str) -> None:
        if time.monotonic() - self._started >= self._config.healthy_s:
            self._pause_s = self._config.first_pause_s
        self._move("backing-off", f"{reason}; it starts again after {self._pause_s:g} s")
        self._at(self._pause_s, self._restart)
        self._pause_s = min(2 * self._pause_s, self._config.longest_pause_s)

    def _restart(self) -> None:
        self._state.restarts += 1
        self._start()

    def _stop(self) -> None:
        if self._state.is_stopping:
            return
        self._state.is_stopping = True
        self._next = None
        if self._connector is not None:
            self._connector.terminate()
            said = f"it did not end within {self._config.grace_s:g} s and is killed"
            self._at(self._config.grace_s, partial(self._kill, said))

    def _kill(self, said: str) -> None:
        if self._connector is not None:
            self.say(said, "warn")
            self._connector.kill()

    def _move(self, phase: str, reason: str = "") -> None:
        self._state.phase, self._state.since, self._state.reason = phase, stamp(), reason
        aside = Path(f"{STATE}.new")
        # A full disk must not end the connector; the socket knows the state, too.
        with suppress(OSError):
            aside.write_text(json.dumps(asdict(self._state)))
            aside.replace(STATE)


def _kind(config: Config) -> type[Connector]:
    return Container if config.inner else Connector


def _mb(size: int) -> str:
    return f"{size / MEGABYTE:,.0f} MB"


def _told(returncode: int) -> str:
    if returncode >= 0:
        return f"it ended with exit code {returncode}"
    return f"it was ended by signal {-returncode} ({signal.strsignal(-returncode)})"


def _lock() -> None:
    """Take the lock of the instance, which ends with this process, or end here."""
    lock = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    signal.alarm(LOCK_WAIT_S)
    fcntl.flock(lock, fcntl.LOCK_EX)
    signal.alarm(0)


def _listen() -> socket.socket:
    """Listen on the control socket. Its path is relative: absolute ones may be too long."""
    Path(CONTROL).unlink(missing_ok=True)
    control = socket.socket(socket.AF_UNIX)
    control.bind(CONTROL)
    control.listen()
    return control


def main() -> None:
    """Run the instance in the folder that the first argument names.

    Its secrets are read from standard input: one JSON object, environment name to value. From
    then on they are in the memory of this process and in the environment of the connector.
    """
    os.umask(0o077)
    os.chdir(sys.argv[1])
    secrets = json.load(sys.stdin)
    config = Config(**json.loads(Path(CONFIG).read_bytes()))
    _lock()
    supervisor = Supervisor(config, secrets, _listen())
    detach()
    gc.freeze()  # what is there stays, and is shared with the processes to come
    try:
        supervisor.run()
    except Exception:
        supervisor.say(traceback.format_exc(), "error")
        raise
