"""The lowest layer of all images: the Python of this machine with what it needs, and no more.

There is no shell, no package manager and no registry that it came from. Files are where they
are on this machine, because programs know these places.
"""

import re
import ssl
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from connectory.backends.targets import TargetFailedError
from connectory.backends.targets.local.environment import PATH, PYTHON
from connectory.gates import process
from connectory.gates.bubblewrap import MERGED
from connectory.gates.images import Made, Piece
from connectory.kernel.digest import digest_of

OF_BASE = {"platbase": sys.base_exec_prefix}  # not of the venv that the server runs in
LINKER_S = 30.0
LIBRARY = re.compile(r"(?:=> |^\s+)(/\S+) \(0x", re.MULTILINE)
# Wheels may count on these to be there; Python itself may do without.
USUAL = ("libgcc_s.so.1", "libstdc++.so.6", "libm.so.6", "libresolv.so.2", "libz.so.1")
LEFT_OUT = re.compile(
    r"site-packages|dist-packages|test|idlelib|_?tkinter.*|turtledemo|ensurepip|config-.*"
    r"|.*\.opt-[12]\.pyc|posix|right"  # of zoneinfo: the same again
)
FACTS = (
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/ssl/certs",
    "/usr/share/zoneinfo",
)
AUTHORITIES = ssl.get_default_verify_paths()
EMPTY = ("/dev", "/etc", "/proc", "/sys", "/tmp")  # noqa: S108  in the image


def key() -> str:
    """Return a name that changes with the Python of this machine."""
    return digest_of(f"{PYTHON} {sys.version} {LEFT_OUT.pattern}".encode()).removeprefix(
        "sha256:"
    )


def parts() -> Iterator[Piece | Made]:
    """Say what is in the layer.

    Raises:
        TargetFailedError: If the libraries of Python cannot be found.
    """
    yield from (Made(PurePosixPath(one)) for one in EMPTY)
    for link in map(Path, (*MERGED, AUTHORITIES.openssl_capath, AUTHORITIES.openssl_cafile)):
        if link.is_symlink():
            yield Made(PurePosixPath(link), str(link.readlink()))
    yield Piece(Path(PYTHON), PurePosixPath(PYTHON))
    for one in (*_modules(), *_libraries(), *map(Path, FACTS)):
        yield from _below(one)
    if AUTHORITIES.cafile:
        yield from _below(Path(AUTHORITIES.cafile))


def _below(path: Path) -> Iterator[Piece]:
    """Put files where they are, below the real folder that they are in."""
    if path.is_dir():
        for entry in sorted(path.iterdir()):
            if not LEFT_OUT.fullmatch(entry.name):
                yield from _below(entry)
    elif path.is_file():
        yield Piece(path, PurePosixPath(path.parent.resolve() / path.name), is_followed=True)


def _modules() -> list[Path]:
    """Return the folders of the standard library, the one of compiled modules perhaps apart."""
    found = (sysconfig.get_path(one, vars=OF_BASE) for one in ("stdlib", "platstdlib"))
    return sorted({Path(one) for one in found})


def _libraries() -> list[Path]:
    """Return the shared libraries of Python and of its modules, and the usual ones beside."""
    modules = (
        str(one)
        for folder in _modules()
        for one in (folder / "lib-dynload").glob("*.so")
        if not LEFT_OUT.fullmatch(one.name)
    )
    asked = [PYTHON, *sorted(modules)]
    told = process.run(
        ["/usr/bin/ldd", *asked],
        cwd=Path("/"),
        environment={"PATH": PATH, "LC_ALL": "C"},
        timeout_s=LINKER_S,
    )
    found = {Path(one) for one in LIBRARY.findall(told.stdout.decode())}
    if not found:
        raise TargetFailedError(
            "container", "ldd names no libraries of Python", "see what `ldd` says on the server"
        )
    beside = {folder.parent / name for folder in found for name in USUAL}
    return sorted(found | {one for one in beside if one.exists()})
