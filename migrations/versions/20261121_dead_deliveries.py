"""Dead deliveries are counted at each scrape of the metrics: an index of those few."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_dead_deliveries"
down_revision = "20261121_guests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_deliveries_dead", "deliveries", ["queue"], postgresql_where=sa.text("state = 'dead'"))


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_deliveries_dead", table_name="deliveries")
