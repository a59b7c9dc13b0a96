"""The audit log keeps neither a seller's name nor what operators write about money: nobody can delete from it.

What it has already been told stays in it. The release before it is written down the same way.
"""

from alembic import op

revision = "20270108_hidden_notes"
down_revision = "20270107_refunded_orphans"
branch_labels = None
depends_on = None

HIDDEN = {"users": "email, password_hash, full_name, phone", "refunds": "", "payment_reviews": ""}


def upgrade() -> None:
    """Apply."""
    _audit("users", f"{HIDDEN['users']}, shop_name")
    _audit("refunds", "note")
    _audit("payment_reviews", "note")


def downgrade() -> None:
    """Undo."""
    for table, hidden in HIDDEN.items():
        _audit(table, hidden)


def _audit(table: str, hidden: str) -> None:
    op.execute(f"DROP TRIGGER audit ON {table}")
    op.execute(
        f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW"
        " WHEN (current_setting('backroom.operator', true) > '')"
        f" EXECUTE FUNCTION write_audit('id', '{hidden}')"
    )
