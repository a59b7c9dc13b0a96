"""Text messages, and who agreed to them. The release before it sends none."""

import sqlalchemy as sa
from alembic import op

revision = "20270105_texts"
down_revision = "20270102_transfers_in_parts"
branch_labels = None
depends_on = None

FORMER = (
    "'order_received', 'order_paid', 'order_cancelled', 'order_unavailable', 'order_refunded', 'paid_order_cancelled',"
    " 'order_ready', 'order_shipped', 'order_delivered', 'return_requested', 'return_approved', 'return_rejected',"
    " 'return_received', 'password_reset', 'password_changed', 'email_verification', 'email_change',"
    " 'email_change_asked', 'email_changed', 'login_ended', 'export_ready', 'seller_approved', 'seller_rejected',"
    " 'low_stock', 'back_in_stock', 'webhook_disabled', 'service_alert', 'cart_reminder'"
)
NEW = "'order_ready_text', 'order_shipped_text'"
OF_PARCELS = "'order_ready', 'order_shipped'"


def upgrade() -> None:
    """Apply."""
    op.add_column("users", sa.Column("text_messages_at", sa.DateTime(timezone=True), nullable=True))
    _know(f"{FORMER}, {NEW}", of_parcels=f"{OF_PARCELS}, {NEW}", channels="'email', 'sms'")
    op.create_check_constraint(
        op.f("ck_messages_texts_by_sms"), "messages", f"(channel = 'sms') = (kind IN ({NEW}))"
    )


def downgrade() -> None:
    """Undo."""
    op.execute("DELETE FROM messages WHERE channel = 'sms'")
    op.drop_constraint(op.f("ck_messages_texts_by_sms"), "messages", type_="check")
    _know(FORMER, of_parcels=OF_PARCELS, channels="'email'")
    op.drop_column("users", "text_messages_at")


def _know(kinds: str, *, of_parcels: str, channels: str) -> None:
    rules = {
        "kind_known": f"kind IN ({kinds})",
        "parcel_given": f"(kind IN ({of_parcels})) = (parcel_id IS NOT NULL)",
        "channel_known": f"channel IN ({channels})",
    }
    for name, rule in rules.items():
        op.drop_constraint(op.f(f"ck_messages_{name}"), "messages", type_="check")
        op.create_check_constraint(op.f(f"ck_messages_{name}"), "messages", rule)
