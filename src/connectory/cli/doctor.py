"""connectory doctor: is this machine fit, and is the server there."""

import os
import platform
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path

import click
import uv

from connectory import settings
from connectory.checks.scanners import chosen
from connectory.checks.scanners.running import unfit
from connectory.checks.scanners.table import ADAPTERS
from connectory.cli.pieces import Piece, dim
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.client.plans import TargetCard
from connectory.gates import bubblewrap
from connectory.kernel.clock import now
from connectory.kernel.errors import ConnectoryError
from connectory.settings import Settings

PASS, WARN, FAIL = "PASS", "WARN", "FAIL"
TONES = {PASS: "good", WARN: "warn", FAIL: "bad"}
PYTHON = (3, 11)
OTHERS = 0o077
GB = 1_000_000_000
LOW_SPACE, NO_SPACE = 2 * GB, GB // 5  # bytes
MOST_SKEW_S = 5.0
OFF = "containers are not offered"  # how the server begins to say so


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, in a few words, and what to do about it."""

    state: str
    detail: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Patient:
    """What is looked at: the settings of this machine, and the caller's session."""

    settings: Settings
    session: Session

    @cached_property
    def targets(self) -> list[TargetCard] | None:
        """Where the server runs connectors; None if there is no server to ask."""
        try:
            return self.session.client.plans.targets()
        except ConnectoryError:
            return None


@click.command(cls=Verb)
@click.option("--data", type=click.Path(path_type=Path), help="Data directory of the server.")
@click.option("--strict", is_flag=True, help="Exit 1 for warnings too.")
@click.option("--list-checks", is_flag=True, help="Only name the checks.")
@click.pass_obj
def doctor(session: Session, data: Path | None, *, strict: bool, list_checks: bool) -> None:
    r"""Check this machine and the server. Exits 1 when a check failed.

    \b
    Example:
        connectory doctor --strict
    """
    if list_checks:
        _names(session)
        return
    found = examine(session, settings.load(data=data))
    counts = {state: sum(f.state == state for f in found.values()) for state in TONES}
    if session.out.as_json:
        session.out.document({"checks": listed(found)})
    else:
        _show(session, found)
        session.out.show(
            f"{len(found)} checks: {counts[PASS]} passed, {counts[WARN]} warnings, "
            f"{counts[FAIL]} failed"
        )
    if counts[FAIL] or (strict and counts[WARN]):
        raise click.exceptions.Exit(1)


def examine(session: Session, here: Settings) -> dict[str, Finding]:
    """Run every check; `here` are the settings of a server on this machine."""
    patient = Patient(here, session)
    return {name: check(patient) for name, check in CHECKS.items()}


def listed(found: Mapping[str, Finding]) -> list[dict[str, str]]:
    """Return what was found as JSON."""
    return [
        {"name": name, "state": one.state, "detail": one.detail, "hint": one.hint}
        for name, one in found.items()
    ]


def _python(_: Patient) -> Finding:
    version = platform.python_version()
    if sys.version_info >= PYTHON:
        return Finding(PASS, version)
    return Finding(FAIL, version, "install Python 3.11 or newer")


def _data(patient: Patient) -> Finding:
    data = patient.settings.data
    if not data.exists():
        return Finding(PASS, f"{data} is not there yet; `connectory up` makes it")
    if not os.access(data, os.W_OK | os.X_OK):
        return Finding(
            FAIL, f"{data} cannot be written", f"run: sudo chown {os.getuid()} {data}"
        )
    mode = stat.S_IMODE(data.stat().st_mode)
    if mode & OTHERS:
        return Finding(WARN, f"{data} has mode {mode:04o}", f"run: chmod 700 {data}")
    return Finding(PASS, str(data))


def _keys(patient: Patient) -> Finding:
    exposed = [path for path in _key_files(patient) if path.stat().st_mode & OTHERS]
    if exposed:
        names = " ".join(str(path) for path in exposed)
        return Finding(FAIL, f"others may read {names}", f"run: chmod 600 {names}")
    return Finding(PASS, "readable by their owner only")


def _key_files(patient: Patient) -> Iterator[Path]:
    data = patient.settings.data
    if data.is_dir() and os.access(data, os.R_OK | os.X_OK):
        yield from (path for path in data.iterdir() if path.is_file() and "key" in path.name)
    credentials = patient.session.credentials.path
    if credentials.is_file():
        yield credentials


def _space(patient: Patient) -> Finding:
    data = patient.settings.data
    there = next(path for path in (data, *data.parents) if path.exists())
    free = shutil.disk_usage(there).free
    shown = f"{free / GB:.1f} GB free"
    if free < NO_SPACE:
        return Finding(FAIL, shown, f"make room on the disk of {there}")
    return Finding(WARN if free < LOW_SPACE else PASS, shown)


def _port(patient: Patient) -> Finding:
    host, port = patient.settings.host, patient.settings.port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as failure:
            return Finding(
                WARN,
                f"{host}:{port} {failure.strerror}",
                "fine if it is a marketplace; else: connectory up --port 0",
            )
    return Finding(PASS, f"{host}:{port} is free")


