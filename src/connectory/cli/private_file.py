"""Files that only their owner may read, whole or not there."""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Put a text at `path`, mode 0600; the directory is made, 0700, if it is not there."""
    import tempfile  # noqa: PLC0415  not for who only reads

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # made 0600 by mkstemp, and renamed only when it is whole
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except BaseException:
        Path(aside).unlink()
        raise
    Path(aside).replace(path)
