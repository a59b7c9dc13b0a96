"""What users have saved at the provider: the customer that each of them is there, and their payment methods."""

import sqlalchemy as sa
from alembic import op

revision = "20261203_wallets"
down_revision = "20261203_login_tries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "provider_customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ask_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_provider_customers_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_customers")),
        sa.UniqueConstraint("user_id", name=op.f("uq_provider_customers_user_id")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_provider_customers_provider_id")),
    )
    op.create_index(
        "ix_provider_customers_ask_after",
        "provider_customers",
        ["ask_after"],
        postgresql_where=sa.text("ask_after IS NOT NULL"),
    )
    op.create_table(
        "saved_methods",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("last4", sa.Text(), nullable=True),
        sa.Column("exp_month", sa.Integer(), nullable=True),
        sa.Column("exp_year", sa.Integer(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "NOT is_default OR removed_at IS NULL", name=op.f("ck_saved_methods_removed_no_default")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["provider_customers.id"],
            name=op.f("fk_saved_methods_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_methods")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_saved_methods_provider_id")),
    )
    op.create_index("ix_saved_methods_customer_id", "saved_methods", ["customer_id"])
    op.create_index(
        "uq_saved_methods_default",
        "saved_methods",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("saved_methods")
    op.drop_table("provider_customers")
