"""Accounts that their owners deleted, and when the holder of a login last gave the password.

The release before it deletes no account, and lets nobody in whose status is not `active`. Its logins have said
their password when they began.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261128_closed_accounts"
down_revision = "20261128_addresses"
branch_labels = None
depends_on = None

KNOWN = "ck_users_status_known"


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(op.f(KNOWN), "users", type_="check")
    op.create_check_constraint(op.f(KNOWN), "users", "status IN ('active', 'suspended', 'deleted')")
    op.add_column("users", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_users_deleted_at_given"), "users", "(status = 'deleted') = (deleted_at IS NOT NULL)"
    )
    op.create_index(
        "ix_users_deleted_at", "users", ["deleted_at"], postgresql_where=sa.text("deleted_at IS NOT NULL")
    )
    op.add_column(
        "user_sessions",
        sa.Column(
            "authenticated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
    )
    op.execute("UPDATE user_sessions SET authenticated_at = created_at")


def downgrade() -> None:
    """Undo."""
    op.drop_column("user_sessions", "authenticated_at")
    op.drop_index("ix_users_deleted_at", table_name="users")
    op.drop_constraint(op.f("ck_users_deleted_at_given"), "users", type_="check")
    op.drop_column("users", "deleted_at")
    op.execute("UPDATE users SET status = 'suspended' WHERE status = 'deleted'")
    op.drop_constraint(op.f(KNOWN), "users", type_="check")
    op.create_check_constraint(op.f(KNOWN), "users", "status IN ('active', 'suspended')")
