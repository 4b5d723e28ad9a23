"""One environment per package: its unpacked files and a Python with exactly its wheels.

Built aside and then renamed, so that what has the name of its digest is whole. Only wheels with
the hashes of the lock are installed: building from source would run code of the author. So does
a Python that starts with somebody's wheels (`.pth` files); it does that in the sandbox.
"""

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import uv

from connectory.backends.targets import InstanceSpec, TargetFailedError
from connectory.backends.targets.local import locks
from connectory.backends.targets.local.sandbox import Places, Sandbox, hand_over, user_of
from connectory.gates import archive, disk, process
from connectory.kernel.digest import is_digest
from connectory.kernel.errors import ConnectoryError, Kind

BUILD_S = 120.0
SHOWN = 2000  # characters of what the installer printed
COMPLETE, TEMPORARY = ".complete", "tmp"
PYTHON = str(Path(sys.executable).resolve())  # without a venv, which a sandbox would not show
PATH = "/usr/local/bin:/usr/bin:/bin"
# One line of a lock: a pinned name, perhaps with a marker, or a hash. Options could name other
# indexes and files of this machine.
LOCKED = re.compile(
    r"""
    \s* (?: \#.* )?
    | [A-Za-z0-9][A-Za-z0-9._-]* (?: \[ [A-Za-z0-9._,\s-]* \] )? \s* == \s* [A-Za-z0-9.!+_-]+
      (?: \s* ; [^@/\\]* )? (?: \s+ --hash=sha256:[0-9a-f]{64} )* \s* \\?
    | \s+ --hash=sha256:[0-9a-f]{64} (?: \s* \\ )?
    """,
    re.VERBOSE,
)


class InstallerMissingError(ConnectoryError):
    """The program `uv`, which installs the wheels of packages, is not there."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "installer-missing"

    def __init__(self) -> None:
        super().__init__(
            f"no `uv` program belongs to {sys.executable}",
            hint="install Connectory again: `pip install --force-reinstall connectory`",
        )


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the environment of one package is."""

    place: Path

    @property
    def programs(self) -> Path:
        """The folder of `python` and of the scripts of the wheels."""
        return self.place / "venv/bin"

    @property
    def package(self) -> Path:
        """The folder with the files of the package."""
        return self.place / "package"

    @property
    def is_complete(self) -> bool:
        """Whether it is whole, and the Python that it was made with is still there."""
        return (self.place / COMPLETE).exists() and (self.programs / "python").exists()


class Environments:
    """The environments of all packages, each in a folder named by its digest."""

    def __init__(self, root: Path, sandbox: Sandbox | None) -> None:
        self._root = root
        self._sandbox = sandbox

    def build(self, spec: InstanceSpec) -> Environment:
        """Return the environment of a package, building it first if it is not there.

        Raises:
            TargetFailedError: If the package cannot be unpacked or installed.
            StorageFullError: If the disk is full.
        """
        if not is_digest(spec.digest):
            raise ValueError(f"{spec.digest} is not a digest")
        environment = Environment(self._root / spec.digest.removeprefix("sha256:"))
        if not environment.is_complete:
            with locks.held(environment.place), disk.writing(self._root):
                if not environment.is_complete:
                    self._build(environment.place, spec)
        return environment

    def collect(self, keep: frozenset[str]) -> None:
        """Delete the environments of all packages whose digests are not in `keep`."""
        kept = {digest.removeprefix("sha256:") for digest in keep}
        found = {path.name.partition(".")[0] for path in self._root.glob("*")}
        for name in found - kept:
            place = self._root / name
            with locks.held(place):
                _discard(place)

    def _build(self, place: Path, spec: InstanceSpec) -> None:
        _discard(place)
        aside = Environment(_aside(place))
        aside.place.mkdir(mode=0o700)
        try:
            archive.unpack(spec.bundle, aside.package)
            self._install(spec.label, aside)
        except ConnectoryError as failure:
            shutil.rmtree(aside.place)
            if isinstance(failure, TargetFailedError | disk.StorageFullError):
                raise
            raise TargetFailedError(spec.label, failure.message, failure.hint) from failure
        hand_over(aside.place, None)
        _let_all_read(aside.place)
        (aside.place / COMPLETE).touch()
        os.sync()  # one call for thousands of files
        aside.place.rename(place)
        disk.sync_folder(self._root)

    def _install(self, label: str, into: Environment) -> None:
        """Make the venv, with the wheels of the lock if there is one."""
        lock = into.package / "requirements.lock"
        if lock.exists():
            _check(label, lock.read_text("utf-8", "replace"))
        (into.place / TEMPORARY).mkdir()
        hand_over(into.place, self._user(into))
        self._uv(label, into, "venv", "--relocatable", "--python", PYTHON, "../venv")
        if lock.exists():
            only_these = ("--no-index", "--find-links", "wheels", "--only-binary", ":all:")
            # Links into a cache would let one connector change the files of another.
            files = (
                "--link-mode",
                "copy",
                "--compile-bytecode",
                "--python",
                "../venv/bin/python",
            )
            exactly = ("--require-hashes", "--requirements", lock.name)
            self._uv(label, into, "pip", "install", *only_these, *files, *exactly)
        shutil.rmtree(into.place / TEMPORARY)

    def _user(self, into: Environment) -> int | None:
        return None if self._sandbox is None else user_of(into.place.name)

    def _uv(self, label: str, into: Environment, *arguments: str) -> None:
        alone = ("--offline", "--no-cache", "--no-config", "--no-python-downloads", "--quiet")
        argv = [uv_program(), *arguments, *alone]
        if self._sandbox is not None:
            places = Places(into.place, (Path(argv[0]),), begin=into.package)
            argv = self._sandbox.wrap(argv, places, self._user(into))
        finished = process.run(
            argv,
            cwd=into.package,
            environment={
                "PATH": PATH,
                "HOME": str(into.place),
                "TMPDIR": str(into.place / TEMPORARY),
                "LANG": "C.UTF-8",
            },
            timeout_s=BUILD_S,
        )
        if finished.returncode != 0:
            said = finished.stderr.decode("utf-8", "replace").strip()
            raise TargetFailedError(
                label,
                f"its wheels cannot be installed: {said[-SHOWN:]}",
                "put a wheel for each line of requirements.lock into wheels/ and publish again",
            )


def uv_program() -> str:
    """Return the path of the installer.

    Raises:
        InstallerMissingError: If there is none.
    """
    try:
        return uv.find_uv_bin()
    except FileNotFoundError:
        raise InstallerMissingError from None


def _let_all_read(place: Path) -> None:
    """Let the users of contained connectors read it; the folder above stays closed."""
    for parent, folders, files in os.walk(place):
        for name in (".", *folders, *files):
            path = Path(parent, name)
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


def _check(label: str, lock: str) -> None:
    for number, line in enumerate(lock.split("\n"), start=1):
        if not LOCKED.fullmatch(line):
            raise TargetFailedError(
                label,
                f"line {number} of its requirements.lock is neither a pinned name nor a hash",
                "write it with `uv pip compile --generate-hashes`; options are refused",
            )


def _aside(place: Path) -> Path:
    return place.with_name(f"{place.name}.aside")


def _discard(place: Path) -> None:
    """Delete an environment and what a crash left of one, never leaving half of it in place."""
    aside = _aside(place)
    shutil.rmtree(aside, ignore_errors=True)
    if place.exists():
        place.rename(aside)
        shutil.rmtree(aside)
