"""When a payment or refund without an answer is asked about next; runs of reconciliation and what they found."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_reconciliation"
down_revision = "20261127_invariant_checks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for table in ("payments", "refunds"):
        op.add_column(table, sa.Column("asks", sa.Integer(), server_default="0", nullable=False))
        op.add_column(table, sa.Column("ask_after", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_refunds_unanswered",
        "refunds",
        ["created_at"],
        postgresql_where=sa.text("status IN ('owed', 'pending')"),
    )
    op.create_table(
        "reconciliation_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="running", nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("compared", sa.Integer(), server_default="0", nullable=False),
        sa.Column("interrupted_by", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('open', 'recent', 'deep', 'manual')", name=op.f("ck_reconciliation_runs_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('running', 'interrupted', 'done')", name=op.f("ck_reconciliation_runs_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'done') = (finished_at IS NOT NULL)",
            name=op.f("ck_reconciliation_runs_finished_at_given"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_runs")),
    )
    op.create_index(
        "uq_reconciliation_runs_unfinished",
        "reconciliation_runs",
        ["kind"],
        unique=True,
        postgresql_where=sa.text("state <> 'done' AND kind <> 'manual'"),
    )
    op.create_index("ix_reconciliation_runs_started_at_id", "reconciliation_runs", ["started_at", "id"])
    op.create_table(
        "reconciliation_findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("theirs", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.CHAR(length=3), nullable=True),
        sa.Column(
            "found_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('healed', 'disagreeing', 'orphaned')", name=op.f("ck_reconciliation_findings_kind_known")
        ),
        sa.CheckConstraint(
            "book IN ('payment_intent', 'checkout_session', 'refund', 'dispute', 'event')",
            name=op.f("ck_reconciliation_findings_book_known"),
        ),
        sa.CheckConstraint(
            "action IN ('settled', 'closed', 'kept', 'reviewed', 'nothing', 'failed')",
            name=op.f("ck_reconciliation_findings_action_known"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["reconciliation_runs.id"],
            name=op.f("fk_reconciliation_findings_run_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_findings")),
    )
    op.create_index(
        "uq_reconciliation_findings_left",
        "reconciliation_findings",
        ["object_id", "kind", "ours", "theirs"],
        unique=True,
        postgresql_where=sa.text("kind <> 'healed'"),
    )
    op.create_index(
        "ix_reconciliation_findings_run_id_found_at_id",
        "reconciliation_findings",
        ["run_id", "found_at", "id"],
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("reconciliation_findings")
    op.drop_table("reconciliation_runs")
    op.drop_index("ix_refunds_unanswered", "refunds")
    for table in ("payments", "refunds"):
        op.drop_column(table, "ask_after")
        op.drop_column(table, "asks")
