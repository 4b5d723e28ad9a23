"""Completing a connector's folder to its package: the lock, and every wheel that it names.

Both `connectory package` and `connectory publish` do, so that both make the same bytes.
"""

import importlib.util
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from connectory.cli import environment
from connectory.cli.bundle import Source
from connectory.gates import process
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.scaffold.layout import LOCK, WHEELS
from connectory.scaffold.lock import REQUIREMENTS, Pin, locked, missing
from connectory.scaffold.package import packed
from connectory.scaffold.sdk import sdk_wheel

FETCH_S = 300.0


class WheelsNotFetchedError(ConnectoryError):
    """Wheels that a lock names are not there and could not be fetched."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "wheels-not-fetched"

    def __init__(self, names: list[str], reason: str) -> None:
        super().__init__(
            f"wheels of {', '.join(names)} are not there and could not be fetched: {reason}",
            hint=f"check the network and the hashes of {LOCK}, or put them into {WHEELS}/",
        )


def completed(source: Source) -> Source:
    """Return a folder's source with its lock and all wheels, packed; others as they are.

    Raises:
        SdkWheelMissingError: If the SDK is needed and did not come with this installation.
        LockIncompleteError: If the lock lacks what the connector requires.
        WheelsNotFetchedError: If wheels cannot be fetched.
    """
    if source.package is None or source.files is None or not source.path.is_dir():
        return source
    written = source.path / REQUIREMENTS
    requirements = written.read_bytes() if written.is_file() else b""
    files = locked(source.files, requirements, str(source.path))
    absent = missing(files)
    files |= dict(_fetched(absent)) if absent else {}
    return replace(source, package=packed(files), names=frozenset(files), files=files)


def _fetched(wanted: list[Pin]) -> Iterator[tuple[str, bytes]]:
    """Fetch wheels with pip, which obeys its own settings and accepts listed hashes only."""
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        name, content = sdk_wheel()
        (place / name).write_bytes(content)  # no index has it
        (place / LOCK).write_text("".join(f"{pin.line}\n" for pin in wanted))
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
            raise WheelsNotFetchedError([pin.name for pin in wanted], said[-1])
        for wheel in sorted((place / WHEELS).glob("*.whl")):
            yield f"{WHEELS}/{wheel.name}", wheel.read_bytes()


def _pip() -> list[str]:
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    import uv  # noqa: PLC0415  only where pip is not installed

    run = ["run", "--no-project", "--python", sys.executable, "--with", "pip"]
    return [uv.find_uv_bin(), *run, "python", "-m", "pip"]
