"""Making the mirror from the files `all.zip` that OSV publishes: whole, or not at all."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from connectory.advisories.mirror import FILE, About, Draft
from connectory.gates import disk, zipped
from connectory.kernel import clock, strict_json
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.strict_json import JsonRefusedError

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}")
AHEAD = timedelta(days=1)  # a clock may differ; a date further ahead says nothing of the age
MOST_SKIPPED = 0.1  # part of the entries that may be unreadable


class AdvisoriesRefusedError(ConnectoryError):
    """A file of advisories cannot be taken; the mirror stays as it was."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "advisories-refused"

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"the advisories cannot be taken: {fault}",
            hint="download all.zip of each ecosystem anew, then `connectory scan import` them",
        )


def load(files: Sequence[Path], data: Path, seen: Callable[[int], None]) -> About:
    """Replace the mirror in the data directory by what the files hold; return what that is.

    Args:
        files: Archives of OSV, one for each ecosystem or one for all.
        data: The data directory.
        seen: Is told how many bytes of the files each step took.

    Raises:
        AdvisoriesRefusedError: If a file is no such archive or holds no advisories.
        ZipRefusedError: If it is damaged or too large.
        StorageFullError: If there is no space.
    """
    with disk.aside(data, ()) as path:
        try:
            with closing(sqlite3.connect(path)) as db:
                about = _fill(Draft(db), files, seen)
        except sqlite3.OperationalError as failure:
            if "full" in str(failure):
                raise disk.StorageFullError(data) from failure
            raise
        disk.replace(path, data / FILE)
    return about


def _fill(draft: Draft, files: Sequence[Path], seen: Callable[[int], None]) -> About:
    now, newest = clock.now(), datetime.min.replace(tzinfo=UTC)
    known: set[str] = set()
    skipped = 0
    for entry, size in _entries(files):
        seen(size)
        advisory = read(entry) if entry is not None else None
        if advisory is None:
            skipped += 1
            continue
        identity = str(advisory["id"])
        modified = _date(advisory["modified"])
        if modified and newest < modified <= now + AHEAD:
            newest = modified
        if identity not in known and "withdrawn" not in advisory:
            known.add(identity)
            draft.add(identity, advisory)
    if not known:
        raise AdvisoriesRefusedError("there is no advisory in the format of OSV")
    if skipped > MOST_SKIPPED * (skipped + len(known)):
        raise AdvisoriesRefusedError(f"{skipped:,} entries are none in the format of OSV")
    return draft.finish(newest, now, skipped)


def _entries(files: Sequence[Path]) -> Iterator[tuple[bytes | None, int]]:
    for file in files:
        yield from zipped.texts(file, ".json")


def read(entry: bytes) -> dict[str, object] | None:
    """Return an advisory in the format of OSV, None if it is none."""
    try:
        found = strict_json.read(entry)
    except JsonRefusedError:
        return None
    if not isinstance(found, dict) or not ID.fullmatch(str(found.get("id", ""))):
        return None
    affected = found.get("affected", [])
    if not isinstance(affected, list) or _date(found.get("modified")) is None:
        return None
    # Some entries name a repository and no package: nothing could ask for those.
    kept = [one for one in affected if not isinstance(one, dict) or "package" in one]
    return {**found, "affected": kept} if all(_is_entry(one) for one in kept) else None


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry["package"], dict):
        return False
    package = entry["package"]
    named = all(isinstance(package.get(part), str) for part in ("ecosystem", "name"))
    lists = all(isinstance(entry.get(part, []), list) for part in ("ranges", "versions"))
    return named and lists


def _date(written: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
