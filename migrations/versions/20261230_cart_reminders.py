"""Carts that their owners are reminded of, and who agreed to that. The release before it reminds nobody."""

import sqlalchemy as sa
from alembic import op

revision = "20261230_cart_reminders"
down_revision = "20261229_bank_transfers"
branch_labels = None
depends_on = None

FORMER = (
    "'order_received', 'order_paid', 'order_cancelled', 'order_unavailable', 'order_refunded', 'paid_order_cancelled',"
    " 'order_shipped', 'order_delivered', 'return_requested', 'return_approved', 'return_rejected', 'return_received',"
    " 'password_reset', 'password_changed', 'email_verification', 'email_change',"
    " 'email_change_asked', 'email_changed', 'login_ended', 'export_ready', 'seller_approved', 'seller_rejected',"
    " 'low_stock', 'back_in_stock', 'webhook_disabled', 'service_alert'"
)
NEW = "'cart_reminder'"


def upgrade() -> None:
    """Apply."""
    op.add_column("users", sa.Column("cart_reminders_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("carts", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    _know(f"{FORMER}, {NEW}")


def downgrade() -> None:
    """Undo."""
    op.execute(f"DELETE FROM messages WHERE kind IN ({NEW})")
    _know(FORMER)
    op.drop_column("carts", "reminded_at")
    op.drop_column("users", "cart_reminders_at")


def _know(kinds: str) -> None:
    op.drop_constraint(op.f("ck_messages_kind_known"), "messages", type_="check")
    op.create_check_constraint(op.f("ck_messages_kind_known"), "messages", f"kind IN ({kinds})")
