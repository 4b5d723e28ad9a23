"""Deleting what a connector left behind, whatever it did to its folder."""

import os
from pathlib import Path

from connectory.kernel.ids import new_id


def delete(folder: Path) -> None:
    """Delete a folder, however deep it is and whatever a connector forbade itself in it.

    Each folder in it is emptied right below `folder`, so that no path gets too long.
    """
    emptied = [folder]
    for one in emptied:  # it grows meanwhile
        for entry in list(os.scandir(one)):
            if entry.is_dir(follow_symlinks=False):
                Path(entry).chmod(0o700)
                emptied.append(Path(entry).rename(folder / new_id("gone")))
            else:
                Path(entry).unlink()
    for one in reversed(emptied):
        one.rmdir()
