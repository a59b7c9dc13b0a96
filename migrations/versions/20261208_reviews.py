"""Reviews, what was delivered to whom, and the rating that products have of them.

The release before it neither writes reviews nor reads ratings: to it, every product has none.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261208_reviews"
down_revision = "20261207_listings"
branch_labels = None
depends_on = None

PUBLISHED = sa.text("status = 'published'")


def upgrade() -> None:
    """Apply."""
    for name in ("rating_sum", "rating_count"):
        op.add_column("products", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(
        op.f("ck_products_rating_possible"),
        "products",
        "rating_sum BETWEEN rating_count AND 5 * rating_count",
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reject_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_reviews_rating_possible")),
        sa.CheckConstraint(
            "status IN ('pending', 'published', 'rejected')", name=op.f("ck_reviews_status_known")
        ),
        sa.CheckConstraint(
            "(status = 'rejected') = (reject_reason IS NOT NULL)",
            name=op.f("ck_reviews_reject_reason_given"),
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_reviews_product_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reviews_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("product_id", "user_id", name="uq_reviews_product_id_user_id"),
    )
    op.create_index(
        "ix_reviews_published", "reviews", ["product_id", "created_at", "id"], postgresql_where=PUBLISHED
    )
    op.create_index("ix_reviews_status_created_at_id", "reviews", ["status", "created_at", "id"])
    op.create_index("ix_reviews_user_id_created_at_id", "reviews", ["user_id", "created_at", "id"])
    op.execute(
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON reviews FOR EACH ROW"
        " WHEN (current_setting('backroom.operator', true) > '')"
        " EXECUTE FUNCTION write_audit('id', 'title, comment')"
    )
    op.create_table(
        "purchases",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_purchases_order_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_purchases_product_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_purchases_user_id")),
        sa.PrimaryKeyConstraint("order_id", "product_id", name=op.f("pk_purchases")),
    )
    op.create_index("ix_purchases_user_id_product_id", "purchases", ["user_id", "product_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("purchases")
    op.drop_table("reviews")
    op.drop_constraint(op.f("ck_products_rating_possible"), "products", type_="check")
    for name in ("rating_count", "rating_sum"):
        op.drop_column("products", name)
