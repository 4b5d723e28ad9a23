"""Tables of the second release."""

import sqlalchemy as sa
from alembic import op

from connectory.backends.db.migrations import policies, sources, vetting
from connectory.backends.db.migrations.columns import texts
from connectory.kernel.looks import look_of
from connectory.work.tables import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what each slice added."""
    _identity()
    _safe_change()
    _people()
    _drafts()
    _observed()
    vetting.create()
    policies.create()
    _identities()
    _runs()
    _schedules()
    _rehearsals()
    _monitoring()
    sources.create()


def _identities() -> None:
    """Whom the identity provider vouches for, and their groups."""
    op.create_table(
        "identity",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("checked_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["account.name"], name=op.f("fk_identity_account")
        ),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_identity")),
    )
    op.create_index("uq_identity_subject", "identity", ["issuer", "subject"], unique=True)


def _identity() -> None:
    """Looks and permits of ids; the oldest connector of a look holds it."""
    looks = op.create_table(
        "id_look",
        *texts("look", "namespace", "slug"),
        sa.PrimaryKeyConstraint("look", name=op.f("pk_id_look")),
    )
    op.create_table(
        "id_permit",
        *texts("namespace", "slug", "reason", "permitted_by"),
        sa.Column("permitted_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("namespace", "slug", name=op.f("pk_id_permit")),
    )
    connectors = sa.text(
        "SELECT namespace, slug FROM connector ORDER BY created_at DESC, id DESC"
    )
    held = {
        look_of(slug): (namespace, slug)
        for namespace, slug in op.get_bind().execute(connectors)
    }
    rows = [
        {"look": look, "namespace": namespace, "slug": slug}
        for look, (namespace, slug) in held.items()
    ]
    op.bulk_insert(looks, rows)


def _safe_change() -> None:
    """What instances ran over time, what an undone upgrade led to, a hook key on its way in."""
    op.create_table(
        "instance_setup",
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        *texts("kind", "setup", "by"),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("instance", "generation", name=op.f("pk_instance_setup")),
    )
    op.add_column("instance", sa.Column("tried", sa.Text(), nullable=True))
    op.add_column("hook", sa.Column("coming", sa.Text(), nullable=True))


def _drafts() -> None:
    """Manifests that are being written by forms."""
    op.create_table(
        "draft",
        *texts("id", "account", "template", "text"),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["account.name"], name=op.f("fk_draft_account_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_index(op.f("ix_draft_account"), "draft", ["account"])
    op.create_index(op.f("ix_draft_changed_at"), "draft", ["changed_at"])


def _rehearsals() -> None:
    """The newest removal certificate of each release."""
    op.create_table(
        "removal_certificate",
        *texts("digest", "content", "signature"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_removal_certificate")),
    )


def _people() -> None:
    """What accounts prefer, what made a credential, where a browser is; sets and searches.

    Browser sessions begin anew: nothing is known of where the old ones are.
    """
    for name in ("theme", "density", "zone"):
        op.add_column("account", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("token", sa.Column("made_by", sa.Text(), nullable=True))
    op.create_index(op.f("ix_token_made_by"), "token", ["made_by"], unique=False)
    op.drop_table("session")
    op.create_table(
        "session",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        *texts("id", "browser", "address"),
        sa.Column("last_used_at", UtcTime(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_session_account")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_session")),
        sa.UniqueConstraint("id", name=op.f("uq_session_id")),
    )
    op.create_index(op.f("ix_session_account"), "session", ["account"], unique=False)
    op.create_index(op.f("ix_session_made_by"), "session", ["made_by"], unique=False)
    op.create_table(
        "curated_set",
        *texts("id", "title", "why"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curated_set")),
    )
    op.create_table(
        "saved_search",
        *texts("id", "account", "title", "query"),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["account.name"], name=op.f("fk_saved_search_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
    )
    op.create_index(op.f("ix_saved_search_account"), "saved_search", ["account"], unique=False)


def _runs() -> None:
    """Each execution of a connector, and what went in."""
    op.create_table(
        "run",
        *texts("id", "instance", "trigger", "path"),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("log_from", sa.BigInteger(), nullable=True),
        sa.Column("log_to", sa.BigInteger(), nullable=True),
        sa.Column("again_of", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_created_at"), "run", ["created_at"])
    op.create_index("ix_run_instance_created_at", "run", ["instance", "created_at"])
    is_open = sa.text("state IN ('waiting', 'running', 'failed')")
    op.create_index(
        "ix_run_open",
        "run",
        ["instance", "due_at"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    has_key = sa.text("key IS NOT NULL")
    op.create_index(
        "uq_run_key",
        "run",
        ["instance", "key"],
        unique=True,
        sqlite_where=has_key,
        postgresql_where=has_key,
    )
    op.create_table(
        "run_input",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_run_input_run")),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_run_input")),
    )


def _schedules() -> None:
    """Which tick comes next, and those that had no run."""
    op.create_table(
        "schedule",
        *texts("instance", "name", "cron", "zone"),
        sa.Column("jitter_s", sa.Integer(), nullable=False),
        sa.Column("makes_up", sa.Boolean(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("fires_at", UtcTime(), nullable=False),
        sa.Column("last_run", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("instance", "name", name=op.f("pk_schedule")),
    )
    op.create_index(op.f("ix_schedule_fires_at"), "schedule", ["fires_at"])
    op.create_table(
        "schedule_skip",
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("first_at", UtcTime(), nullable=False),
        sa.Column("last_at", UtcTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint(
            "instance", "schedule", "first_at", name=op.f("pk_schedule_skip")
        ),
    )
    op.create_index(op.f("ix_schedule_skip_noted_at"), "schedule_skip", ["noted_at"])
    op.create_index(
        "ix_schedule_skip_last", "schedule_skip", ["instance", "schedule", "last_at"]
    )


def _observed() -> None:
    """What each generation of an instance used."""
    op.create_table(
        "instance_usage",
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        *texts("namespace", "connector", "version"),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("running_s", sa.Float(), nullable=False),
        sa.Column("cpu_s", sa.Float(), nullable=False),
        sa.Column("memory_peak", sa.BigInteger(), nullable=False),
        sa.Column("cold_start_ms", sa.Integer(), nullable=True),
        sa.Column("names", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("instance", "generation", name=op.f("pk_instance_usage")),
    )
    op.create_index(
        "ix_instance_usage_version", "instance_usage", ["namespace", "connector", "version"]
    )
    op.create_index(op.f("ix_instance_usage_seen_at"), "instance_usage", ["seen_at"])


def _monitoring() -> None:
    """How instances are doing, and the numbers that they report."""
    op.create_table(
        "instance_health",
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("since", UtcTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("restarts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("instance", name=op.f("pk_instance_health")),
    )
    op.create_table(
        "metric_series",
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *texts("name", "labels", "kind"),
        sa.PrimaryKeyConstraint("instance", "number", name=op.f("pk_metric_series")),
    )
    op.create_table(
        "metric_sample",
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("numbers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("instance", "step", "at", name=op.f("pk_metric_sample")),
    )
    op.create_index(op.f("ix_metric_sample_step_at"), "metric_sample", ["step", "at"])
