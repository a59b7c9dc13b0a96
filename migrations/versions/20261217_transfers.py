"""Imports and exports of the catalog. The release before it knows none."""

import sqlalchemy as sa
from alembic import op

revision = "20261217_transfers"
down_revision = "20261216_notices"
branch_labels = None
depends_on = None


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _now(name: str) -> "sa.Column[sa.DateTime]":
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "catalog_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="expected", nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=True),
        sa.Column("byte_size", sa.BigInteger(), nullable=False),
        sa.Column("delimiter", sa.Text(), nullable=True),
        sa.Column("columns", sa.ARRAY(sa.Text()), nullable=False),
        _count("steps"),
        sa.Column("bytes_read", sa.BigInteger(), nullable=False),
        sa.Column("lines_read", sa.Integer(), nullable=False),
        _count("rows_read"),
        _count("rows_created"),
        _count("rows_changed"),
        _count("rows_unchanged"),
        _count("rows_refused"),
        sa.Column("problem", sa.Text(), nullable=True),
        _now("created_at"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('expected', 'waiting', 'running', 'done', 'failed', 'cancelled')",
            name=op.f("ck_catalog_imports_status_known"),
        ),
        sa.CheckConstraint("format IN ('csv', 'jsonl')", name=op.f("ck_catalog_imports_format_known")),
        sa.CheckConstraint("bytes_read <= byte_size", name=op.f("ck_catalog_imports_within_file")),
        sa.CheckConstraint(
            "(status = 'failed') = (problem IS NOT NULL)", name=op.f("ck_catalog_imports_problem_when_failed")
        ),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (status IN ('expected', 'waiting', 'running'))",
            name=op.f("ck_catalog_imports_finished_at_given"),
        ),
        sa.CheckConstraint(
            "rows_read = rows_created + rows_changed + rows_unchanged + rows_refused",
            name=op.f("ck_catalog_imports_rows_add_up"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_imports")),
    )
    op.create_index("ix_catalog_imports_created_at_id", "catalog_imports", ["created_at", "id"])
    op.create_table(
        "import_refusals",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("column", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["catalog_imports.id"],
            name=op.f("fk_import_refusals_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "place", name=op.f("pk_import_refusals")),
    )
    op.create_table(
        "catalog_exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="running", nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("parts", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        _count("rows_written"),
        sa.Column("byte_size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_product_id", sa.Uuid(), nullable=True),
        sa.Column("last_variant_id", sa.Uuid(), nullable=True),
        _now("created_at"),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('running', 'done')", name=op.f("ck_catalog_exports_status_known")),
        sa.CheckConstraint("format IN ('csv', 'jsonl')", name=op.f("ck_catalog_exports_format_known")),
        sa.CheckConstraint(
            "(status = 'done') = (finished_at IS NOT NULL)",
            name=op.f("ck_catalog_exports_finished_at_given"),
        ),
        sa.CheckConstraint(
            "(last_product_id IS NULL) = (last_variant_id IS NULL)",
            name=op.f("ck_catalog_exports_last_variant_whole"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_exports")),
    )
    op.create_index("ix_catalog_exports_created_at_id", "catalog_exports", ["created_at", "id"])
    for table in ("catalog_imports", "catalog_exports"):
        op.execute(
            f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OF status OR DELETE ON {table} FOR EACH ROW"
            " WHEN (current_setting('backroom.operator', true) > '') EXECUTE FUNCTION write_audit('id', '')"
        )


def downgrade() -> None:
    """Undo."""
    for table in ("catalog_exports", "import_refusals", "catalog_imports"):
        op.drop_table(table)