def _server(patient: Patient) -> Finding:
    session = patient.session
    try:
        answer = session.client.http.raw("GET", "/healthz")
    except ConnectoryError as failure:
        state = FAIL if session.flags.url or session.environment.url else WARN
        return Finding(state, failure.message, failure.hint)
    if answer.status != 200:  # noqa: PLR2004  the health check's one good status
        return Finding(
            FAIL, f"{session.url} says {answer.status} at /healthz", "look at its log"
        )
    return Finding(PASS, session.url)


def _clock(patient: Patient) -> Finding:
    try:
        answer = patient.session.client.http.raw("GET", "/healthz")
    except ConnectoryError:
        return Finding(WARN, "no server to compare with")
    skew = _skew(answer.headers.get("date", ""), now())
    if skew is None:
        return Finding(WARN, "the server does not say its time")
    state = PASS if abs(skew) <= MOST_SKEW_S else WARN
    return Finding(state, f"{skew:+.0f} s", "" if state is PASS else "synchronise both clocks")


def _skew(date: str, here: datetime) -> float | None:
    try:
        return (parsedate_to_datetime(date) - here).total_seconds()
    except ValueError:
        return None


def _account(patient: Patient) -> Finding:
    session = patient.session
    if session.token is None:
        return Finding(WARN, "not signed in", "connectory login")
    try:
        return Finding(PASS, session.client.access.me()["account"])
    except ConnectoryError as failure:
        return Finding(WARN, failure.message, failure.hint)


def _uv(_: Patient) -> Finding:
    try:
        return Finding(PASS, uv.find_uv_bin())
    except FileNotFoundError:
        return Finding(FAIL, "not found", "run: pip install --force-reinstall uv")


def _containment(patient: Patient) -> Finding:
    """Ask the server, whose machine may be another one than this."""
    try:
        found = patient.session.client.plans.targets()
    except ConnectoryError:
        return Finding(WARN, "no server to ask")
    open_ones = [one["name"] for one in found if not one["is_contained"]]
    if not open_ones:
        return Finding(
            PASS,
            "connectors reach and see what they declare, nothing else; processes, memory and "
            "files are limited",
        )
    return Finding(
        WARN,
        f"on {', '.join(open_ones)} connectors have the rights of the server's account",
        "install bubblewrap on the machine of the server: apt install bubblewrap",
    )


def _scanners(patient: Patient) -> Finding:
    pinned = chosen(patient.settings)
    found = {one.name: unfit(one, pinned[one.id]) for one in ADAPTERS if one.id in pinned}
    reasons = "; ".join(reason for reason in found.values() if reason)
    names = ", ".join(found)
    if reasons:
        return Finding(FAIL, reasons, "their checks do not run until this is mended")
    if found and not bubblewrap.works():
        hint = "install bubblewrap, so that they can be contained: apt install bubblewrap"
        return Finding(WARN, f"{names}: as pinned, run with the rights of this account", hint)
    return Finding(PASS, f"{names}: as pinned" if names else "none is set up")


def _cpu_limits(patient: Patient) -> Finding:
    """Ask the server whether connectors on its machine get no more CPU than they may use."""
    if patient.targets is None:
        return Finding(WARN, "no server to ask")
    free = [one["name"] for one in patient.targets if not one["is_cpu_limited"]]
    if not free:
        return Finding(PASS, "connectors get no more CPU than they may use")
    return Finding(
        WARN,
        f"on {', '.join(free)} CPU is not limited: connectors get what the server leaves",
        "start the server as root outside of containers, so that it may make control groups",
    )


def _containers(patient: Patient) -> Finding:
    """Ask the server whether connectors can be installed as containers of its machine."""
    if patient.targets is None:
        return Finding(WARN, "no server to ask")
    state = next((one["state"] for one in patient.targets if one["name"] == "container"), OFF)
    if state == "ok":
        return Finding(PASS, "podman runs them with runc")
    hint = "on its machine: apt install podman runc bubblewrap; then start the server as root"
    return Finding(PASS if state.startswith(OFF) else WARN, state, hint)


CHECKS: Mapping[str, Callable[[Patient], Finding]] = {
    "Python": _python,
    "Data directory": _data,
    "Key files": _keys,
    "Free space": _space,
    "Port": _port,
    "Server": _server,
    "Clock against server": _clock,
    "Signed in": _account,
    "uv": _uv,
    "Containment": _containment,
    "Scanners": _scanners,
    "CPU limits": _cpu_limits,
    "Containers": _containers,
}
"""Every check by its name."""


def _names(session: Session) -> None:
    if session.out.as_json:
        session.out.document({"checks": list(CHECKS)})
        return
    for name in CHECKS:
        session.out.show(name)


def _show(session: Session, found: Mapping[str, Finding]) -> None:
    for name, one in found.items():
        session.out.show(f"{name:24}", Piece(one.state, TONES[one.state]), "   ", one.detail)
        if one.hint and one.state != PASS:
            session.out.show(" " * 31, dim("hint: "), one.hint)
