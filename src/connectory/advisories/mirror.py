"""The mirror: one SQLite file that is only read, and replaced as a whole."""

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from connectory.advisories import rules
from connectory.advisories.rules import Match, Package, Verdict
from connectory.advisories.versions import normal

FILE = "advisories.db"
STALE = timedelta(days=7)
FORMAT = 1
SCHEMA = f"""
PRAGMA user_version = {FORMAT};
CREATE TABLE advisory (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE affected (
  ecosystem TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, entry TEXT NOT NULL
);
CREATE TABLE about (
  newest TEXT NOT NULL, imported TEXT NOT NULL, ecosystems TEXT NOT NULL,
  advisories INTEGER NOT NULL, skipped INTEGER NOT NULL
);
"""
ASKED = "SELECT id, entry FROM affected WHERE ecosystem = ? AND name = ? ORDER BY id"


class MirrorUnusableError(Exception):
    """There is no mirror, or the file is none that this version reads."""


@dataclass(frozen=True, slots=True)
class About:
    """What a mirror holds. `newest` is when the youngest advisory in it was changed."""

    newest: datetime
    imported: datetime
    ecosystems: dict[str, int]  # advisories of each
    advisories: int
    skipped: int

    def is_stale(self, now: datetime) -> bool:
        """Whether it is too old to call anything clean."""
        return now - self.newest > STALE


@dataclass(frozen=True, slots=True)
class Mirror:
    """An open mirror."""

    db: sqlite3.Connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Open a mirror for reading, for the length of the block.

        Raises:
            MirrorUnusableError: If it is absent, damaged or of another format.
        """
        try:
            with closing(
                sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
            ) as db:
                [found] = db.execute("PRAGMA user_version").fetchone()
                if found != FORMAT:
                    raise MirrorUnusableError(f"{path} has another format")
                yield cls(db)
        except sqlite3.Error as error:
            why = str(error) if path.exists() else "it does not exist"
            raise MirrorUnusableError(f"{path} cannot be read: {why}") from None

    def about(self) -> About:
        """Return what it holds."""
        row = self.db.execute("SELECT * FROM about").fetchone()
        if row is None:
            raise MirrorUnusableError("the mirror was never finished")
        newest, imported = datetime.fromisoformat(row[0]), datetime.fromisoformat(row[1])
        return About(newest, imported, json.loads(row[2]), row[3], row[4])

    def matches(self, package: Package) -> list[Match]:
        """Return the advisories that concern a package, and those that may."""
        found: dict[str, Match] = {}
        for identity, entry in self._entries(package):
            verdict = rules.judge(entry, package)
            known = found.get(identity)
            if verdict is Verdict.UNAFFECTED or (known and known.is_clear):
                continue
            found[identity] = self._match(identity, entry, verdict)
        return list(found.values())

    def advisory(self, identity: str) -> dict[str, object] | None:
        """Return an advisory as it was published, None if there is none of that id."""
        asked = "SELECT body FROM advisory WHERE id = ?"
        row = self.db.execute(asked, (identity,)).fetchone()
        return json.loads(zlib.decompress(row[0])) if row else None

    def named(self, ecosystem: str, name: str) -> list[str]:
        """Return the ids of all advisories about a package, whatever the version."""
        package = Package(ecosystem, name, "")
        return list(dict.fromkeys(identity for identity, _ in self._entries(package)))

    def _entries(self, package: Package) -> Iterator[tuple[str, dict[str, object]]]:
        base = package.base
        for identity, written in self.db.execute(ASKED, (base, normal(base, package.name))):
            entry = json.loads(written)
            if package.ecosystem in {base, entry["package"]["ecosystem"]}:
                yield identity, entry

    def _match(self, identity: str, entry: dict[str, object], verdict: Verdict) -> Match:
        whole = self.advisory(identity) or {}
        aliases = whole.get("aliases")
        return Match(
            id=identity,
            aliases=tuple(str(one) for one in aliases) if isinstance(aliases, list) else (),
            summary=str(whole.get("summary") or ""),
            severity=rules.severity(whole),
            fixed=rules.fixes(entry),
            is_clear=verdict is Verdict.AFFECTED,
        )


class Draft:
    """A mirror that is being written, in a file that nobody reads yet."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._ecosystems: dict[str, int] = {}
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + SCHEMA)

    def add(self, identity: str, advisory: dict[str, object]) -> None:
        """Put an advisory in; one of the same id is replaced."""
        body = zlib.compress(json.dumps(advisory, separators=(",", ":")).encode(), 1)
        self._db.execute("DELETE FROM advisory WHERE id = ?", (identity,))
        self._db.execute("INSERT INTO advisory VALUES (?, ?)", (identity, body))
        affected = advisory.get("affected")
        rows = [_row(identity, one) for one in affected] if isinstance(affected, list) else []
        self._db.executemany("INSERT INTO affected VALUES (?, ?, ?, ?)", rows)
        for ecosystem in {row[0] for row in rows}:
            self._ecosystems[ecosystem] = self._ecosystems.get(ecosystem, 0) + 1

    def finish(self, newest: datetime, imported: datetime, skipped: int) -> About:
        """Make the index and say what there is; the file is complete then."""
        self._db.execute("CREATE INDEX by_name ON affected (ecosystem, name)")
        [count] = self._db.execute("SELECT count(*) FROM advisory").fetchone()
        about = About(newest, imported, dict(sorted(self._ecosystems.items())), count, skipped)
        self._db.execute(
            "INSERT INTO about VALUES (?, ?, ?, ?, ?)",
            (
                newest.isoformat(),
                imported.isoformat(),
                json.dumps(about.ecosystems),
                about.advisories,
                skipped,
            ),
        )
        self._db.commit()
        return about


def _row(identity: str, entry: dict[str, dict[str, str]]) -> tuple[str, str, str, str]:
    package = entry["package"]
    base = package["ecosystem"].partition(":")[0]
    kept = {name: entry[name] for name in ("package", "ranges", "versions") if name in entry}
    return base, normal(base, package["name"]), identity, json.dumps(kept)
