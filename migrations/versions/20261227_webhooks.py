"""Webhooks to third parties, and notices of other services. The release before it knows none."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261227_webhooks"
down_revision = "20261226_documents"
branch_labels = None
depends_on = None

FORMER = "'stock:read', 'stock:hold', 'catalog:export', 'catalog:import'"
NEW = "'orders:hear', 'services:hear', 'services:notify', 'webhooks:manage'"
NAME = "ck_api_keys_scopes_known"
AUDITED = {"webhook_endpoints": ("", "url"), "webhook_secrets": ("", ""), "webhook_messages": (" OF round", "data")}


def _moment(name: str, *, given: bool = True) -> "sa.Column[sa.DateTime]":
    default = sa.text("now()") if given else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not given)


def _id(name: str = "id") -> "sa.Column[sa.Uuid]":
    return sa.Column(name, sa.Uuid(), nullable=False)


def _points(table: str, column: str, to: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    """Apply."""
    _know(f"{FORMER}, {NEW}")
    _endpoints()
    _messages()
    _notices()
    for table, (what, hidden) in AUDITED.items():
        op.execute(
            f"CREATE TRIGGER audit AFTER INSERT OR UPDATE{what} OR DELETE ON {table} FOR EACH ROW"
            f" WHEN (current_setting('backroom.operator', true) > '') EXECUTE FUNCTION write_audit('id', '{hidden}')"
        )


def downgrade() -> None:
    """Undo."""
    for table in (
        "service_notices",
        "webhook_feed",
        "webhook_attempts",
        "webhook_messages",
        "webhook_secrets",
        "webhook_endpoints",
    ):
        op.drop_table(table)
    op.execute(f"DELETE FROM api_keys WHERE NOT scopes <@ ARRAY[{FORMER}]")
    _know(FORMER)


def _endpoints() -> None:
    table = "webhook_endpoints"
    op.create_table(
        table,
        _id(),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("seller_id", sa.Uuid(), nullable=True),
        _id("notified_user_id"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("types", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), server_default="enabled", nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("after_xid", sa.BigInteger(), nullable=False),
        sa.Column("after_sequence", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        _moment("failing_since", given=False),
        _moment("paused_until", given=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.CheckConstraint(
            "status IN ('enabled', 'disabled', 'removed')", name=op.f("ck_webhook_endpoints_status_known")
        ),
        sa.CheckConstraint(
            "disabled_reason IN ('owner', 'gone', 'failing', 'owner_gone')",
            name=op.f("ck_webhook_endpoints_disabled_reason_known"),
        ),
        sa.CheckConstraint(
            "(status = 'enabled') = (disabled_reason IS NULL)",
            name=op.f("ck_webhook_endpoints_disabled_reason_given"),
        ),
        sa.CheckConstraint("cardinality(types) > 0", name=op.f("ck_webhook_endpoints_types_given")),
        _points(table, "client_id", "api_keys"),
        _points(table, "seller_id", "users"),
        _points(table, "notified_user_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )
    op.create_index(
        "ix_webhook_endpoints_enabled", table, ["id"], postgresql_where=sa.text("status = 'enabled'")
    )
    op.create_index("ix_webhook_endpoints_created_at_id", table, ["created_at", "id"])
    op.create_table(
        "webhook_secrets",
        _id(),
        _id("endpoint_id"),
        sa.Column("made_by", sa.Text(), nullable=False),
        _moment("created_at"),
        _moment("expires_at", given=False),
        _points("webhook_secrets", "endpoint_id", table, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_secrets")),
    )
    op.create_index(op.f("ix_webhook_secrets_endpoint_id"), "webhook_secrets", ["endpoint_id"])
    op.create_table(
        "webhook_feed",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_webhook_feed_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_feed")),
    )


def _messages() -> None:
    table = "webhook_messages"
    op.create_table(
        table,
        _id(),
        _id("endpoint_id"),
        _id("event_id"),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("round", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        _moment("owed_at"),
        _moment("next_try_at"),
        _moment("ended_at", given=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'sent', 'given_up')", name=op.f("ck_webhook_messages_status_known")
        ),
        sa.CheckConstraint(
            "(status = 'waiting') = (ended_at IS NULL)", name=op.f("ck_webhook_messages_ended_at_given")
        ),
        _points(table, "endpoint_id", "webhook_endpoints", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_messages")),
        sa.UniqueConstraint("endpoint_id", "event_id", name="uq_webhook_messages_endpoint_id_event_id"),
    )
    waiting, ended = sa.text("status = 'waiting'"), sa.text("status <> 'waiting'")
    op.create_index(
        "ix_webhook_messages_waiting", table, ["endpoint_id", "subject", "sequence"], postgresql_where=waiting
    )
    op.create_index("ix_webhook_messages_endpoint_id_sequence", table, ["endpoint_id", "sequence"])
    op.create_index("ix_webhook_messages_ended_at", table, ["ended_at"], postgresql_where=ended)
    op.create_table(
        "webhook_attempts",
        _id(),
        _id("message_id"),
        _moment("started_at"),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("excerpt", sa.Text(), nullable=True),
        _points("webhook_attempts", "message_id", table, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempts")),
    )
    op.create_index(op.f("ix_webhook_attempts_message_id"), "webhook_attempts", ["message_id"])


def _notices() -> None:
    table = "service_notices"
    op.create_table(
        table,
        _id(),
        _id("client_id"),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        _moment("created_at"),
        _points(table, "client_id", "api_keys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_notices")),
        sa.UniqueConstraint("client_id", "reference", name="uq_service_notices_client_id_reference"),
    )
    op.create_index("ix_service_notices_created_at", table, ["created_at"])


def _know(scopes: str) -> None:
    op.drop_constraint(op.f(NAME), "api_keys", type_="check")
    op.create_check_constraint(
        op.f(NAME), "api_keys", f"scopes <@ ARRAY[{scopes}] AND cardinality(scopes) > 0"
    )
