"""Buyers are told that a parcel is on its way, and that all has come.

The release before it sends nothing, and so has nothing to tell.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261219_parcel_mails"
down_revision = "20261219_keys_of_the_catalog"
branch_labels = None
depends_on = None

FORMER_ORDER_KINDS = (
    "'order_received', 'order_paid', 'order_cancelled', 'order_unavailable', 'order_refunded', 'paid_order_cancelled'"
)
NEW_KINDS = "'order_shipped', 'order_delivered'"
OTHER_KINDS = (
    "'password_reset', 'password_changed', 'email_verification', 'email_change', 'email_change_asked',"
    " 'email_changed', 'login_ended', 'export_ready', 'seller_approved', 'seller_rejected', 'low_stock', 'back_in_stock'"
)


def upgrade() -> None:
    """Apply."""
    op.add_column("messages", sa.Column("parcel_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_messages_parcel_id"), "messages", "fulfillments", ["parcel_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_messages_parcel_given"), "messages", "(kind = 'order_shipped') = (parcel_id IS NOT NULL)"
    )
    _know(f"{FORMER_ORDER_KINDS}, {NEW_KINDS}, {OTHER_KINDS}")


def downgrade() -> None:
    """Undo."""
    op.execute(f"DELETE FROM messages WHERE kind IN ({NEW_KINDS})")
    op.drop_column("messages", "parcel_id")
    _know(f"{FORMER_ORDER_KINDS}, {OTHER_KINDS}")


def _know(kinds: str) -> None:
    op.drop_constraint(op.f("ck_messages_kind_known"), "messages", type_="check")
    op.create_check_constraint(op.f("ck_messages_kind_known"), "messages", f"kind IN ({kinds})")
