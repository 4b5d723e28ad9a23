"""Bring the tables to the present revision: transactional, restartable, safe to race."""

import threading
from pathlib import Path
from typing import ClassVar

from sqlalchemy import Connection, Engine, inspect, text

from connectory.backends.db import migrations
from connectory.kernel.errors import ConnectoryError, Kind

HERE = Path(migrations.__file__).parent
HEAD = "0002"  # a test compares this with the newest file under versions/
LOCK = 7_600_001  # PostgreSQL advisory lock of migrations
_ALEMBIC = threading.Lock()  # it keeps the migration that goes on in global variables


class SchemaTooNewError(ConnectoryError):
    """The database was written by a newer release of Connectory."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "schema-too-new"

    def __init__(self, found: str) -> None:
        super().__init__(
            f"the database is at revision {found}, this release knows up to {HEAD}",
            hint="start the release that wrote it, or restore a backup made before the upgrade",
        )


def revision(db: Connection) -> str:
    """Return the revision of the tables, `""` for an empty database."""
    if not inspect(db).has_table("alembic_version"):
        return ""
    return str(db.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def migrate(engine: Engine) -> bool:
    """Run what is missing, all in one transaction; return whether anything was.

    Raises:
        SchemaTooNewError: If the tables are newer than this code; nothing is changed.
    """
    with engine.begin() as db:
        if db.dialect.name == "postgresql":
            db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        found = revision(db)
        if found == HEAD:
            return False
        if found > HEAD:
            raise SchemaTooNewError(found)
        with _ALEMBIC:
            _upgrade(db)
        return True


def _upgrade(db: Connection) -> None:
    # lazy: Alembic costs 0.2 s to import and is needed only when there is something to do
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = db
    command.upgrade(config, "head")
