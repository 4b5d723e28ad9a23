"""The tables: migrated in one transaction, equal to what the code declares."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, text

from connectory import wiring
from connectory.app import mounted
from connectory.backends.db import migrate as migration
from connectory.backends.db import open_engine
from connectory.backends.db.migrate import HEAD, SchemaTooNewError, migrate
from connectory.work.tables import METADATA

VERSIONS = migration.HERE / "versions"
OLD_ROWS = (
    "INSERT INTO team VALUES ('a', '', '2026-01-01 00:00:00')",
    "INSERT INTO namespace VALUES ('a', 'a'), ('b', 'a')",
    "INSERT INTO connector VALUES ('con_1', 'b', 'crm-to-slack', '2026-01-01 00:00:00')",
    "INSERT INTO connector VALUES ('con_2', 'a', 'crmtoslack', '2026-01-02 00:00:00')",
)
"""What a marketplace of the first release could hold."""


def test_the_migrations_lead_to_the_tables_that_the_code_declares(engine: Engine) -> None:
    assert wiring.SECRETS
    assert mounted.ROUTERS  # all slices are imported, so all tables are declared

    with engine.connect() as db:
        context = MigrationContext.configure(db)
        differences = compare_metadata(context, METADATA)

    assert differences == []


def test_the_newest_file_is_the_revision_that_the_code_expects() -> None:
    newest = max(path.name for path in VERSIONS.glob("[0-9]*.py"))

    assert newest.startswith(f"{HEAD}_")


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    assert migrate(engine) is False


def test_a_newer_database_is_left_alone(engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SchemaTooNewError) as refused:
        migrate(engine)

    assert refused.value.code == "schema-too-new"


def test_a_migration_that_is_cut_off_leaves_an_empty_database(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'cut.db'}")
    with pytest.raises(InterruptedError), engine.begin() as db:
        migration._upgrade(db)
        raise InterruptedError

    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_the_oldest_connector_of_a_look_holds_it(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as db:
        migrate_to(db, "0001")
        for row in OLD_ROWS:
            db.execute(text(row))
        migrate_to(db, "head")

        held = db.execute(text("SELECT look, namespace, slug FROM id_look")).all()

    assert held == [("crmtoslack", "b", "crm-to-slack")]
    engine.dispose()


def migrate_to(db: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migration.HERE))
    config.attributes["connection"] = db
    command.upgrade(config, revision)
