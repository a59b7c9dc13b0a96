"""Finding the provider's events that are old enough to be emptied."""

import sqlalchemy as sa
from alembic import op

revision = "20261212_old_events"
down_revision = "20261211_shelves"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    still_told = sa.text("payload <> '{}'::jsonb")
    op.create_index("ix_provider_events_told", "provider_events", ["received_at"], postgresql_where=still_told)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_provider_events_told", table_name="provider_events")
