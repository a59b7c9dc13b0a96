"""Goods that come back: what a buyer asks for, and what of a line is on its way back or here again.

The release before it knows no returns; what it refunds was not sent, or is counted as if it had not been.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261223_returns"
down_revision = "20261222_feed"
branch_labels = None
depends_on = None

STATES = "'requested', 'approved', 'rejected', 'received', 'withdrawn'"
ENDS = ("rejected", "received", "withdrawn")
REASONS = "'damaged', 'wrong_item', 'not_as_described', 'no_longer_wanted', 'other'"
NO_MORE = "returned BETWEEN 0 AND parcelled"


def _at(name: str) -> "sa.Column[sa.DateTime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "returns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="requested", nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column(
            "requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        *(_at(f"{name}_at") for name in ("approved", *ENDS)),
        sa.CheckConstraint(f"status IN ({STATES})", name=op.f("ck_returns_status_known")),
        *(
            sa.CheckConstraint(
                f"(status = '{name}') = ({name}_at IS NOT NULL)", name=op.f(f"ck_returns_{name}_at_given")
            )
            for name in ENDS
        ),
        sa.CheckConstraint(
            "refund_id IS NULL OR status = 'received'", name=op.f("ck_returns_refund_of_what_came")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_returns_order_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["users.id"], name=op.f("fk_returns_seller_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_returns_refund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_returns_refund_id")),
    )
    op.create_index("ix_returns_order_id", "returns", ["order_id"])
    op.create_index("ix_returns_seller_id_id", "returns", ["seller_id", "id"])
    op.create_index("ix_returns_status_id", "returns", ["status", "id"])
    op.create_table(
        "return_lines",
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("received", sa.Integer(), server_default="0", nullable=False),
        sa.Column("restock", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_lines_quantity_positive")),
        sa.CheckConstraint(
            "received BETWEEN 0 AND quantity", name=op.f("ck_return_lines_received_within_quantity")
        ),
        sa.CheckConstraint(f"reason IN ({REASONS})", name=op.f("ck_return_lines_reason_known")),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_return_lines_return_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_return_lines_order_line_id")
        ),
        sa.PrimaryKeyConstraint("return_id", "order_line_id", name=op.f("pk_return_lines")),
    )
    op.create_index("ix_return_lines_order_line_id", "return_lines", ["order_line_id"])
    op.add_column("order_lines", sa.Column("returned", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_order_lines_no_more_returned_than_sent"), "order_lines", NO_MORE)
    op.add_column("refund_lines", sa.Column("came_back", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("refunds", sa.Column("shipping_amount", sa.BigInteger(), server_default="0", nullable=False))
    op.create_check_constraint(
        op.f("ck_refunds_shipping_within_amount"), "refunds", "shipping_amount BETWEEN 0 AND amount"
    )
    op.execute(
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON returns FOR EACH ROW"
        " WHEN (current_setting('backroom.operator', true) > '') EXECUTE FUNCTION write_audit('id', 'comment, note')"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_constraint(op.f("ck_refunds_shipping_within_amount"), "refunds", type_="check")
    op.drop_column("refunds", "shipping_amount")
    op.drop_column("refund_lines", "came_back")
    op.drop_constraint(op.f("ck_order_lines_no_more_returned_than_sent"), "order_lines", type_="check")
    op.drop_column("order_lines", "returned")
    op.drop_table("return_lines")
    op.drop_table("returns")
