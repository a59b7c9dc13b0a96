"""Tiers of five times the size of the one before, not ten: search in a category goes less far beyond enough.

Listings stay in their tier until the next count of what sells. The release before it finds nothing in the last two.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261214_finer_tiers"
down_revision = "20261213_sellers"
branch_labels = None
depends_on = None

NEW = (4, 5)


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(op.f("ck_listings_tier_known"), "listings", type_="check")
    op.create_check_constraint(op.f("ck_listings_tier_known"), "listings", "tier BETWEEN 0 AND 5")
    op.alter_column("listings", "tier", server_default="5")
    for tier in NEW:
        op.create_index(
            f"ix_listings_document_{tier}",
            "listings",
            ["document", "facts"],
            postgresql_using="gin",
            postgresql_where=sa.text(f"tier = {tier}"),
        )


def downgrade() -> None:
    """Undo."""
    op.execute("UPDATE listings SET tier = 3 WHERE tier > 3")
    for tier in NEW:
        op.drop_index(f"ix_listings_document_{tier}", "listings")
    op.alter_column("listings", "tier", server_default="3")
    op.drop_constraint(op.f("ck_listings_tier_known"), "listings", type_="check")
    op.create_check_constraint(op.f("ck_listings_tier_known"), "listings", "tier BETWEEN 0 AND 3")
