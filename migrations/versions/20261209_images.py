"""Images of products and categories. The release before it shows none, and removes none that it does not see."""

import sqlalchemy as sa
from alembic import op

revision = "20261209_images"
down_revision = "20261208_reviews"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("products", sa.Column("image_key", sa.Text(), nullable=True))
    op.add_column("listings", sa.Column("image_key", sa.Text(), nullable=True))
    op.add_column("categories", sa.Column("image_key", sa.Text(), nullable=True))
    op.create_table(
        "product_images",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_product_images_position_not_negative")),
        sa.ForeignKeyConstraint(["id"], ["media_uploads.id"], name=op.f("fk_product_images_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_product_images_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_images")),
    )
    op.create_index("ix_product_images_product_id_position", "product_images", ["product_id", "position", "id"])
    op.create_index(
        "uq_product_images_primary",
        "product_images",
        ["product_id"],
        unique=True,
        postgresql_where=sa.text("is_primary"),
    )
    op.execute(
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON product_images FOR EACH ROW"
        " WHEN (current_setting('backroom.operator', true) > '') EXECUTE FUNCTION write_audit('id', '')"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("product_images")
    op.drop_column("categories", "image_key")
    op.drop_column("listings", "image_key")
    op.drop_column("products", "image_key")
