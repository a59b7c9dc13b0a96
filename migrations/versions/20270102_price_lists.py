"""Prices of variants in other currencies than the shop's own, and what the prices in carts are in.

The release before it sells in the one currency, and knows neither.
"""

import sqlalchemy as sa
from alembic import op

revision = "20270102_price_lists"
down_revision = "20270101_refunded_units"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "variant_prices",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("compare_at_amount", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "amount BETWEEN 1 AND 99999999", name=op.f("ck_variant_prices_amount_chargeable")
        ),
        sa.CheckConstraint(
            "compare_at_amount > amount", name=op.f("ck_variant_prices_compare_at_above_amount")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["variants.id"],
            name=op.f("fk_variant_prices_variant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("variant_id", "currency", name=op.f("pk_variant_prices")),
    )
    op.execute(
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON variant_prices FOR EACH ROW"
        " WHEN (current_setting('backroom.operator', true) > '')"
        " EXECUTE FUNCTION write_audit('variant_id', '')"
    )
    op.add_column("cart_items", sa.Column("currency", sa.CHAR(3), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("cart_items", "currency")
    op.drop_table("variant_prices")
