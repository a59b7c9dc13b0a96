"""Files that are uploaded. The release before it knows none."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261206_uploads"
down_revision = "20261205_erasure_and_exports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "media_uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="expected", nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("byte_size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("sizes", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('expected', 'uploaded', 'ready', 'refused')",
            name=op.f("ck_media_uploads_status_known"),
        ),
        sa.CheckConstraint(
            "refusal IN ('broken', 'animated', 'too_many_pixels', 'hides_something')",
            name=op.f("ck_media_uploads_refusal_known"),
        ),
        sa.CheckConstraint(
            "(status = 'refused') = (refusal IS NOT NULL)", name=op.f("ck_media_uploads_refusal_given")
        ),
        sa.CheckConstraint(
            "(status = 'ready') = (sizes <> '[]')", name=op.f("ck_media_uploads_sizes_when_ready")
        ),
        sa.CheckConstraint("byte_size > 0", name=op.f("ck_media_uploads_not_empty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_uploads")),
    )
    op.create_index(
        "uq_media_uploads_subject_file",
        "media_uploads",
        ["subject_kind", "subject_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index(
        "ix_media_uploads_expected",
        "media_uploads",
        ["created_at"],
        postgresql_where=sa.text("status = 'expected'"),
    )
    op.execute(
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON media_uploads FOR EACH ROW"
        " WHEN (current_setting('backroom.operator', true) > '') EXECUTE FUNCTION write_audit('id', '')"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("media_uploads")
