"""The lock of a connector: which wheels a package has to bring along."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from connectory.kernel.digest import digest_of
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.scaffold.layout import LOCK, WHEELS
from connectory.scaffold.sdk import SDK, with_sdk

REQUIREMENTS = "requirements.in"
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

    def __init__(self, folder: str, names: list[str]) -> None:
        super().__init__(
            f"{folder}/{REQUIREMENTS} names {', '.join(names)}, and {LOCK} pins no version",
            hint=f"in {folder} run `{LOCK_COMMAND}`",
            path=f"{folder}/{LOCK}",
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


def locked(files: Mapping[str, bytes], requirements: bytes, folder: str) -> dict[str, bytes]:
    """Return files with a lock that pins all requirements: only the SDK may be missing in it.

    `folder` is where they are, for messages.

    Raises:
        SdkWheelMissingError: If the SDK is needed and did not come with this installation.
        LockIncompleteError: If the lock lacks something else.
    """
    pinned = {pin.name for pin in pins(files.get(LOCK, b""))}
    unlocked = sorted(required(requirements) - pinned)
    if unlocked == [SDK]:
        return {**files, **with_sdk(files)}
    if unlocked:
        raise LockIncompleteError(folder, unlocked)
    return dict(files)


def missing(files: Mapping[str, bytes]) -> list[Pin]:
    """Return what the lock pins without a wheel of it being there."""
    present = {
        digest_of(content) for name, content in files.items() if name.startswith(f"{WHEELS}/")
    }
    return [pin for pin in pins(files.get(LOCK, b"")) if not pin.hashes & present]


def required(requirements: bytes) -> set[str]:
    """Return the libraries that the author wrote down."""
    lines = requirements.decode("utf-8", "replace").splitlines()
    return {normal(found[0]) for line in lines if (found := REQUIREMENT.match(line))}


def pins(lock: bytes) -> list[Pin]:
    """Return the requirements of a lock, lines that go on joined."""
    lines = lock.decode("utf-8", "replace").replace("\\\n", " ").splitlines()
    found = ((PIN.match(line), line) for line in lines)
    return [Pin(normal(match[1]), " ".join(line.split())) for match, line in found if match]


def normal(name: str) -> str:
    """Return the one spelling of a library's name."""
    return re.sub(r"[-_.]+", "-", name).lower()
