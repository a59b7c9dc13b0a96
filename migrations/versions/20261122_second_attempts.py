"""Hosted sessions beside intents, and payments that wait for another one's end.

The release before it makes no payment that waits, and so finds one live payment per order as it did. Where it runs
beside this one and meets an order that has both, it fails; its workers' work is then tried again by the new one's.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_second_attempts"
down_revision = "20261121_dead_deliveries"
branch_labels = None
depends_on = None

LIVE = "status IN ('creating', 'open', 'processing')"


def upgrade() -> None:
    """Apply."""
    op.add_column("payments", sa.Column("session_id", sa.Text(), nullable=True))
    op.add_column("payments", sa.Column("waits_for_id", sa.Uuid(), nullable=True))
    op.create_unique_constraint(op.f("uq_payments_session_id"), "payments", ["session_id"])
    op.create_foreign_key(
        op.f("fk_payments_waits_for_id"), "payments", "payments", ["waits_for_id"], ["id"]
    )
    op.drop_index("uq_payments_live", table_name="payments", postgresql_where=sa.text(LIVE))
    op.create_index(
        "uq_payments_live",
        "payments",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text(f"{LIVE} AND waits_for_id IS NULL"),
    )
    op.create_index(
        "uq_payments_waiting",
        "payments",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text(f"{LIVE} AND waits_for_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("uq_payments_waiting", table_name="payments")
    op.drop_index("uq_payments_live", table_name="payments")
    op.create_index(
        "uq_payments_live", "payments", ["order_id"], unique=True, postgresql_where=sa.text(LIVE)
    )
    op.drop_constraint(op.f("fk_payments_waits_for_id"), "payments", type_="foreignkey")
    op.drop_constraint(op.f("uq_payments_session_id"), "payments", type_="unique")
    op.drop_column("payments", "waits_for_id")
    op.drop_column("payments", "session_id")
