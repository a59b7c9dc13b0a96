"""Tax by country, region and category, and what each line of an order and its shipping have of discount and tax.

What former orders have of tax is split among their lines and shipping as refunds of units did until now; at
which rate is not known any more. The release before it taxes everything at one rate, added to the prices. What
it sells while both run has its tax on the order alone; the doctor names it (I71).
"""

import sqlalchemy as sa
from alembic import op

revision = "20261220_taxes"
down_revision = "20261219_parcel_mails"
branch_labels = None
depends_on = None

ORDERS = {
    "shipping_discount_possible": "shipping_discount_amount BETWEEN 0 AND shipping_amount",
    "shipping_tax_possible": "shipping_tax_amount >= 0 AND shipping_tax_basis_points >= 0",
}
LINES = {
    "discount_possible": "discount_amount BETWEEN 0 AND line_total_amount",
    "tax_possible": "tax_amount >= 0 AND tax_basis_points >= 0",
}
SUM = "total_amount = subtotal_amount - discount_amount + shipping_amount"
ADDED = "CASE WHEN prices_include_tax THEN 0 ELSE tax_amount END"
HIDDEN = "email, shipping_address, billing_address, gift_message, guest_token_hash"

SHARES = """
CREATE TEMP TABLE tax_shares ON COMMIT DROP AS
WITH parts AS (
  SELECT o.id AS order_id, o.tax_amount AS tax, line.id AS line_id, line.position, line.line_total_amount AS weight
  FROM orders o JOIN order_lines line ON line.order_id = o.id WHERE o.tax_amount > 0
  UNION ALL
  SELECT id, tax_amount, NULL, 2147483647, shipping_amount FROM orders WHERE tax_amount > 0
), whole AS (
  SELECT *, sum(weight) OVER (PARTITION BY order_id) AS weights FROM parts
), floors AS (
  SELECT *, div(tax * weight, weights) AS least, row_number() OVER (
    PARTITION BY order_id ORDER BY mod(tax * weight, weights) DESC, position) AS place
  FROM whole WHERE weights > 0
)
SELECT order_id, line_id, least + (place <= tax - sum(least) OVER (PARTITION BY order_id))::int AS amount
FROM floors
"""
SPLIT = (
    SHARES,
    """
    UPDATE order_lines SET tax_amount = share.amount FROM tax_shares share
    WHERE share.line_id = order_lines.id AND share.amount > 0
    """,
    """
    UPDATE orders SET shipping_tax_amount = share.amount FROM tax_shares share
    WHERE share.line_id IS NULL AND share.order_id = orders.id AND share.amount > 0
    """,
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "tax_zones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("shipping_category", sa.Text(), nullable=True),
        sa.Column("exempts_tax_numbers", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.UniqueConstraint("country", "region", name="uq_tax_zones_country_region"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_zones")),
    )
    op.create_index(
        "uq_tax_zones_default", "tax_zones", ["is_default"], unique=True, postgresql_where=sa.text("is_default")
    )
    op.create_table(
        "tax_rates",
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("basis_points", sa.Numeric(8, 3), nullable=False),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name=op.f("ck_tax_rates_basis_points_possible")),
        sa.ForeignKeyConstraint(["zone_id"], ["tax_zones.id"], name=op.f("fk_tax_rates_zone_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("zone_id", "category", name=op.f("pk_tax_rates")),
    )
    for table, key in (("tax_zones", "id"), ("tax_rates", "zone_id")):
        _audit(table, key, "")
    op.add_column("products", sa.Column("tax_category", sa.Text(), server_default="standard", nullable=False))
    _keep_amounts()
    for statement in SPLIT:
        op.execute(statement)


def _keep_amounts() -> None:
    op.add_column("orders", sa.Column("prices_include_tax", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("orders", sa.Column("tax_number", sa.Text(), nullable=True))
    for table, name in (
        ("orders", "shipping_discount_amount"),
        ("orders", "shipping_tax_amount"),
        ("order_lines", "discount_amount"),
        ("order_lines", "tax_amount"),
    ):
        op.add_column(table, sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    for table, name in (("orders", "shipping_tax_basis_points"), ("order_lines", "tax_basis_points")):
        op.add_column(table, sa.Column(name, sa.Numeric(8, 3), server_default="0", nullable=False))
    op.drop_constraint(op.f("ck_orders_total_adds_up"), "orders", type_="check")
    op.create_check_constraint(op.f("ck_orders_total_adds_up"), "orders", f"{SUM} + {ADDED}")
    for table, rules in (("orders", ORDERS), ("order_lines", LINES)):
        for name, rule in rules.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    op.execute("DROP TRIGGER audit ON orders")
    _audit("orders", "id", f"{HIDDEN}, tax_number")


def _audit(table: str, key: str, hidden: str) -> None:
    op.execute(
        f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW"
        " WHEN (current_setting('backroom.operator', true) > '')"
        f" EXECUTE FUNCTION write_audit('{key}', '{hidden}')"
    )


def downgrade() -> None:
    """Undo. Orders whose prices contain the tax cannot be told by the release before it."""
    op.execute("DROP TRIGGER audit ON orders")
    _audit("orders", "id", HIDDEN)
    op.drop_constraint(op.f("ck_orders_total_adds_up"), "orders", type_="check")
    for table, rules in (("orders", ORDERS), ("order_lines", LINES)):
        for name in rules:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    for name in ("discount_amount", "tax_amount", "tax_basis_points"):
        op.drop_column("order_lines", name)
    for name in ("discount_amount", "tax_amount", "tax_basis_points"):
        op.drop_column("orders", f"shipping_{name}")
    op.execute("UPDATE orders SET tax_amount = 0 WHERE prices_include_tax")
    op.drop_column("orders", "prices_include_tax")
    op.drop_column("orders", "tax_number")
    op.create_check_constraint(op.f("ck_orders_total_adds_up"), "orders", f"{SUM} + tax_amount")
    op.drop_column("products", "tax_category")
    op.drop_table("tax_rates")
    op.drop_table("tax_zones")
