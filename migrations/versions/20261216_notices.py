"""Who is told that a variant is low on stock, or back.

The release before it tells nobody: its workers do not know these mails, and the tasks that send them are new.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261216_notices"
down_revision = "20261215_audited_resends"
branch_labels = None
depends_on = None

FORMER_KINDS = (
    "'order_received', 'order_paid', 'order_cancelled', 'order_unavailable', 'order_refunded', 'paid_order_cancelled',"
    " 'password_reset', 'password_changed', 'email_verification', 'email_change', 'email_change_asked',"
    " 'email_changed', 'login_ended', 'export_ready', 'seller_approved', 'seller_rejected'"
)
STOCK_MAILS = "'low_stock', 'back_in_stock'"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "stock_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('low_stock', 'back_in_stock')", name=op.f("ck_stock_notices_kind_known")),
        sa.CheckConstraint(
            "kind = 'back_in_stock' OR told_at IS NOT NULL", name=op.f("ck_stock_notices_told_at_once")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_stock_notices_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_stock_notices_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_notices")),
    )
    op.create_index(
        "uq_stock_notices_waiting",
        "stock_notices",
        ["variant_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.create_index("ix_stock_notices_user_id", "stock_notices", ["user_id"])
    _know(f"{FORMER_KINDS}, {STOCK_MAILS}")


def downgrade() -> None:
    """Undo."""
    op.execute(f"DELETE FROM messages WHERE kind IN ({STOCK_MAILS})")
    _know(FORMER_KINDS)
    op.drop_table("stock_notices")


def _know(kinds: str) -> None:
    op.drop_constraint(op.f("ck_messages_kind_known"), "messages", type_="check")
    op.create_check_constraint(op.f("ck_messages_kind_known"), "messages", f"kind IN ({kinds})")
