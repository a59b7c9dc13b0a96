"""Orders that are picked up in a store, parcels that wait there, and the mail about one that does.

The release before it makes no such orders; of those that are there it shows the store's address as the one that they
are sent to.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261231_pickup"
down_revision = "20261230_cart_reminders"
branch_labels = None
depends_on = None

FIRST = "'order_received', 'order_paid', 'order_cancelled', 'order_unavailable', 'order_refunded', 'paid_order_cancelled'"
NEW = "'order_ready'"
OTHERS = (
    "'order_shipped', 'order_delivered', 'return_requested', 'return_approved', 'return_rejected', 'return_received',"
    " 'password_reset', 'password_changed', 'email_verification', 'email_change',"
    " 'email_change_asked', 'email_changed', 'login_ended', 'export_ready', 'seller_approved', 'seller_rejected',"
    " 'low_stock', 'back_in_stock', 'webhook_disabled', 'service_alert', 'cart_reminder'"
)


def upgrade() -> None:
    """Apply."""
    op.add_column("orders", sa.Column("pickup_store", postgresql.JSONB(), nullable=True))
    op.create_check_constraint(
        op.f("ck_orders_store_given"), "orders", "(shipping_method = 'pickup') = (pickup_store IS NOT NULL)"
    )
    op.add_column("fulfillments", sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True))
    _know(
        f"{FIRST}, {NEW}, {OTHERS}",
        parcel_kinds="kind IN ('order_ready', 'order_shipped')",
        sent_at="coalesce(shipped_at, ready_at)",
    )


def downgrade() -> None:
    """Undo."""
    op.execute(f"DELETE FROM messages WHERE kind = {NEW}")
    op.execute("UPDATE fulfillments SET shipped_at = ready_at WHERE status = 'delivered' AND shipped_at IS NULL")
    _know(f"{FIRST}, {OTHERS}", parcel_kinds="kind = 'order_shipped'", sent_at="shipped_at")
    op.drop_column("fulfillments", "ready_at")
    op.drop_column("orders", "pickup_store")


def _know(kinds: str, *, parcel_kinds: str, sent_at: str) -> None:
    rules = {
        ("messages", "kind_known"): f"kind IN ({kinds})",
        ("messages", "parcel_given"): f"({parcel_kinds}) = (parcel_id IS NOT NULL)",
        ("fulfillments", "shipped_at_given"): f"status NOT IN ('shipped', 'delivered') OR {sent_at} IS NOT NULL",
    }
    for (table, name), rule in rules.items():
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
