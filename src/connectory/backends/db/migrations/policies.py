"""Tables of the second release that the policies of the organisation need."""

import sqlalchemy as sa
from alembic import op

from connectory.backends.db.migrations.columns import texts
from connectory.work.tables import UtcTime


def create() -> None:
    """Bundles of policies, which one is in force, and what versions are built on."""
    op.create_table(
        "policy_bundle",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_policy_bundle")),
    )
    op.create_table(
        "policy_active",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("activated_by", sa.Text(), nullable=False),
        sa.Column("activated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_active")),
    )
    op.create_table(
        "version_bases",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("bases", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_version_bases")),
    )
    _decisions()


def _decisions() -> None:
    """What rules said of versions, and the rules that said it."""
    op.create_table(
        "policy_decision",
        *texts("id", "connector", "version", "bundle", "input_digest", "input", "engine"),
        sa.Column("is_allowed", sa.Boolean(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_decision")),
    )
    op.create_table(
        "policy_rules",
        sa.Column("bundle", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bundle", name=op.f("pk_policy_rules")),
    )
