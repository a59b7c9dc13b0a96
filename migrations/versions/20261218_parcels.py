"""What lies in a parcel, when it was packed, and what of a line is in parcels or never sent.

The release before it packs and sends nothing. What it refunds by units while both run is not withheld from
packing; the doctor names it (I60).
"""

import sqlalchemy as sa
from alembic import op

revision = "20261218_parcels"
down_revision = "20261217_transfers"
branch_labels = None
depends_on = None

TIMES = ("processing_at", "packed_at", "cancelled_at")
FACTS = {
    "packed_at_given": "status <> 'packed' OR packed_at IS NOT NULL",
    "shipped_at_given": "status NOT IN ('shipped', 'delivered') OR shipped_at IS NOT NULL",
    "delivered_at_given": "(status = 'delivered') = (delivered_at IS NOT NULL)",
}
NO_MORE = "least(parcelled, withheld) >= 0 AND parcelled + withheld <= quantity"
WITHHOLD = """
UPDATE order_lines line SET withheld = gone.units FROM (
  SELECT given.order_line_id, sum(given.quantity) AS units
  FROM refund_lines given JOIN refunds refund ON refund.id = given.refund_id
  JOIN orders o ON o.id = refund.order_id
  WHERE refund.status <> 'failed' AND o.status <> 'cancelled' GROUP BY 1
) gone WHERE gone.order_line_id = line.id
"""
END_EMPTY = """
UPDATE fulfillments parcel SET status = 'cancelled', cancelled_at = now()
WHERE parcel.status = 'pending' AND NOT EXISTS (
  SELECT FROM order_lines line WHERE line.order_id = parcel.order_id AND line.seller_id = parcel.seller_id
    AND line.withheld < line.quantity)
"""


def upgrade() -> None:
    """Apply."""
    for name in TIMES:
        op.add_column("fulfillments", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("fulfillments", sa.Column("estimated_delivery", sa.Date(), nullable=True))
    for name, rule in FACTS.items():
        op.create_check_constraint(op.f(f"ck_fulfillments_{name}"), "fulfillments", rule)
    op.create_index("ix_fulfillments_seller_id_id", "fulfillments", ["seller_id", "id"])
    op.create_index("ix_fulfillments_status_id", "fulfillments", ["status", "id"])
    op.drop_index("ix_fulfillments_seller_id", table_name="fulfillments")
    for name in ("parcelled", "withheld"):
        op.add_column("order_lines", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_order_lines_no_more_sent_than_sold"), "order_lines", NO_MORE)
    op.create_table(
        "parcel_lines",
        sa.Column("parcel_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_parcel_lines_quantity_positive")),
        sa.ForeignKeyConstraint(["parcel_id"], ["fulfillments.id"], name=op.f("fk_parcel_lines_parcel_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_parcel_lines_order_line_id")
        ),
        sa.PrimaryKeyConstraint("parcel_id", "order_line_id", name=op.f("pk_parcel_lines")),
    )
    op.create_index("ix_parcel_lines_order_line_id", "parcel_lines", ["order_line_id"])
    op.execute(WITHHOLD)
    op.execute(END_EMPTY)


def downgrade() -> None:
    """Undo."""
    op.drop_table("parcel_lines")
    op.drop_constraint(op.f("ck_order_lines_no_more_sent_than_sold"), "order_lines", type_="check")
    for name in ("parcelled", "withheld"):
        op.drop_column("order_lines", name)
    op.create_index("ix_fulfillments_seller_id", "fulfillments", ["seller_id"])
    op.drop_index("ix_fulfillments_status_id", table_name="fulfillments")
    op.drop_index("ix_fulfillments_seller_id_id", table_name="fulfillments")
    for name in FACTS:
        op.drop_constraint(op.f(f"ck_fulfillments_{name}"), "fulfillments", type_="check")
    for name in ("estimated_delivery", *TIMES):
        op.drop_column("fulfillments", name)
