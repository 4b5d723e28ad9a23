"""The package of a connector's folder: the same files give the same bytes, wherever packed."""

import io
from collections.abc import Mapping

from connectory.gates import archive
from connectory.scaffold.layout import PAYLOADS


def packed(files: Mapping[str, bytes]) -> bytes | None:
    """Pack the files of a connector; None of one that brings nothing to run.

    Raises:
        ArchivePathError, ArchiveDuplicateError: If a name is none that a package may have.
    """
    if not any(name.startswith(PAYLOADS) for name in files):
        return None
    into = io.BytesIO()
    archive.pack(files, into)
    return into.getvalue()
