"""Money that comes in several transfers. The release before it makes each of them an object of its own."""

from alembic import op

revision = "20270102_transfers_in_parts"
down_revision = "20270101_bounces"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_bank_transfers_object_id", "bank_transfers", ["object_id"])
    op.drop_constraint(op.f("uq_bank_transfers_object_id"), "bank_transfers", type_="unique")


def downgrade() -> None:
    """Undo."""
    op.create_unique_constraint(op.f("uq_bank_transfers_object_id"), "bank_transfers", ["object_id"])
    op.drop_index("ix_bank_transfers_object_id", table_name="bank_transfers")
