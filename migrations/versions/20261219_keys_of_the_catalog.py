"""API keys that import and export the catalog. The release before it gives none, and has no call for them."""

from alembic import op

revision = "20261219_keys_of_the_catalog"
down_revision = "20261218_parcels"
branch_labels = None
depends_on = None

FORMER = "'stock:read', 'stock:hold'"
NAME = "ck_api_keys_scopes_known"


def upgrade() -> None:
    """Apply."""
    _know(f"{FORMER}, 'catalog:export', 'catalog:import'")


def downgrade() -> None:
    """Undo."""
    op.execute(f"DELETE FROM api_keys WHERE NOT scopes <@ ARRAY[{FORMER}]")
    _know(FORMER)


def _know(scopes: str) -> None:
    op.drop_constraint(op.f(NAME), "api_keys", type_="check")
    op.create_check_constraint(
        op.f(NAME), "api_keys", f"scopes <@ ARRAY[{scopes}] AND cardinality(scopes) > 0"
    )
