"""Invoices and credit notes, which never change, and their numbers. The release before it issues none."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261226_documents"
down_revision = "20261225_order_search"
branch_labels = None
depends_on = None

REFUSE = """
CREATE FUNCTION refuse_to_rewrite_documents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_file text[] := ARRAY['rendered_at', 'sha256', 'byte_size'];
BEGIN
  IF TG_OP = 'DELETE' OR to_jsonb(OLD) - of_file IS DISTINCT FROM to_jsonb(NEW) - of_file THEN
    RAISE EXCEPTION 'a document that was issued never changes' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$
"""
NEVER_CHANGED = """
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON documents
FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_documents()
"""
COUNT_UP = """
CREATE FUNCTION refuse_to_skip_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (NEW.kind, NEW.year, NEW.last) IS DISTINCT FROM (OLD.kind, OLD.year, OLD.last + 1) THEN
    RAISE EXCEPTION 'numbers are taken one by one' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$
"""
ONE_BY_ONE = """
CREATE TRIGGER one_by_one BEFORE UPDATE OR DELETE ON document_numbers
FOR EACH ROW EXECUTE FUNCTION refuse_to_skip_numbers()
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "document_numbers",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_document_numbers_kind_known")),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("pk_document_numbers")),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("byte_size", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_documents_kind_known")),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (refund_id IS NOT NULL)", name=op.f("ck_documents_refund_given")
        ),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_documents_sequence_positive")),
        sa.CheckConstraint("tax_amount BETWEEN 0 AND total_amount", name=op.f("ck_documents_tax_within_total")),
        sa.CheckConstraint(
            "num_nulls(rendered_at, sha256, byte_size) IN (0, 3)", name=op.f("ck_documents_file_known_wholly")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_documents_order_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_documents_refund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("number", name=op.f("uq_documents_number")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_documents_refund_id")),
        sa.UniqueConstraint("kind", "year", "sequence", name=op.f("uq_documents_kind_year_sequence")),
    )
    op.create_index(
        "uq_documents_invoiced_order",
        "documents",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'invoice'"),
    )
    op.create_index("ix_documents_order_id", "documents", ["order_id"])
    op.create_index("ix_documents_issued_at_id", "documents", ["issued_at", "id"])
    for statement in (REFUSE, NEVER_CHANGED, COUNT_UP, ONE_BY_ONE):
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    op.drop_table("documents")
    op.drop_table("document_numbers")
    op.execute("DROP FUNCTION refuse_to_rewrite_documents()")
    op.execute("DROP FUNCTION refuse_to_skip_numbers()")
