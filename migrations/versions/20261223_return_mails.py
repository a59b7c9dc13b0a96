"""Buyers are told what becomes of their returns. The release before it knows none, and so has nothing to tell."""

import sqlalchemy as sa
from alembic import op

revision = "20261223_return_mails"
down_revision = "20261223_returns"
branch_labels = None
depends_on = None

ORDER_KINDS = (
    "'order_received', 'order_paid', 'order_cancelled', 'order_unavailable', 'order_refunded', 'paid_order_cancelled',"
    " 'order_shipped', 'order_delivered'"
)
NEW_KINDS = "'return_requested', 'return_approved', 'return_rejected', 'return_received'"
OTHER_KINDS = (
    "'password_reset', 'password_changed', 'email_verification', 'email_change', 'email_change_asked',"
    " 'email_changed', 'login_ended', 'export_ready', 'seller_approved', 'seller_rejected', 'low_stock', 'back_in_stock'"
)


def upgrade() -> None:
    """Apply."""
    op.add_column("messages", sa.Column("return_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_messages_return_id"), "messages", "returns", ["return_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_messages_return_given"), "messages", f"(kind IN ({NEW_KINDS})) = (return_id IS NOT NULL)"
    )
    _know(f"{ORDER_KINDS}, {NEW_KINDS}, {OTHER_KINDS}")


def downgrade() -> None:
    """Undo."""
    op.execute(f"DELETE FROM messages WHERE kind IN ({NEW_KINDS})")
    op.drop_column("messages", "return_id")
    _know(f"{ORDER_KINDS}, {OTHER_KINDS}")


def _know(kinds: str) -> None:
    op.drop_constraint(op.f("ck_messages_kind_known"), "messages", type_="check")
    op.create_check_constraint(op.f("ck_messages_kind_known"), "messages", f"kind IN ({kinds})")
