"""Attempts as rows, where events come from, dropped deliveries, and the payment behind a provider's event.

The release before it writes none of these: its claims leave no attempts, and what it processes is found by
its payment only when it is processed again.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_attempts"
down_revision = "20261124_refunds_and_disputes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "delivery_attempts",
        sa.Column("delivery_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('done', 'failed', 'handed_over', 'no_answer')",
            name=op.f("ck_delivery_attempts_outcome_known"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_delivery_attempts_ended_at_given")
        ),
        sa.CheckConstraint(
            "(outcome = 'failed') = (error IS NOT NULL)", name=op.f("ck_delivery_attempts_error_when_failed")
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name=op.f("fk_delivery_attempts_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_id", "token", name=op.f("pk_delivery_attempts")),
    )
    op.add_column("events", sa.Column("call", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("delivery_id", sa.BigInteger(), nullable=True))
    op.add_column("deliveries", sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deliveries", sa.Column("dropped_by", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("drop_reason", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_deliveries_dropped_when_dead"), "deliveries", "dropped_at IS NULL OR state = 'dead'"
    )
    op.create_check_constraint(
        op.f("ck_deliveries_dropped_for_a_reason"),
        "deliveries",
        "(dropped_at IS NULL) = (drop_reason IS NULL) AND (dropped_at IS NULL) = (dropped_by IS NULL)",
    )
    op.add_column("provider_events", sa.Column("payment_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_provider_events_payment_id"), "provider_events", "payments", ["payment_id"], ["id"]
    )
    op.execute(
        "UPDATE provider_events SET payment_id = payments.id FROM payments"
        " WHERE payments.session_id = object_id OR payments.provider_id IN"
        " (object_id, provider_events.payload #>> '{data,object,payment_intent}')"
    )
    op.create_index("ix_provider_events_payment_id", "provider_events", ["payment_id"])
    op.create_index(
        "ix_reservations_released",
        "reservations",
        ["holder_id"],
        postgresql_where=sa.text("status = 'released'"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_reservations_released", table_name="reservations")
    op.drop_index("ix_provider_events_payment_id", table_name="provider_events")
    op.drop_constraint(op.f("fk_provider_events_payment_id"), "provider_events", type_="foreignkey")
    op.drop_column("provider_events", "payment_id")
    for name in ("dropped_for_a_reason", "dropped_when_dead"):
        op.drop_constraint(op.f(f"ck_deliveries_{name}"), "deliveries", type_="check")
    for name in ("drop_reason", "dropped_by", "dropped_at"):
        op.drop_column("deliveries", name)
    op.drop_column("events", "delivery_id")
    op.drop_column("events", "call")
    op.drop_table("delivery_attempts")
