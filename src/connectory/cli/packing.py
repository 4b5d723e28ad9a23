"""Completing a connector's folder to its package: the lock, and every wheel that it names.

Both `connectory package` and `connectory publish` do, so that both make the same bytes.
"""

import importlib.util
import io
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from connectory.cli import environment
from connectory.cli.bundle import Source
from connectory.gates import archive, process
from connectory.kernel.digest import digest_of
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.scaffold.layout import LOCK, WHEELS
from connectory.scaffold.sdk import SDK, sdk_wheel, with_sdk

REQUIREMENTS = "requirements.in"
FETCH_S = 300.0
LOCK_COMMAND = (
    "python -m uv pip compile --generate-hashes --only-binary :all: --find-links wheels "
    f"{REQUIREMENTS} --output-file {LOCK}"
)
REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])? *== *([^\s;\\]+)")
HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


class LockIncompleteError(ConnectoryError):
    """A connector requires libraries that its lock does not pin."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "lock-incomplete"

    def __init__(self, folder: Path, names: list[str]) -> None:
        super().__init__(
            f"{folder / REQUIREMENTS} names {', '.join(names)}, and {LOCK} pins no version",
            hint=f"in {folder} run `{LOCK_COMMAND}`",
            path=str(folder / LOCK),
        )


class WheelsNotFetchedError(ConnectoryError):
    """Wheels that a lock names are not there and could not be fetched."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "wheels-not-fetched"

    def __init__(self, names: list[str], reason: str) -> None:
        super().__init__(
            f"wheels of {', '.join(names)} are not there and could not be fetched: {reason}",
            hint=f"check the network and the hashes of {LOCK}, or put them into {WHEELS}/",
        )


@dataclass(frozen=True, slots=True)
class Pin:
    """One requirement of a lock: its whole line, joined, and the hashes it accepts."""

    name: str  # normal form
    line: str

    @property
    def hashes(self) -> frozenset[str]:
        """Digests of the wheels that will do."""
        return frozenset(HASH.findall(self.line))


def completed(source: Source) -> Source:
    """Return a folder's source with its lock and all wheels, packed; others as they are.

    Raises:
        SdkWheelMissingError: If the SDK is needed and did not come with this installation.
        LockIncompleteError: If the lock lacks what the connector requires.
        WheelsNotFetchedError: If wheels cannot be fetched.
    """
    if source.package is None or source.files is None or not source.path.is_dir():
        return source
    files = dict(source.files)
    pinned = {pin.name for pin in pins(files.get(LOCK, b""))}
    unlocked = sorted(_required(source.path) - pinned)
    if unlocked == [SDK]:
        files |= with_sdk(files)
    elif unlocked:
        raise LockIncompleteError(source.path, unlocked)
    files |= _missing_wheels(files)
    packed = io.BytesIO()
    archive.pack(files, packed)
    return replace(source, package=packed.getvalue(), names=frozenset(files), files=files)


def pins(lock: bytes) -> list[Pin]:
    """Return the requirements of a lock, lines that go on joined."""
    lines = lock.decode("utf-8", "replace").replace("\\\n", " ").splitlines()
    found = ((PIN.match(line), line) for line in lines)
    return [Pin(normal(match[1]), " ".join(line.split())) for match, line in found if match]


def normal(name: str) -> str:
    """Return the one spelling of a library's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _required(folder: Path) -> set[str]:
    """Return the libraries that the author wrote down."""
    file = folder / REQUIREMENTS
    lines = file.read_text("utf-8", "replace").splitlines() if file.is_file() else []
    return {normal(found[0]) for line in lines if (found := REQUIREMENT.match(line))}


def _missing_wheels(files: Mapping[str, bytes]) -> dict[str, bytes]:
    present = {
        digest_of(content) for name, content in files.items() if name.startswith(f"{WHEELS}/")
    }
    missing = [pin for pin in pins(files.get(LOCK, b"")) if not pin.hashes & present]
    return dict(_fetched(missing)) if missing else {}


def _fetched(missing: list[Pin]) -> Iterator[tuple[str, bytes]]:
    """Fetch wheels with pip, which obeys its own settings and accepts listed hashes only."""
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        name, content = sdk_wheel()
        (place / name).write_bytes(content)  # no index has it
        (place / LOCK).write_text("".join(f"{pin.line}\n" for pin in missing))
        options = ["--only-binary", ":all:", "--require-hashes", "--no-deps", "--no-input"]
        where = ["--find-links", str(place), "--dest", str(place / WHEELS)]
        done = process.run(
            [*_pip(), "download", "--quiet", *options, *where, "--requirement", LOCK],
            cwd=place,
            environment=environment.handed_on() | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            timeout_s=FETCH_S,
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [
                "no reason given"
            ]
            raise WheelsNotFetchedError([pin.name for pin in missing], said[-1])
        for wheel in sorted((place / WHEELS).glob("*.whl")):
            yield f"{WHEELS}/{wheel.name}", wheel.read_bytes()


def _pip() -> list[str]:
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    import uv  # noqa: PLC0415  only where pip is not installed

    run = ["run", "--no-project", "--python", sys.executable, "--with", "pip"]
    return [uv.find_uv_bin(), *run, "python", "-m", "pip"]
