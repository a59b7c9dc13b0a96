"""What the nightly examination has found."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_invariant_checks"
down_revision = "20261126_moments_of_stock"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "invariant_checks",
        sa.Column("invariant", sa.Text(), nullable=False),
        sa.Column("violations", sa.Integer(), nullable=False),
        sa.Column(
            "checked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("violations >= 0", name=op.f("ck_invariant_checks_violations_not_negative")),
        sa.PrimaryKeyConstraint("invariant", name=op.f("pk_invariant_checks")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("invariant_checks")
