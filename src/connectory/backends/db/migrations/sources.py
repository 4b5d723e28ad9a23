"""Tables of the second release that repositories of connectors need."""

import sqlalchemy as sa
from alembic import op

from connectory.backends.db.migrations.columns import texts
from connectory.work.tables import UtcTime


def create() -> None:
    """Repositories that are pulled, what was found in them, and who wrote versions."""
    op.create_table(
        "version_author",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["connector_version.id"], name=op.f("fk_version_author_version")
        ),
        sa.PrimaryKeyConstraint("version", "account", name=op.f("pk_version_author")),
    )
    op.create_table(
        "source",
        *texts("name", "url", "branch", "folder", "team", "namespace", "secret", "added_by"),
        sa.Column("added_at", UtcTime(), nullable=False),
        *texts("sign_offs", "people"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_source")),
    )
    _syncs()
    _folders()
    _publishers()


def _syncs() -> None:
    """Each pull of a repository, and what became of each folder in it."""
    op.create_table(
        "source_sync",
        *texts("id", "source", "state"),
        sa.Column("is_anew", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source"], ["source.name"], name=op.f("fk_source_sync_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_sync")),
    )
    op.create_index("ix_source_sync_source_asked_at", "source_sync", ["source", "asked_at"])
    is_open = sa.text("state IN ('waiting', 'running')")
    op.create_index(
        "uq_source_sync_open",
        "source_sync",
        ["source", "state"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "source_entry",
        *texts("sync", "folder", "outcome", "about"),
        sa.ForeignKeyConstraint(
            ["sync"], ["source_sync.id"], name=op.f("fk_source_entry_sync")
        ),
        sa.PrimaryKeyConstraint("sync", "folder", name=op.f("pk_source_entry")),
    )


def _folders() -> None:
    """What was published of each folder last, and webhooks that were delivered."""
    op.create_table(
        "source_folder",
        *texts("source", "folder", "tree", "commit", "label"),
        sa.ForeignKeyConstraint(
            ["source"], ["source.name"], name=op.f("fk_source_folder_source")
        ),
        sa.PrimaryKeyConstraint("source", "folder", name=op.f("pk_source_folder")),
    )
    op.create_table(
        "source_delivery",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        *texts("commit", "before", "pusher"),
        sa.ForeignKeyConstraint(
            ["source"], ["source.name"], name=op.f("fk_source_delivery_source")
        ),
        sa.PrimaryKeyConstraint("source", "mark", name=op.f("pk_source_delivery")),
    )


def _publishers() -> None:
    """Jobs of CI systems that may publish, and their identity tokens that were exchanged."""
    op.create_table(
        "publisher",
        *texts("name", "namespace", "host", "issuer", "repository", "workflow", "branch"),
        *texts("environment", "added_by"),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_publisher")),
    )
    op.create_index(op.f("ix_publisher_namespace"), "publisher", ["namespace"])
    op.create_index(op.f("ix_publisher_issuer"), "publisher", ["issuer"])
    op.create_table(
        "publisher_exchange",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "jti", name=op.f("pk_publisher_exchange")),
    )
    op.create_index(op.f("ix_publisher_exchange_until"), "publisher_exchange", ["until"])
