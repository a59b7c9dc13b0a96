"""Money that comes to the shop's own account, or leaves it, as operators note it.

The release before it makes no payment of this kind, and leaves those alone that it finds.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261229_bank_transfers"
down_revision = "20261228_shipping_zones"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "bank_transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_bank_transfers_amount_positive")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_bank_transfers_payment_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_bank_transfers_refund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_transfers")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_bank_transfers_refund_id")),
        sa.UniqueConstraint("object_id", name=op.f("uq_bank_transfers_object_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_bank_transfers_reference")),
    )
    op.create_index("ix_bank_transfers_payment_id", "bank_transfers", ["payment_id"])
    op.execute(
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON bank_transfers FOR EACH ROW"
        " WHEN (current_setting('backroom.operator', true) > '') EXECUTE FUNCTION write_audit('id', '')"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("bank_transfers")
