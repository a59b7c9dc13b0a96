"""Refunds of units say what was charged for them.

The release before it does not: of those it is reckoned by their number.
"""

import sqlalchemy as sa
from alembic import op

revision = "20270101_refunded_units"
down_revision = "20261231_pickup"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("refund_lines", sa.Column("amount", sa.BigInteger(), nullable=True))
    op.create_check_constraint(op.f("ck_refund_lines_amount_not_negative"), "refund_lines", "amount >= 0")


def downgrade() -> None:
    """Undo."""
    op.drop_column("refund_lines", "amount")
