"""The embedded secret store: a table of values sealed with AES-256-GCM. Good for small teams.

What seals a value also covers its path, its version and the id of its key. Somebody who can
write to the table, but has no key, can neither read a value nor move it to another place.
"""

import secrets
from datetime import datetime
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    RowMapping,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, OperationalError

from connectory.backends.secrets import SecretEntry, SecretMissingError, SecretUnreadableError
from connectory.backends.secrets.keyring import KeyRing
from connectory.kernel.digest import canonical_json
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.secret import Secret
from connectory.work.tables import METADATA, UtcTime

NONCE_BYTES = 12  # the size that AES-GCM is specified for

VERSIONS = Table(
    "secret_version",
    METADATA,
    Column("path", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("key_id", Text, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("set_at", UtcTime, nullable=False),
    Column("set_by", Text, nullable=False),
)


class SecretsUnavailableError(ConnectoryError):
    """The table of sealed secrets cannot be reached."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "secrets-unavailable"

    def __init__(self) -> None:
        super().__init__(
            "the table of sealed secrets cannot be read",
            hint="check that the database runs and that its tables are migrated",
        )


class SealedSecrets:
    """Secret values in the table `secret_version`, their keys in a file beside the database."""

    def __init__(self, engine: Engine, keys: KeyRing) -> None:
        self._engine = engine
        self._keys = keys

    def put(self, path: str, value: Secret, *, by: str, at: datetime) -> SecretEntry:
        """Store a new version; whoever loses a race for a number takes the next one."""
        while True:
            entry = SecretEntry(path, self._newest_version(path) + 1, at, by)
            try:
                self._insert(entry, value)
            except IntegrityError:
                if self._newest_version(path) < entry.version:
                    raise  # nobody took the number: something else is wrong
                continue
            return entry

    def read(self, path: str) -> Secret:
        """Return the newest value."""
        newest = select(VERSIONS).where(VERSIONS.c.path == path)
        with self._reading() as db:
            row = (
                db.execute(newest.order_by(VERSIONS.c.version.desc()).limit(1))
                .mappings()
                .first()
            )
        if row is None:
            raise SecretMissingError(path)
        return Secret(self._open(row))

    def entries(self, prefix: str) -> tuple[SecretEntry, ...]:
        """Return the newest entry of each path under `prefix`."""
        columns = VERSIONS.c
        newest = (
            select(columns.path, func.max(columns.version).label("version"))
            # not LIKE: SQLite's takes upper for lower case
            .where(func.substr(columns.path, 1, len(prefix)) == prefix)
            .group_by(columns.path)
            .subquery()
        )
        wanted = select(columns.path, columns.version, columns.set_at, columns.set_by).join(
            newest, (columns.path == newest.c.path) & (columns.version == newest.c.version)
        )
        with self._reading() as db:
            found = [SecretEntry(*row) for row in db.execute(wanted)]
        return tuple(sorted(found, key=lambda entry: entry.path))

    def delete(self, path: str) -> None:
        """Forget every version."""
        with self._engine.begin() as db:
            db.execute(delete(VERSIONS).where(VERSIONS.c.path == path))

    def ping(self) -> None:
        """Look at the table and at the key file."""
        self._keys.current()
        try:
            with self._reading() as db:
                db.execute(select(VERSIONS.c.version).limit(1)).all()
        except OperationalError as failure:
            raise SecretsUnavailableError from failure

    def reseal(self) -> int:
        """Seal every value with the current key, after a rotation; return how many changed.

        Raises:
            SecretUnreadableError: If one cannot be opened; then none has changed.
        """
        key_id, _ = self._keys.current()
        old = select(VERSIONS).where(VERSIONS.c.key_id != key_id).with_for_update()
        with self._engine.begin() as db:
            rows = db.execute(old).mappings().all()
            for row in rows:
                place = (VERSIONS.c.path == row["path"]) & (
                    VERSIONS.c.version == row["version"]
                )
                sealed = self._seal(row["path"], row["version"], self._open(row))
                db.execute(update(VERSIONS).where(place).values(sealed))
        return len(rows)

    def _newest_version(self, path: str) -> int:
        newest = select(func.max(VERSIONS.c.version)).where(VERSIONS.c.path == path)
        with self._reading() as db:
            return db.execute(newest).scalar() or 0

    def _insert(self, entry: SecretEntry, value: Secret) -> None:
        place = {"path": entry.path, "version": entry.version}
        sealed = self._seal(entry.path, entry.version, value.reveal())
        when = {"set_at": entry.set_at, "set_by": entry.set_by}
        with self._engine.begin() as db:
            db.execute(insert(VERSIONS).values(place | sealed | when))

    def _reading(self) -> Connection:
        return self._engine.execution_options(read_only=True).connect()

    def _seal(self, path: str, version: int, value: str) -> dict[str, object]:
        key_id, key = self._keys.current()
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, value.encode(), _covered(path, version, key_id))
        return {"key_id": key_id, "nonce": nonce, "sealed": sealed}

    def _open(self, row: RowMapping) -> str:
        key = self._keys.find(row["key_id"])
        if key is None:
            raise SecretUnreadableError(row["path"])
        covered = _covered(row["path"], row["version"], row["key_id"])
        try:
            return AESGCM(key).decrypt(row["nonce"], row["sealed"], covered).decode()
        except (InvalidTag, ValueError):  # ValueError: a nonce of impossible length
            raise SecretUnreadableError(row["path"]) from None


def _covered(path: str, version: int, key_id: str) -> bytes:
    """Return what the seal covers beside the value."""
    return canonical_json([path, version, key_id]).encode()
