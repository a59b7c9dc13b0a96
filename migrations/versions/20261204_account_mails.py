"""Links in mails about an account, and messages that are about no order.

The release before it makes no such messages; its workers would not know what a message without an order is about,
and are never told of one: the tasks that send them are new.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261204_account_mails"
down_revision = "20261203_wallets"
branch_labels = None
depends_on = None

ORDER_MAILS = (
    "'order_received', 'order_paid', 'order_cancelled', 'order_unavailable', 'order_refunded', 'paid_order_cancelled'"
)
ACCOUNT_MAILS = (
    "'password_reset', 'password_changed', 'email_verification', 'email_change', 'email_changed',"
    " 'login_ended', 'export_ready'"
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "mail_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("old_email", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('password_reset', 'email_verification', 'email_change')",
            name=op.f("ck_mail_links_purpose_known"),
        ),
        sa.CheckConstraint("(user_id IS NULL) = (email IS NULL)", name=op.f("ck_mail_links_email_given")),
        sa.CheckConstraint(
            "(purpose = 'email_change') = (old_email IS NOT NULL)", name=op.f("ck_mail_links_old_email_given")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_mail_links_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_links")),
    )
    op.create_index("ix_mail_links_user_id", "mail_links", ["user_id"])
    op.create_index("ix_mail_links_expires_at", "mail_links", ["expires_at"])
    op.create_index("ix_user_sessions_expires_at", "user_sessions", ["expires_at"])
    op.alter_column("messages", "order_id", nullable=True)
    op.add_column("messages", sa.Column("user_id", sa.Uuid(), nullable=True))
    op.add_column("messages", sa.Column("about", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_messages_user_id"), "messages", "users", ["user_id"], ["id"])
    op.create_index("ix_messages_user_id", "messages", ["user_id"])
    op.create_check_constraint(
        op.f("ck_messages_subject_given"),
        "messages",
        "(order_id IS NULL) = (about IS NOT NULL) AND (user_id IS NULL) = (about IS NULL)",
    )
    _know(f"{ORDER_MAILS}, {ACCOUNT_MAILS}")


def downgrade() -> None:
    """Undo."""
    op.execute("DELETE FROM messages WHERE order_id IS NULL")
    _know(ORDER_MAILS)
    op.drop_constraint(op.f("ck_messages_subject_given"), "messages", type_="check")
    op.drop_index("ix_messages_user_id", table_name="messages")
    op.drop_constraint(op.f("fk_messages_user_id"), "messages", type_="foreignkey")
    op.drop_column("messages", "about")
    op.drop_column("messages", "user_id")
    op.alter_column("messages", "order_id", nullable=False)
    op.drop_index("ix_user_sessions_expires_at", table_name="user_sessions")
    op.drop_table("mail_links")


def _know(kinds: str) -> None:
    op.drop_constraint(op.f("ck_messages_kind_known"), "messages", type_="check")
    op.create_check_constraint(op.f("ck_messages_kind_known"), "messages", f"kind IN ({kinds})")
