"""What operators have changed, written by the database itself.

The release before it names no operator, so nothing is written for it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261201_audit_log"
down_revision = "20261128_closed_accounts"
branch_labels = None
depends_on = None

AUDITED = {
    "users": "email, password_hash, full_name, phone",
    "api_keys": "secret_hash",
    "addresses": "name, company, line1, line2, city, region, postal_code, phone",
    "categories": "",
    "products": "",
    "variants": "",
    "stock_levels": "",
    "stock_movements": "",
    "orders": "email, shipping_address, billing_address, gift_message, token_hash",
    "payments": "client_secret, redirect_url, parameters",
    "refunds": "",
    "payment_reviews": "",
    "fulfillments": "",
    "deliveries": "",
}
"""Tables, with the columns of which only is told that they have changed: secrets and personal data."""

WRITE = """
CREATE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  thing_id text := coalesce(new_row, old_row) ->> TG_ARGV[0];
  kept text[];
BEGIN
  SELECT array_agg(key) INTO kept FROM jsonb_each(coalesce(new_row, old_row))
  WHERE key <> 'updated_at' AND old_row -> key IS DISTINCT FROM new_row -> key;
  IF kept IS NULL THEN
    RETURN NULL;
  END IF;
  INSERT INTO audit_log (actor, call, request_id, act, thing, thing_id, before, after) VALUES (
    current_setting('backroom.operator'),
    nullif(current_setting('backroom.call', true), ''),
    nullif(current_setting('backroom.request_id', true), ''),
    lower(TG_OP), TG_TABLE_NAME, thing_id,
    audited(old_row, kept, string_to_array(TG_ARGV[1], ', ')),
    audited(new_row, kept, string_to_array(TG_ARGV[1], ', ')));
  RETURN NULL;
END $$
"""
SHOWN = """
CREATE FUNCTION audited(wholly jsonb, kept text[], hidden text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_object_agg(key, CASE WHEN key = ANY (hidden) AND value <> 'null' THEN '"hidden"' ELSE value END)
  FROM jsonb_each(wholly) WHERE key = ANY (kept)
$$
"""
REFUSE = """
CREATE FUNCTION refuse_to_rewrite_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'insufficient_privilege';
END $$
"""
ONLY_ADDED_TO = """
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_audit()
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("after", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.CheckConstraint("act IN ('insert', 'update', 'delete')", name=op.f("ck_audit_log_act_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_thing", "audit_log", ["thing", "thing_id", "id"])
    op.create_index("ix_audit_log_actor", "audit_log", ["actor", "id"])
    op.create_index("ix_audit_log_request_id", "audit_log", ["request_id"])
    for statement in (SHOWN, WRITE, REFUSE, ONLY_ADDED_TO):
        op.execute(statement)
    for table, hidden in AUDITED.items():
        key = "variant_id" if table == "stock_levels" else "id"
        # New work follows from every act; what operators do to it is change it.
        acts = "UPDATE" if table == "deliveries" else "INSERT OR UPDATE OR DELETE"
        op.execute(
            f"CREATE TRIGGER audit AFTER {acts} ON {table} FOR EACH ROW"
            " WHEN (current_setting('backroom.operator', true) > '')"
            f" EXECUTE FUNCTION write_audit('{key}', '{hidden}')"
        )


def downgrade() -> None:
    """Undo."""
    for table in AUDITED:
        op.execute(f"DROP TRIGGER audit ON {table}")
    op.drop_table("audit_log")
    for function in ("write_audit()", "audited(jsonb, text[], text[])", "refuse_to_rewrite_audit()"):
        op.execute(f"DROP FUNCTION {function}")
