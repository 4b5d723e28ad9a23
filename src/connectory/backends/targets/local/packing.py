"""Packs the shim into one file that runs without Connectory."""

import io
import zipfile
from pathlib import Path, PurePosixPath

from connectory.backends.targets.local.shim import supervisor

PACKAGE = PurePosixPath(*supervisor.__name__.split(".")[:-1])
START = f"from {supervisor.__name__} import main\n\nmain()\n"


def packed() -> bytes:
    """Return a file for `python -I -S`; the same modules give the same bytes.

    Its modules keep their names. The packages above them are there, too, but empty.
    """
    parents = (f"{parent}/__init__.py" for parent in PACKAGE.parents if parent.name)
    files = dict.fromkeys(parents, b"") | {"__main__.py": START.encode()}
    for module in sorted(Path(supervisor.__file__).parent.glob("*.py")):
        files[f"{PACKAGE}/{module.name}"] = module.read_bytes()
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)  # the same date in each
    return into.getvalue()
