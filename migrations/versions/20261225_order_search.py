"""Orders are found by email, name, SKU and state, and written into files.

The release before it is only slower by what the indexes cost.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261225_order_search"
down_revision = "20261224_coupons"
branch_labels = None
depends_on = None

NAMES = (
    "to_tsvector('simple', coalesce(shipping_address ->> 'name', '')"
    " || ' ' || coalesce(billing_address ->> 'name', ''))"
)


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_orders_lower_email_id", "orders", [sa.text("lower(email)"), "id"])
    op.create_index("ix_orders_status_id", "orders", ["status", "id"])
    op.create_index("ix_orders_payment_status_id", "orders", ["payment_status", "id"])
    op.create_index("ix_orders_names", "orders", [sa.text(NAMES)], postgresql_using="gin")
    op.create_index("ix_order_lines_sku_order_id", "order_lines", ["sku", "order_id"])
    op.create_table(
        "order_exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="running", nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("criteria", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("parts", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("rows_written", sa.Integer(), server_default="0", nullable=False),
        sa.Column("byte_size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_order_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('running', 'done')", name=op.f("ck_order_exports_status_known")),
        sa.CheckConstraint(
            "(status = 'done') = (finished_at IS NOT NULL)", name=op.f("ck_order_exports_finished_at_given")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_exports")),
    )
    op.create_index("ix_order_exports_created_at_id", "order_exports", ["created_at", "id"])
    op.execute(
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE OF status OR DELETE ON order_exports FOR EACH ROW"
        " WHEN (current_setting('backroom.operator', true) > '') EXECUTE FUNCTION write_audit('id', 'criteria')"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("order_exports")
    op.drop_index("ix_order_lines_sku_order_id", table_name="order_lines")
    for name in ("names", "payment_status_id", "status_id", "lower_email_id"):
        op.drop_index(f"ix_orders_{name}", table_name="orders")
