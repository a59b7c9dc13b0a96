"""Mails about webhooks and what other services tell. The release before it sends none."""

from alembic import op

revision = "20261227_service_mails"
down_revision = "20261227_webhooks"
branch_labels = None
depends_on = None

FORMER = (
    "'order_received', 'order_paid', 'order_cancelled', 'order_unavailable', 'order_refunded', 'paid_order_cancelled',"
    " 'order_shipped', 'order_delivered', 'return_requested', 'return_approved', 'return_rejected', 'return_received',"
    " 'password_reset', 'password_changed', 'email_verification', 'email_change',"
    " 'email_change_asked', 'email_changed', 'login_ended', 'export_ready', 'seller_approved', 'seller_rejected',"
    " 'low_stock', 'back_in_stock'"
)
NEW = "'webhook_disabled', 'service_alert'"


def upgrade() -> None:
    """Apply."""
    _know(f"{FORMER}, {NEW}")


def downgrade() -> None:
    """Undo."""
    op.execute(f"DELETE FROM messages WHERE kind IN ({NEW})")
    _know(FORMER)


def _know(kinds: str) -> None:
    op.drop_constraint(op.f("ck_messages_kind_known"), "messages", type_="check")
    op.create_check_constraint(op.f("ck_messages_kind_known"), "messages", f"kind IN ({kinds})")
