"""How often a password was tried, and from where each account's owner logs in."""

import sqlalchemy as sa
from alembic import op

revision = "20261203_login_tries"
down_revision = "20261202_stock_holds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "login_tries",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_login_tries")),
    )
    op.create_table(
        "known_addresses",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_known_addresses_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "fingerprint", name=op.f("pk_known_addresses")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("known_addresses")
    op.drop_table("login_tries")
