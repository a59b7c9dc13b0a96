"""An order whose lines have left its cart knows it no longer: the same goods in it are another purchase."""

from alembic import op

revision = "20261123_bought_carts"
down_revision = "20261122_second_attempts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute(
        """
        UPDATE orders SET cart_id = NULL, joined_cart_id = NULL
        WHERE status NOT IN ('pending', 'cancelled') AND coalesce(joined_cart_id, cart_id) IS NOT NULL AND NOT EXISTS (
            SELECT FROM deliveries JOIN events ON events.id = deliveries.event_id
            WHERE deliveries.consumer = 'carts.remove_ordered' AND deliveries.state <> 'done'
              AND events.subject = orders.id::text)
        """
    )


def downgrade() -> None:
    """Undo: nothing, because the release before does not ask for these carts any more."""
