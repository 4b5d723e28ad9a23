"""Tables of the second release that vetting needs."""

import sqlalchemy as sa
from alembic import op

from connectory.backends.db.migrations.columns import texts
from connectory.work.tables import UtcTime


def create() -> None:
    """What checks and reviewers say of versions, and what is signed of it."""
    _checks()
    _alerts()
    _reviews()
    _said()
    _attestations()
    _quarantine()
    _delegations()
    _sboms()


def _checks() -> None:
    """What the checks say of published bytes, and how far the log was followed for it."""
    op.create_table(
        "check_report",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("manifest_digest", sa.Text(), nullable=False),
        sa.Column("package_digest", sa.Text(), nullable=True),
        *texts("label", "engine", "results"),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_check_report")),
    )
    waiting = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_check_report_waiting",
        "check_report",
        ["asked_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "vetting_cursor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vetting_cursor")),
    )


def _alerts() -> None:
    """Which advisories concern which versions now."""
    op.create_table(
        "advisory_alert",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("digest", "about", "label", "team", "message", "hint")
        ),
        sa.Column("found_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "about", name=op.f("pk_advisory_alert")),
    )


def _reviews() -> None:
    """The review of each version."""
    op.create_table(
        "review",
        *texts(
            "id",
            "digest",
            "namespace",
            "connector",
            "version",
            "risk",
            "state",
            "base",
        ),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index(op.f("ix_review_digest"), "review", ["digest"])
    op.create_index("ix_review_state", "review", ["state", "opened_at"])
    version = ["namespace", "connector", "version"]
    op.create_index("uq_review_version", "review", version, unique=True)


def _said() -> None:
    """What was decided and said in reviews, and checks that need not pass."""
    op.create_table(
        "review_decision",
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *texts("role", "decision", "account", "comment"),
        sa.Column("at", UtcTime(), nullable=False),
        *texts("carried_from", "behalf_of", "merge"),
        sa.ForeignKeyConstraint(
            ["review"], ["review.id"], name=op.f("fk_review_decision_review")
        ),
        sa.PrimaryKeyConstraint("review", "number", name=op.f("pk_review_decision")),
    )
    op.create_table(
        "review_comment",
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review"], ["review.id"], name=op.f("fk_review_comment_review")
        ),
        sa.PrimaryKeyConstraint("review", "number", name=op.f("pk_review_comment")),
    )
    op.create_table(
        "waiver",
        *texts("id", "connector", "check_id", "reason", "made_by"),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver")),
    )


def _attestations() -> None:
    """The signed statements about each version."""
    op.create_table(
        "attestation",
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("bundle", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("label", "number", name=op.f("pk_attestation")),
        sa.UniqueConstraint("event", name=op.f("uq_attestation_event")),
    )


def _quarantine() -> None:
    """The status that a quarantined version had before."""
    op.add_column("connector_version", sa.Column("held_from", sa.Text(), nullable=True))
    is_held = sa.text("held_from IS NOT NULL")
    op.create_index(
        "ix_connector_version_held",
        "connector_version",
        ["digest"],
        sqlite_where=is_held,
        postgresql_where=is_held,
    )


def _delegations() -> None:
    """Who decides in reviews for whom."""
    op.create_table(
        "review_delegation",
        *texts("id", "giver", "taker", "role", "tag", "risk"),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_delegation")),
    )
    for name in ("giver", "taker"):
        op.create_index(op.f(f"ix_review_delegation_{name}"), "review_delegation", [name])


def _sboms() -> None:
    """What each version is made of."""
    op.create_table(
        "sbom",
        *texts("release", "digest"),
        sa.Column("components", sa.Integer(), nullable=False),
        *texts("gaps"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("release", name=op.f("pk_sbom")),
    )
