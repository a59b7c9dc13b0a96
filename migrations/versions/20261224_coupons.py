"""Coupons: what they give, who used them how often, and which orders did.

The release before it knows none, and so neither reserves nor refuses any.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261224_coupons"
down_revision = "20261223_return_mails"
branch_labels = None
depends_on = None

COUNTED = "least(reserved, used) >= 0 AND reserved + used <= "
COUPON_RULES = {
    "code_normal": "code ~ '^[A-Z0-9][A-Z0-9_-]{2,39}$'",
    "kind_known": "kind IN ('percentage', 'amount', 'free_shipping')",
    "scope_known": "scope IN ('all', 'categories', 'products', 'sellers')",
    "scope_ids_given": "(scope = 'all') = (cardinality(scope_ids) = 0)",
    "basis_points_given": "(kind = 'percentage') = (basis_points IS NOT NULL)",
    "amount_given": "(kind = 'amount') = (amount IS NOT NULL)",
    "basis_points_known": "basis_points BETWEEN 1 AND 10000",
    "amounts_not_negative": "amount > 0 AND minimum_amount >= 0",
    "currency_given": "currency IS NOT NULL OR num_nonnulls(amount, minimum_amount) = 0",
    "window_in_order": "starts_at < ends_at",
    "limits_positive": "least(uses_limit, customer_limit) > 0",
    "uses_limited": f"{COUNTED}uses_limit",
}
USE_RULES = {
    "status_known": "status IN ('reserved', 'used', 'released')",
    "closed_at_given": "(status = 'reserved') = (closed_at IS NULL)",
    "discount_not_negative": "discount_amount >= 0",
}


def upgrade() -> None:
    """Apply."""
    now = sa.text("now()")
    op.create_table(
        "coupons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.CHAR(3), nullable=True),
        sa.Column("minimum_amount", sa.BigInteger(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uses_limit", sa.Integer(), nullable=True),
        sa.Column("customer_limit", sa.Integer(), nullable=True),
        *_counters(),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        *_rules("coupons", COUPON_RULES),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupons")),
        sa.UniqueConstraint("code", name=op.f("uq_coupons_code")),
    )
    op.create_table(
        "coupon_customers",
        sa.Column("coupon_id", sa.Uuid(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=True),
        *_counters(),
        *_rules("coupon_customers", {"uses_limited": f"{COUNTED}allowed"}),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupons.id"], name=op.f("fk_coupon_customers_coupon_id")),
        sa.PrimaryKeyConstraint("coupon_id", "customer", name=op.f("pk_coupon_customers")),
    )
    op.create_table(
        "coupon_uses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coupon_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="reserved", nullable=False),
        sa.Column("discount_amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        *_rules("coupon_uses", USE_RULES),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupons.id"], name=op.f("fk_coupon_uses_coupon_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_coupon_uses_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_uses")),
        sa.UniqueConstraint("order_id", name=op.f("uq_coupon_uses_order_id")),
    )
    op.create_index("ix_coupon_uses_coupon_id_id", "coupon_uses", ["coupon_id", "id"])
    op.create_index(
        "ix_coupon_uses_cart_id",
        "coupon_uses",
        ["cart_id"],
        postgresql_where=sa.text("status = 'reserved'"),
    )
    for table in ("carts", "orders"):
        op.add_column(table, sa.Column("coupon_code", sa.Text(), nullable=True))
    op.execute(
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON coupons FOR EACH ROW"
        " WHEN (current_setting('backroom.operator', true) > '') EXECUTE FUNCTION write_audit('id', '')"
    )


def _counters() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), server_default="0", nullable=False) for name in ("reserved", "used")]


def _rules(table: str, rules: dict[str, str]) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()]


def downgrade() -> None:
    """Undo."""
    for table in ("carts", "orders"):
        op.drop_column(table, "coupon_code")
    for table in ("coupon_uses", "coupon_customers", "coupons"):
        op.drop_table(table)
