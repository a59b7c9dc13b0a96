"""Orders of guests, and orders whose cart was merged into another.

Follows 20261120_first_sale; suits it too: what it writes has neither.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_guests"
down_revision = "20261120_first_sale"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("orders", sa.Column("guest_token_hash", sa.Text(), nullable=True))
    op.add_column("orders", sa.Column("joined_cart_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_orders_joined_cart_id"), "orders", "carts", ["joined_cart_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index(
        "ix_orders_guest_token_hash_placed_at_id",
        "orders",
        ["guest_token_hash", "placed_at", "id"],
        postgresql_where=sa.text("guest_token_hash IS NOT NULL"),
    )
    op.create_index(
        "ix_orders_joined_cart_id",
        "orders",
        ["joined_cart_id"],
        postgresql_where=sa.text("joined_cart_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_orders_joined_cart_id", table_name="orders")
    op.drop_index("ix_orders_guest_token_hash_placed_at_id", table_name="orders")
    op.drop_constraint(op.f("fk_orders_joined_cart_id"), "orders", type_="foreignkey")
    op.drop_column("orders", "joined_cart_id")
    op.drop_column("orders", "guest_token_hash")
