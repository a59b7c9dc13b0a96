"""Parcels of cancelled orders, and the mail about a paid order that was cancelled.

The release before it neither makes nor shows them otherwise than as they are: while both run, all goes on.
"""

from alembic import op

revision = "20261126_called_off"
down_revision = "20261125_refunds_retried"
branch_labels = None
depends_on = None

PARCELS = "'pending', 'processing', 'packed', 'shipped', 'delivered'"
MAILS = "'order_received', 'order_paid', 'order_cancelled', 'order_unavailable', 'order_refunded'"


def upgrade() -> None:
    """Apply."""
    _know("fulfillments", "status", f"{PARCELS}, 'cancelled'")
    _know("messages", "kind", f"{MAILS}, 'paid_order_cancelled'")


def downgrade() -> None:
    """Undo."""
    op.execute("DELETE FROM messages WHERE kind = 'paid_order_cancelled'")
    op.execute("UPDATE fulfillments SET status = 'pending' WHERE status = 'cancelled'")
    _know("messages", "kind", MAILS)
    _know("fulfillments", "status", PARCELS)


def _know(table: str, column: str, words: str) -> None:
    name = op.f(f"ck_{table}_{column}_known")
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, f"{column} IN ({words})")
