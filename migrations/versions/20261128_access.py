"""Permissions of admins, and API keys for third parties.

The release before it knows neither: to it, every admin may do everything, and a key is nobody.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261128_access"
down_revision = "20261127_payment_reviews"
branch_labels = None
depends_on = None

PERMISSIONS = (
    "permissions <@ ARRAY['catalog', 'orders', 'refunds', 'users', 'operations'] AND cardinality(permissions) > 0"
)
SCOPES = "scopes <@ ARRAY['stock:read', 'stock:hold'] AND cardinality(scopes) > 0"


def upgrade() -> None:
    """Apply."""
    op.add_column("users", sa.Column("permissions", sa.ARRAY(sa.Text()), nullable=True))
    op.create_check_constraint(op.f("ck_users_permissions_known"), "users", PERMISSIONS)
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(SCOPES, name=op.f("ck_api_keys_scopes_known")),
        sa.ForeignKeyConstraint(["client_id"], ["api_keys.id"], name=op.f("fk_api_keys_client_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["users.id"], name=op.f("fk_api_keys_seller_id")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_api_keys_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_keys_prefix")),
    )
    op.create_index(op.f("ix_api_keys_client_id"), "api_keys", ["client_id"])
    op.create_index("ix_api_keys_created_at_id", "api_keys", ["created_at", "id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("api_keys")
    op.drop_column("users", "permissions")
