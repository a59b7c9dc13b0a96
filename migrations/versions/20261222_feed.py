"""The log of events is read in the order of its transactions, too.

Nobody writes events while the index is made, some seconds for millions of them. Who cannot wait makes it
before: CREATE INDEX CONCURRENTLY ix_events_xid_sequence ON events (xid, sequence).
"""

from alembic import op

revision = "20261222_feed"
down_revision = "20261221_stores"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_events_xid_sequence", "events", ["xid", "sequence"], if_not_exists=True)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_events_xid_sequence", table_name="events")
