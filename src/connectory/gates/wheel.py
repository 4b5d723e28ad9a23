"""The only door through which wheels of Python packages are read."""

import zipfile
from pathlib import Path
from typing import ClassVar

from connectory.kernel.errors import ConnectoryError, Kind

MOST_ENTRIES = 50_000
MOST_BYTES = 1_000_000  # of the metadata
METADATA = ".dist-info/METADATA"


class WheelDamagedError(ConnectoryError):
    """A file that is called a wheel cannot be read as one."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "wheel-damaged"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{name} is no wheel: {reason}",
            hint="build the package anew with `connectory package`",
        )


def metadata(wheel: Path) -> str:
    """Return what a wheel says of itself, the text of its METADATA; nothing is unpacked.

    Raises:
        WheelDamagedError: If it is damaged, has too many files, or says nothing.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise WheelDamagedError(wheel.name, f"it has more than {MOST_ENTRIES} files")
            for entry in entries:
                if entry.filename.count("/") == 1 and entry.filename.endswith(METADATA):
                    with archive.open(entry) as text:
                        return text.read(MOST_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
        raise WheelDamagedError(wheel.name, str(error)) from None
    raise WheelDamagedError(wheel.name, "it has no METADATA")
