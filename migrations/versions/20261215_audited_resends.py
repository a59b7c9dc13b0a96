"""Operators who have a mail sent again, or an event of Stripe processed again, are in the audit log.

The release before it is written down the same way: the database does it.
"""

from alembic import op

revision = "20261215_audited_resends"
down_revision = "20261214_finer_tiers"
branch_labels = None
depends_on = None

HIDDEN_OF_ORDERS = "email, shipping_address, billing_address, gift_message"
BY_OPERATORS = "current_setting('backroom.operator', true) > ''"


def upgrade() -> None:
    """Apply."""
    _audit("audit", "UPDATE ON messages", BY_OPERATORS, "recipient, provider_answer, last_error")
    # Other work follows from acts that are told anyway; here the work is the act.
    again = f"NEW.consumer = 'settlement.process_event' AND {BY_OPERATORS}"
    _audit("audit_replays", "INSERT ON deliveries", again, "")
    op.execute("DROP TRIGGER audit ON orders")
    _audit(
        "audit", "INSERT OR UPDATE OR DELETE ON orders", BY_OPERATORS, f"{HIDDEN_OF_ORDERS}, guest_token_hash"
    )


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TRIGGER audit ON orders")
    _audit("audit", "INSERT OR UPDATE OR DELETE ON orders", BY_OPERATORS, f"{HIDDEN_OF_ORDERS}, token_hash")
    op.execute("DROP TRIGGER audit_replays ON deliveries")
    op.execute("DROP TRIGGER audit ON messages")


def _audit(name: str, what: str, when: str, hidden: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} AFTER {what} FOR EACH ROW WHEN ({when})"
        f" EXECUTE FUNCTION write_audit('id', '{hidden}')"
    )
