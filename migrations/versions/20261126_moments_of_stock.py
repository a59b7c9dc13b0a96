"""Stock tells when within its transaction it moved, as events do, so that a timeline has them in their order."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_moments_of_stock"
down_revision = "20261126_called_off"
branch_labels = None
depends_on = None

MOMENTS = (("stock_movements", "moved_at"), ("reservations", "reserved_at"))


def upgrade() -> None:
    """Apply."""
    for table, column in MOMENTS:
        op.alter_column(table, column, server_default=sa.text("clock_timestamp()"))


def downgrade() -> None:
    """Undo."""
    for table, column in MOMENTS:
        op.alter_column(table, column, server_default=sa.text("now()"))
