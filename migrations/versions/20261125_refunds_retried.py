"""Which refund takes the place of which, mails about refunds, and the list of refunds by age."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_refunds_retried"
down_revision = "20261125_attempts"
branch_labels = None
depends_on = None

KINDS = "'order_received', 'order_paid', 'order_cancelled', 'order_unavailable'"


def upgrade() -> None:
    """Apply."""
    op.add_column("refunds", sa.Column("retry_of_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_refunds_retry_of_id"), "refunds", "refunds", ["retry_of_id"], ["id"])
    op.create_unique_constraint(op.f("uq_refunds_retry_of_id"), "refunds", ["retry_of_id"])
    op.create_index("ix_refunds_created_at_id", "refunds", ["created_at", "id"])
    op.add_column("messages", sa.Column("refund_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_messages_refund_id"), "messages", "refunds", ["refund_id"], ["id"])
    op.drop_constraint(op.f("ck_messages_kind_known"), "messages", type_="check")
    op.create_check_constraint(
        op.f("ck_messages_kind_known"), "messages", f"kind IN ({KINDS}, 'order_refunded')"
    )
    op.create_check_constraint(
        op.f("ck_messages_refund_given"), "messages", "(kind = 'order_refunded') = (refund_id IS NOT NULL)"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_constraint(op.f("ck_messages_refund_given"), "messages", type_="check")
    op.drop_constraint(op.f("ck_messages_kind_known"), "messages", type_="check")
    op.execute("DELETE FROM messages WHERE kind = 'order_refunded'")
    op.create_check_constraint(op.f("ck_messages_kind_known"), "messages", f"kind IN ({KINDS})")
    op.drop_column("messages", "refund_id")
    op.drop_index("ix_refunds_created_at_id", "refunds")
    op.drop_column("refunds", "retry_of_id")
