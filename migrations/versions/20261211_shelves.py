"""Each category's listings in every order, so that a page of it costs the same wherever they stand among all.

The release before it writes listings without their own category: the nightly rebuild adds it.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261211_shelves"
down_revision = "20261210_mailed_links"
branch_labels = None
depends_on = None

ORDERS = {
    "newest": "created_at",
    "price": "lowest_amount",
    "name": "sort_name",
    "rating": "rating_average",
    "popularity": "popularity",
}


def upgrade() -> None:
    """Apply."""
    op.add_column("listings", sa.Column("category_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE listings SET category_id = products.category_id FROM products WHERE products.id = product_id"
    )
    for name, column in ORDERS.items():
        op.create_index(f"ix_listings_category_{name}", "listings", ["category_id", column, "product_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_column("listings", "category_id")
