"""Findings about money without a payment that was given back. The release before it gives none back."""

from alembic import op

revision = "20270107_refunded_orphans"
down_revision = "20270106_declined_mails"
branch_labels = None
depends_on = None

FORMER = "'settled', 'closed', 'kept', 'reviewed', 'nothing', 'failed'"
NAME = "ck_reconciliation_findings_action_known"


def upgrade() -> None:
    """Apply."""
    _know(f"{FORMER}, 'refunded'")


def downgrade() -> None:
    """Undo."""
    op.execute("UPDATE reconciliation_findings SET action = 'nothing' WHERE action = 'refunded'")
    _know(FORMER)


def _know(actions: str) -> None:
    op.drop_constraint(op.f(NAME), "reconciliation_findings", type_="check")
    op.create_check_constraint(op.f(NAME), "reconciliation_findings", f"action IN ({actions})")
