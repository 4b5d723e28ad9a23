"""Packs the shim into one file that runs without Connectory."""

import hashlib
import io
import marshal
import zipfile
from functools import cache
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path, PurePosixPath

from connectory.backends.targets.local.shim import light, supervisor
from connectory.gates import addresses

PACKAGE = PurePosixPath(*supervisor.__name__.split(".")[:-1])
ADDRESSES = PurePosixPath(*addresses.__name__.split(".")).with_suffix(".py")
START = f"from {supervisor.__name__} import main\n\nmain()\n"
UNCHECKED = (1).to_bytes(4, "little")  # PEP 552: the source beside it is not looked at


@cache
def packed() -> tuple[str, bytes]:
    """Return the name and the content of a file for `python -I -S` of this very Python.

    Its modules keep their names and are compiled, which makes a start faster and smaller. The
    packages above them are there, too, but empty. The name is the digest of the sources.
    """
    sources = _sources()
    digest = hashlib.sha256(MAGIC_NUMBER + repr(sorted(sources.items())).encode()).hexdigest()
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, source in sources.items():
            for path, content in ((name, source), (f"{name}c", _compiled(name, source))):
                archive.writestr(zipfile.ZipInfo(path), content)
    return f"{digest}.pyz", into.getvalue()


def _sources() -> dict[str, bytes]:
    folders = {*PACKAGE.parents, *ADDRESSES.parents}
    parents = (f"{folder}/__init__.py" for folder in sorted(folders) if folder.name)
    files = dict.fromkeys(parents, b"") | {"__main__.py": START.encode()}
    files[str(ADDRESSES)] = Path(addresses.__file__).read_bytes()
    files["dataclasses.py"] = Path(light.__file__).read_bytes()
    for module in sorted(Path(supervisor.__file__).parent.glob("*.py")):
        files[f"{PACKAGE}/{module.name}"] = module.read_bytes()
    return files


def _compiled(name: str, source: bytes) -> bytes:
    code = compile(source, name, "exec", dont_inherit=True)
    return MAGIC_NUMBER + UNCHECKED + source_hash(source) + marshal.dumps(code)
