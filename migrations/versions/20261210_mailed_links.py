"""Which links were mailed, and mails about a wanted address.

The release before it notes no mailed links: those count for nobody's share. It makes no mails of the new kind,
and its workers are never told of one: the task that sends them is new.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261210_mailed_links"
down_revision = "20261209_images"
branch_labels = None
depends_on = None

FORMER_KINDS = (
    "'order_received', 'order_paid', 'order_cancelled', 'order_unavailable', 'order_refunded', 'paid_order_cancelled',"
    " 'password_reset', 'password_changed', 'email_verification', 'email_change', 'email_changed', 'login_ended',"
    " 'export_ready'"
)


def upgrade() -> None:
    """Apply."""
    op.add_column("mail_links", sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True))
    _know(f"{FORMER_KINDS}, 'email_change_asked'")


def downgrade() -> None:
    """Undo."""
    op.execute("DELETE FROM messages WHERE kind = 'email_change_asked'")
    _know(FORMER_KINDS)
    op.drop_column("mail_links", "mailed_at")


def _know(kinds: str) -> None:
    op.drop_constraint(op.f("ck_messages_kind_known"), "messages", type_="check")
    op.create_check_constraint(op.f("ck_messages_kind_known"), "messages", f"kind IN ({kinds})")
