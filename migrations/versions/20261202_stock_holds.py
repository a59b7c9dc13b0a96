"""Holds of other channels, by their own references."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261202_stock_holds"
down_revision = "20261201_audit_log"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "stock_holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("items", JSONB(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('active', 'committed', 'released', 'expired')",
            name=op.f("ck_stock_holds_status_known"),
        ),
        sa.CheckConstraint(
            "(status = 'active') = (closed_at IS NULL)", name=op.f("ck_stock_holds_closed_at_given")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["api_keys.id"], name=op.f("fk_stock_holds_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_holds")),
        sa.UniqueConstraint("client_id", "reference", name="uq_stock_holds_client_id_reference"),
    )
    op.create_index(
        "ix_stock_holds_due", "stock_holds", ["hold_until"], postgresql_where=sa.text("status = 'active'")
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("stock_holds")
