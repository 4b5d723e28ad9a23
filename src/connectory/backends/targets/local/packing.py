"""Packs the shim into one file that runs without Connectory."""

import io
import zipfile
from pathlib import Path, PurePosixPath

from connectory.backends.targets.local.shim import supervisor
from connectory.gates import addresses

PACKAGE = PurePosixPath(*supervisor.__name__.split(".")[:-1])
ADDRESSES = PurePosixPath(*addresses.__name__.split(".")).with_suffix(".py")
START = f"from {supervisor.__name__} import main\n\nmain()\n"


def packed() -> bytes:
    """Return a file for `python -I -S`; the same modules give the same bytes.

    Its modules keep their names. The packages above them are there, too, but empty.
    """
    folders = {*PACKAGE.parents, *ADDRESSES.parents}
    parents = (f"{folder}/__init__.py" for folder in sorted(folders) if folder.name)
    files = dict.fromkeys(parents, b"") | {"__main__.py": START.encode()}
    files[str(ADDRESSES)] = Path(addresses.__file__).read_bytes()
    for module in sorted(Path(supervisor.__file__).parent.glob("*.py")):
        files[f"{PACKAGE}/{module.name}"] = module.read_bytes()
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)  # the same date in each
    return into.getvalue()
