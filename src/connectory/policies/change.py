"""Taking a bundle, and putting one in force when it has proved itself."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectory.access.edge import Opener
from connectory.access.rules import Actor
from connectory.gates import archive
from connectory.gates.gunzip import MIB, Limits
from connectory.policies import read, store
from connectory.policies.rules import BundleFailsError, Files
from connectory.policies.store import Uploaded
from connectory.policy import bundle, engine, trial
from connectory.policy.bundle import Bundle
from connectory.work import Event

LIMITS = Limits(size=4 * MIB, entries=1000, ratio_from=MIB, cpu_s=2.0)
SUBJECT = "policies"


@dataclass(frozen=True, slots=True)
class PolicyUploaded(Event):
    """Somebody brought a bundle of policies; it is not in force yet."""

    digest: str
    rules: int


@dataclass(frozen=True, slots=True)
class PolicyActivated(Event):
    """Connectors are judged by other policies from now on."""

    digest: str
    former: str
    rules: int


@dataclass(frozen=True, slots=True)
class Brought:
    """A bundle as it was sent: compiled, and everything that is kept of it."""

    bundle: Bundle
    files: Files


def opened(sent: bytes) -> Brought:
    """Unpack and compile a bundle that was sent as `.tar.gz`; nothing is kept.

    Raises:
        ConnectoryError: As `gates.archive.unpack` does.
        PolicyRefusedError: If it does not compile, or denies nothing.
        PolicyEngineError: If the engine does not survive it.
    """
    with tempfile.TemporaryDirectory(prefix="connectory-") as name:
        packed, folder = Path(name) / "bundle.tar.gz", Path(name) / "policies"
        packed.write_bytes(sent)
        archive.unpack(packed, folder, LIMITS)
        made = bundle.read(folder, engine.shared())
        return Brought(made, tuple(trial.texts(folder).items()))


def upload(opener: Opener, sent: bytes, by: Actor) -> Uploaded:
    """Keep a bundle that compiles. It is not in force by that.

    Raises:
        ConnectoryError: As `opened` does.
    """
    brought = opened(sent)
    made = brought.bundle
    with opener.write() as work:
        new = Uploaded(made.digest, len(made.rules), by.name, work.now)
        store.put(work, new, brought.files)
        work.emit(PolicyUploaded(SUBJECT, "", made.digest, len(made.rules)))
    return new


def activate(opener: Opener, digest: str, by: Actor) -> Bundle:
    """Put a bundle in force if its tests hold and it denies its known-bad cases.

    Raises:
        BundleMissingError: If there is no such bundle.
        BundleFailsError: If it does not hold; what was in force stays.
        PolicyEngineError: If the engine does not survive it.
    """
    with opener.read() as work:
        files = read.files(work, digest)
    with laid_out(files) as folder:
        tried = trial.run(folder, engine.shared())
    if tried.faults:
        raise BundleFailsError(tried.faults)
    shipped = read.shipped().digest
    with opener.write() as work:
        former = store.active(work, lock=True).digest or shipped
        if former != digest:
            store.activate(work, "" if digest == shipped else digest, by.name)
            rules = len(tried.bundle.rules)
            work.emit(PolicyActivated(SUBJECT, "", digest, former, rules))
    return tried.bundle


@contextmanager
def laid_out(files: Files) -> Iterator[Path]:
    """Give a folder with these files; it is gone after the block."""
    with tempfile.TemporaryDirectory(prefix="connectory-") as name:
        folder = Path(name)
        trial.write(dict(files), folder)
        yield folder
