"""What was taken and what goes back on each payment, refunds with all their facts, disputes, returned units.

The release before it neither counts what a payment has taken nor what goes back of it: while both run, its payments
have zero in both, and the constraint holds.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_refunds_and_disputes"
down_revision = "20261123_bought_carts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for name in ("captured_amount", "refunded_amount"):
        op.add_column("payments", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    op.execute("UPDATE payments SET captured_amount = amount WHERE status = 'succeeded'")
    op.execute(
        "UPDATE payments SET refunded_amount = least(captured_amount, owed.amount) FROM ("
        " SELECT payment_id, sum(amount) AS amount FROM refunds WHERE status <> 'failed' GROUP BY 1) owed"
        " WHERE owed.payment_id = payments.id"
    )
    op.create_check_constraint(
        op.f("ck_payments_refunded_within_captured"),
        "payments",
        "refunded_amount BETWEEN 0 AND captured_amount",
    )
    op.add_column("refunds", sa.Column("source", sa.Text(), server_default="shop", nullable=False))
    op.create_check_constraint(op.f("ck_refunds_source_known"), "refunds", "source IN ('shop', 'provider')")
    op.add_column("refunds", sa.Column("intent_id", sa.Text(), nullable=True))
    op.add_column("refunds", sa.Column("note", sa.Text(), nullable=True))
    op.add_column("refunds", sa.Column("failure_reason", sa.Text(), nullable=True))
    for name in ("sent_at", "succeeded_at", "failed_at"):
        op.add_column("refunds", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "refund_lines",
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("restock", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_refund_lines_quantity_positive")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_refund_lines_refund_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_refund_lines_order_line_id")
        ),
        sa.PrimaryKeyConstraint("refund_id", "order_line_id", name=op.f("pk_refund_lines")),
    )
    op.create_index("ix_refund_lines_order_line_id", "refund_lines", ["order_line_id"])
    op.create_table(
        "disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("evidence_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('open', 'won', 'lost')", name=op.f("ck_disputes_status_known")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_disputes_amount_positive")),
        sa.CheckConstraint(
            "(status = 'open') = (closed_at IS NULL)", name=op.f("ck_disputes_closed_at_given")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_disputes_order_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_disputes_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_disputes_provider_id")),
    )
    op.create_index("ix_disputes_order_id", "disputes", ["order_id"])
    op.create_index("ix_disputes_payment_id", "disputes", ["payment_id"])
    op.add_column("reservations", sa.Column("returned", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(
        op.f("ck_reservations_returned_within_quantity"), "reservations", "returned BETWEEN 0 AND quantity"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_constraint(op.f("ck_reservations_returned_within_quantity"), "reservations", type_="check")
    op.drop_column("reservations", "returned")
    op.drop_table("disputes")
    op.drop_table("refund_lines")
    for name in ("sent_at", "succeeded_at", "failed_at", "failure_reason", "note", "intent_id"):
        op.drop_column("refunds", name)
    op.drop_constraint(op.f("ck_refunds_source_known"), "refunds", type_="check")
    op.drop_column("refunds", "source")
    op.drop_constraint(op.f("ck_payments_refunded_within_captured"), "payments", type_="check")
    op.drop_column("payments", "refunded_amount")
    op.drop_column("payments", "captured_amount")
