"""Who wants to sell, under which name, and what of an order is whose.

The release before it shows sellers by their own names, and tells nobody what became of an application: its
workers do not know these mails, and are told of none, as the routes that decide are new.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261213_sellers"
down_revision = "20261212_old_events"
branch_labels = None
depends_on = None

FORMER_KINDS = (
    "'order_received', 'order_paid', 'order_cancelled', 'order_unavailable', 'order_refunded', 'paid_order_cancelled',"
    " 'password_reset', 'password_changed', 'email_verification', 'email_change', 'email_change_asked',"
    " 'email_changed', 'login_ended', 'export_ready'"
)
SELLER_MAILS = "'seller_approved', 'seller_rejected'"


def upgrade() -> None:
    """Apply."""
    op.add_column("users", sa.Column("shop_name", sa.Text(), nullable=True))
    op.create_table(
        "seller_applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("shop_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("reject_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'approved', 'rejected')", name=op.f("ck_seller_applications_status_known")
        ),
        sa.CheckConstraint(
            "(status = 'pending') = (decided_at IS NULL)",
            name=op.f("ck_seller_applications_decided_at_given"),
        ),
        sa.CheckConstraint(
            "(status = 'rejected') = (reject_reason IS NOT NULL)",
            name=op.f("ck_seller_applications_reject_reason_given"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_seller_applications_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seller_applications")),
    )
    op.create_index(
        "ix_seller_applications_user_id_created_at", "seller_applications", ["user_id", "created_at"]
    )
    op.create_index(
        "ix_seller_applications_status_created_at_id", "seller_applications", ["status", "created_at", "id"]
    )
    op.create_index(
        "uq_seller_applications_pending",
        "seller_applications",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.execute(
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON seller_applications FOR EACH ROW"
        " WHEN (current_setting('backroom.operator', true) > '')"
        " EXECUTE FUNCTION write_audit('id', 'shop_name, text')"
    )
    op.create_index("ix_order_lines_seller_id_order_id", "order_lines", ["seller_id", "order_id"])
    _know(f"{FORMER_KINDS}, {SELLER_MAILS}")


def downgrade() -> None:
    """Undo."""
    op.execute(f"DELETE FROM messages WHERE kind IN ({SELLER_MAILS})")
    _know(FORMER_KINDS)
    op.drop_index("ix_order_lines_seller_id_order_id", table_name="order_lines")
    op.drop_table("seller_applications")
    op.drop_column("users", "shop_name")


def _know(kinds: str) -> None:
    op.drop_constraint(op.f("ck_messages_kind_known"), "messages", type_="check")
    op.create_check_constraint(op.f("ck_messages_kind_known"), "messages", f"kind IN ({kinds})")
