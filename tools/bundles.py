"""Packs the starters into `src/connectory/starters/<id>-<version>.tar.gz`.

    python tools/bundles.py

The wheel of the SDK goes to `src/connectory/wheels`, for the packages that `connectory package`
makes.

A package holds everything that installing needs, also the wheels: a digest means the same bytes
everywhere and no index is asked. The same sources give the same bytes. When nothing changed,
nothing is done; when the wheels are in `build/wheels`, no network is needed.
"""

import gzip
import hashlib
import importlib.util
import io
import json
import re
import shutil
import subprocess  # noqa: TID251  a tool of the project, not a part of the server
import sys
import tarfile  # noqa: TID251  it writes archives; reading them is gates.archive's affair
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKED = (
    "Dockerfile",
    "README.md",
    "deploy.yaml",
    "examples",
    "manifest.yaml",
    "runbook.md",
    "src",
    "terraform",
)
LOCK = "requirements.lock"
IGNORED = ("__pycache__", ".pytest_cache")
FACT = re.compile(r"^(id|version): (\S+)$", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)
FILE_MODE = 0o644


class BundleError(Exception):
    """A starter cannot be packed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are; tests use others."""

    sdk: Path = ROOT / "sdk"
    starters: Path = ROOT / "starters"
    build: Path = ROOT / "build"
    out: Path = ROOT / "src/connectory/starters"
    shipped: Path = ROOT / "src/connectory/wheels"

    @property
    def wheels(self) -> Path:
        """Wheels of other projects, kept between runs."""
        return self.build / "wheels"


def main() -> int:
    """Pack every starter, ship the SDK, and print where each is."""
    try:
        packages = bundle_all(Places())
        wheel = ship_sdk(Places())
    except BundleError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for made in (*packages, wheel):
        print(made.relative_to(ROOT))
    return 0


def bundle_all(places: Places) -> list[Path]:
    """Pack every starter; return the packages, sorted.

    Raises:
        BundleError: If a wheel is missing and cannot be downloaded, or a build fails.
    """
    directories = sorted(path.parent for path in places.starters.glob("*/manifest.yaml"))
    packages = [bundle(directory, places) for directory in directories]
    for stale in set(places.out.glob("*.tar.gz")) - set(packages):
        stale.unlink()
    return packages


def ship_sdk(places: Places) -> Path:
    """Put the wheel of the SDK where the command line finds it; return it.

    Raises:
        BundleError: If it cannot be built.
    """
    built = _sdk_wheel(places)
    shipped = places.shipped / built.name
    for stale in set(places.shipped.glob("*.whl")) - {shipped}:
        stale.unlink()
    if not shipped.exists() or shipped.read_bytes() != built.read_bytes():
        _write(shipped, built.read_bytes())
    return shipped


def bundle(directory: Path, places: Places) -> Path:
    """Pack one starter, unless the package is there and nothing changed; return the package."""
    facts = dict(FACT.findall((directory / "manifest.yaml").read_text()))
    package = places.out / f"{facts['id']}-{facts['version']}.tar.gz"
    stamp = places.build / "bundles" / f"{package.name}.json"
    sources = _digest(_tree(directory), _tree(places.sdk), {"tool": Path(__file__)})
    if _is_current(package, stamp, sources):
        return package
    content = _pack(_contents(directory, places))
    _write(package, content)
    _write(stamp, json.dumps({"sources": sources, "package": _sha256(content)}).encode())
    return package


def _is_current(package: Path, stamp: Path, sources: str) -> bool:
    if not package.exists() or not stamp.exists():
        return False
    wanted = {"sources": sources, "package": _sha256(package.read_bytes())}
    return bool(json.loads(stamp.read_text()) == wanted)


