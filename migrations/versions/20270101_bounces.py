"""Addresses that nothing reaches. The release before it knows none, and goes on sending there."""

import sqlalchemy as sa
from alembic import op

revision = "20270101_bounces"
down_revision = "20270102_price_lists"
branch_labels = None
depends_on = None

FORMER = (
    "'stock:read', 'stock:hold', 'catalog:export', 'catalog:import'",
    "'orders:hear', 'services:hear', 'services:notify', 'webhooks:manage'",
)
NAME = "ck_api_keys_scopes_known"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "undeliverable_addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('bounce', 'complaint')", name=op.f("ck_undeliverable_addresses_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_keys.id"], name=op.f("fk_undeliverable_addresses_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undeliverable_addresses")),
        sa.UniqueConstraint("email", name=op.f("uq_undeliverable_addresses_email")),
    )
    op.create_index(
        "ix_undeliverable_addresses_noted_at_id", "undeliverable_addresses", ["noted_at", "id"]
    )
    op.execute(
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON undeliverable_addresses FOR EACH ROW"
        " WHEN (current_setting('backroom.operator', true) > '') EXECUTE FUNCTION write_audit('id', 'email, reason')"
    )
    _know(", 'mail:bounce', ".join(FORMER))


def downgrade() -> None:
    """Undo."""
    op.drop_table("undeliverable_addresses")
    former = ", ".join(FORMER)
    op.execute(f"DELETE FROM api_keys WHERE NOT scopes <@ ARRAY[{former}]")
    _know(former)


def _know(scopes: str) -> None:
    op.drop_constraint(op.f(NAME), "api_keys", type_="check")
    op.create_check_constraint(
        op.f(NAME), "api_keys", f"scopes <@ ARRAY[{scopes}] AND cardinality(scopes) > 0"
    )
