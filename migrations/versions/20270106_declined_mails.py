"""Mails that somebody wants no more, by their kinds. The release before it sends them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "20270106_declined_mails"
down_revision = "20270105_texts"
branch_labels = None
depends_on = None

KNOWN = "declined_mails <@ ARRAY['back_in_stock', 'low_stock', 'service_alert']"


def upgrade() -> None:
    """Apply."""
    op.add_column("users", sa.Column("declined_mails", ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.create_check_constraint(op.f("ck_users_declined_mails_known"), "users", KNOWN)


def downgrade() -> None:
    """Undo."""
    op.drop_constraint(op.f("ck_users_declined_mails_known"), "users", type_="check")
    op.drop_column("users", "declined_mails")