def _contents(directory: Path, places: Places) -> dict[str, bytes]:
    """Return the files of the package by name."""
    packed = {
        name: path.read_bytes()
        for name, path in _tree(directory).items()
        if name.partition("/")[0] in PACKED
    }
    sdk = _sdk_wheel(places)
    lock = (directory / LOCK).read_text()
    packed[LOCK] = (lock + _locked(sdk)).encode()
    for wheel in (sdk, *_third_party(directory / LOCK, places)):
        packed[f"wheels/{wheel.name}"] = wheel.read_bytes()
    return packed


def _sdk_wheel(places: Places) -> Path:
    """Build the wheel of the SDK, unless one of the same sources is there."""
    home = places.build / "sdk" / _digest(_tree(places.sdk))[:16]
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=home.parent))
        _run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(aside)],
            places.sdk,
        )
        try:
            aside.rename(home)
        except OSError:  # another run was faster
            shutil.rmtree(aside)
    return next(home.glob("*.whl"))


def _locked(wheel: Path) -> str:
    name, version = wheel.name.split("-")[:2]
    return f"{name.replace('_', '-')}=={version} --hash=sha256:{_sha256(wheel.read_bytes())}\n"


def _third_party(lock: Path, places: Places) -> list[Path]:
    """Return the wheels that a lock names, downloading those that are not there."""
    found = _cached(lock, places.wheels)
    if found is None:
        _download(lock, places.wheels)
        found = _cached(lock, places.wheels)
    if found is None:
        raise BundleError(f"{places.wheels} still lacks wheels that {lock} names")
    return found


def _cached(lock: Path, wheels: Path) -> list[Path] | None:
    """Return one wheel for each requirement of the lock, or None if one is missing."""
    text = lock.read_text()
    allowed = set(HASH.findall(text))
    found: dict[str, Path] = {}
    for wheel in sorted(wheels.glob("*.whl")):
        if _sha256(wheel.read_bytes()) in allowed:
            found[_normal(wheel.name.split("-")[0])] = wheel
    wanted = [_normal(name) for name, _ in REQUIREMENT.findall(text)]
    return [found[name] for name in wanted] if set(wanted) <= set(found) else None


def _download(lock: Path, wheels: Path) -> None:
    pip = [sys.executable, "-m", "pip"]
    if importlib.util.find_spec("pip") is None:
        pip = [
            sys.executable,
            "-m",
            "uv",
            "run",
            "--no-project",
            "--with",
            "pip",
            "python",
            "-m",
            "pip",
        ]
    wheels.mkdir(parents=True, exist_ok=True)
    options = ["--only-binary", ":all:", "--require-hashes", "--no-deps", "--dest", str(wheels)]
    _run([*pip, "download", *options, "--requirement", str(lock)], wheels)


def _run(command: list[str], directory: Path) -> None:
    try:
        subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise BundleError(f"`{' '.join(command)}` failed\n{said.strip()}") from None


def _pack(contents: dict[str, bytes]) -> bytes:
    """Return a gzipped tar of regular files whose bytes depend on the contents only."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name in sorted(contents):
            member = tarfile.TarInfo(name)
            member.size = len(contents[name])
            member.mode = FILE_MODE
            archive.addfile(member, io.BytesIO(contents[name]))
    return packed.getvalue()


def _tree(root: Path) -> dict[str, Path]:
    """Return the regular files below a directory by their relative name."""
    return {name: path for name, path in _walk(root) if not path.is_symlink()}


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.is_file() and not set(IGNORED) & set(relative.parts):
            yield relative.as_posix(), path


def _digest(*trees: dict[str, Path]) -> str:
    sha = hashlib.sha256()
    for tree in trees:
        for name, path in sorted(tree.items()):
            sha.update(f"{name}\0{_sha256(path.read_bytes())}\n".encode())
    return sha.hexdigest()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _write(path: Path, content: bytes) -> None:
    """Write a file aside and rename it into place, so that no reader sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as aside:
        aside.write(content)
    Path(aside.name).chmod(FILE_MODE)
    Path(aside.name).replace(path)


if __name__ == "__main__":
    sys.exit(main())
