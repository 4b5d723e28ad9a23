"""Backups that are refused, and what is left behind then: nothing."""

import dataclasses
import gzip
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from connectory.app import backup
from connectory.app.backup import BackupDatabaseError, BackupPlaceError, DataNotEmptyError
from connectory.app.backup_file import BackupDamagedError, BackupForeignError
from connectory.backends.blobs import BlobCorruptError, BlobMissingError
from connectory.backends.blobs.directory import DirectoryBlobs
from connectory.backends.db import open_engine
from connectory.backends.db.migrate import SchemaTooNewError, migrate
from connectory.backends.db.snapshot import DatabaseUnreadableError
from connectory.gates import archive
from connectory.kernel.digest import digest_of
from connectory.kernel.errors import ConnectoryError
from connectory.settings import Settings

BLOB = b"bytes of a package" * 100
Files = dict[str, bytes]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data directory with one pinned package and its keys."""
    made = Settings(data=tmp_path / "data")
    (made.data / "keys").mkdir(parents=True)
    (made.data / "keys/audit").write_bytes(b"k" * 32)
    stored = DirectoryBlobs(made.data / "blobs").put([BLOB])
    engine = open_engine(made.database_url)
    migrate(engine)
    engine.dispose()
    with closing(sqlite3.connect(made.data / "connectory.db")) as db:
        package = (stored.digest, stored.size, "application/gzip", "package", "2026-01-01")
        db.execute("INSERT INTO package VALUES (?, ?, ?, ?, ?)", package)
        db.execute("INSERT INTO package_pin VALUES (?, 'version', 'x', '')", [stored.digest])
        db.commit()
    return made


@pytest.fixture
def file(settings: Settings, tmp_path: Path) -> Path:
    return backup.create(settings, tmp_path / "kept/backup.tar.gz", with_keys=True).file


@pytest.fixture
def empty(settings: Settings, tmp_path: Path) -> Settings:
    return dataclasses.replace(settings, data=tmp_path / "machine/data")


def test_a_restored_directory_is_private_and_complete(file: Path, empty: Settings) -> None:
    backup.restore(file, empty)

    found = {str(p.relative_to(empty.data)): p for p in empty.data.rglob("*") if p.is_file()}
    name = digest_of(BLOB).removeprefix("sha256:")
    assert set(found) == {"connectory.db", "keys/audit", f"blobs/{name[:2]}/{name[2:]}"}
    assert empty.data.stat().st_mode & 0o777 == 0o700
    assert found["keys/audit"].stat().st_mode & 0o777 == 0o600
    assert found["keys/audit"].read_bytes() == b"k" * 32


def test_key_files_are_left_out_unless_asked_for(settings: Settings, tmp_path: Path) -> None:
    made = backup.create(settings, tmp_path / "backup.tar.gz", with_keys=False)

    assert not made.listing.has_keys
    assert all("keys" not in member.name for member in archive.members(made.file))


def test_an_empty_directory_is_taken_and_another_is_not(file: Path, empty: Settings) -> None:
    empty.data.mkdir(parents=True)
    backup.restore(file, empty)

    with pytest.raises(DataNotEmptyError):
        backup.restore(file, empty)


def cut_short(files: Files) -> bytes:
    return packed(files)[:-20]


def changed(files: Files) -> bytes:
    blob = next(name for name in files if name.startswith("blobs/"))
    return packed({**files, blob: b"B" + files[blob][1:]})


def shortened(files: Files) -> bytes:
    blob = next(name for name in files if name.startswith("blobs/"))
    return packed({name: content for name, content in files.items() if name != blob})


def with_more(files: Files) -> bytes:
    return packed({**files, "keys/zebra": b"more"})


def unlisted_blob(files: Files) -> bytes:
    listing = json.loads(files["backup.json"])
    listing["files"] = [one for one in listing["files"] if "blobs/" not in one["name"]]
    kept = {name: content for name, content in files.items() if "blobs/" not in name}
    return packed({**kept, "backup.json": json.dumps(listing).encode()})


def escaping(files: Files) -> bytes:
    return packed(relisted(files, "keys/audit", "../audit"))


def renamed(files: Files) -> bytes:
    blob = next(name for name in files if name.startswith("blobs/"))
    return packed(relisted(files, blob, f"blobs/{'0' * 64}"))


def of_another_form(files: Files) -> bytes:
    listing = json.loads(files["backup.json"]) | {"form": 2}
    return packed({**files, "backup.json": json.dumps(listing).encode()})


def a_package(_: Files) -> bytes:
    return packed({"manifest.yaml": b"id: x"})


def a_text(_: Files) -> bytes:
    return b"not an archive at all"


def with_link(files: Files) -> bytes:
    link = tarfile.TarInfo("keys/audit")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    kept = {name: content for name, content in files.items() if name != "keys/audit"}
    return packed(kept, link)


def of_newer_tables(files: Files) -> bytes:
    return packed(with_database(files, "UPDATE alembic_version SET version_num = '9999'"))


def of_no_database(files: Files) -> bytes:
    return packed(relisted({**files, "connectory.db": b"x" * 5000}))


def with_broken_reference(files: Files) -> bytes:
    return packed(with_database(files, "DELETE FROM package"))


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (cut_short, BackupDamagedError),
        (changed, BackupDamagedError),
        (shortened, BackupDamagedError),
        (with_more, BackupDamagedError),
        (unlisted_blob, BackupDamagedError),
        (renamed, BackupDamagedError),
        (with_link, BackupDamagedError),
        (escaping, BackupForeignError),
        (of_another_form, BackupForeignError),
        (a_package, BackupForeignError),
        (a_text, BackupForeignError),
        (of_newer_tables, SchemaTooNewError),
        (of_no_database, DatabaseUnreadableError),
        (with_broken_reference, DatabaseUnreadableError),
    ],
)
def test_what_is_not_whole_is_refused_and_leaves_nothing(
    spoil: Callable[[Files], bytes],
    refusal: type[ConnectoryError],
    file: Path,
    empty: Settings,
) -> None:
    file.write_bytes(spoil(unpacked(file)))

    with pytest.raises(refusal):
        backup.restore(file, empty)
    with pytest.raises(refusal):
        backup.verify(file)

    assert list(empty.data.parent.iterdir()) == []


def test_a_damaged_store_makes_no_backup(settings: Settings, tmp_path: Path) -> None:
    (blob,) = (path for path in (settings.data / "blobs").glob("??/*"))
    to = tmp_path / "kept/backup.tar.gz"

    blob.write_bytes(b"B" + BLOB[1:])
    with pytest.raises(BlobCorruptError):
        backup.create(settings, to, with_keys=False)
    blob.unlink()
    with pytest.raises(BlobMissingError):
        backup.create(settings, to, with_keys=False)

    assert list(to.parent.iterdir()) == []


def test_an_older_backup_is_not_written_over(settings: Settings, file: Path) -> None:
    before = file.read_bytes()

    with pytest.raises(BackupPlaceError, match="a file already"):
        backup.create(settings, file, with_keys=False)

    assert file.read_bytes() == before


def test_a_directory_without_marketplace_is_not_backed_up(empty: Settings) -> None:
    with pytest.raises(BackupPlaceError, match="no marketplace"):
        backup.create(empty, empty.data / "x.tar.gz", with_keys=False)

    assert not empty.data.exists()


def test_postgresql_is_left_to_its_own_tool(settings: Settings, tmp_path: Path) -> None:
    url = "postgresql+psycopg://connectory:hush@db.example/connectory"
    elsewhere = dataclasses.replace(settings, database=url)

    with pytest.raises(BackupDatabaseError) as refused:
        backup.create(elsewhere, tmp_path / "backup.tar.gz", with_keys=False)

    assert "pg_dump" in refused.value.hint
    assert "hush" not in refused.value.message


def unpacked(file: Path) -> Files:
    return {one.name: b"".join(content) for one, content in archive.contents(file)}


def packed(files: Files, *more: tarfile.TarInfo) -> bytes:
    """Pack in the given order, as a forger would."""
    into = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=into, mode="wb") as compressed,
        tarfile.open(fileobj=compressed, mode="w|") as tar,
    ):
        for name, content in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            tar.addfile(header, io.BytesIO(content))
        for header in more:
            tar.addfile(header)
    return into.getvalue()


def relisted(files: Files, old: str = "", new: str = "") -> Files:
    """Return the files with a listing that fits them, one of them under another name."""
    renamed = {new if name == old else name: content for name, content in files.items()}
    listing = json.loads(files["backup.json"])
    for one in listing["files"]:
        one["name"] = new if one["name"] == old else one["name"]
        one["size"] = len(renamed[one["name"]])
        one["digest"] = digest_of(renamed[one["name"]])
    return {**renamed, "backup.json": json.dumps(listing).encode()}


def with_database(files: Files, sql: str) -> Files:
    with closing(sqlite3.connect(":memory:")) as db:
        db.deserialize(files["connectory.db"])
        db.execute(sql)
        db.commit()
        return relisted({**files, "connectory.db": db.serialize()})
