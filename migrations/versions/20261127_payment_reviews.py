"""Reviews as rows: what did not fit, in which object of the provider's, and who decided what about it.

The release before it opens reviews without a row. While both run, those are found by their payment's state; the payments
that are in review now get their rows here.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261127_payment_reviews"
down_revision = "20261127_reconciliation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "payment_reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("concerns", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("lapsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "concerns IN ('payment', 'refund')", name=op.f("ck_payment_reviews_concerns_known")
        ),
        sa.CheckConstraint(
            "decision IN ('accept', 'refund', 'ended')", name=op.f("ck_payment_reviews_decision_known")
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_payment_reviews_decided_at_given")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payment_reviews_order_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_payment_reviews_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_reviews")),
        sa.UniqueConstraint("payment_id", "object_id", name="uq_payment_reviews_payment_id_object_id"),
    )
    op.create_index("ix_payment_reviews_order_id", "payment_reviews", ["order_id"])
    op.create_index("ix_payment_reviews_opened_at_id", "payment_reviews", ["opened_at", "id"])
    op.execute(
        "INSERT INTO payment_reviews"
        " (id, order_id, payment_id, concerns, object_id, intent_id, reason, amount, currency)"
        " SELECT gen_random_uuid(), order_id, id, 'payment', coalesce(session_id, provider_id), provider_id,"
        " 'unknown', amount, currency FROM payments"
        " WHERE status = 'review' AND coalesce(session_id, provider_id) IS NOT NULL"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("payment_reviews")
