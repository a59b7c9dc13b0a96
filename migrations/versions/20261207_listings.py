"""What lists and search read: a row for each product that the public may see, and the words they use.

It is filled here from what is there. The release before knows nothing of it: what is changed by it while both
run is put right by the nightly rebuild, or at once by `flask --app wsgi listings`.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261207_listings"
down_revision = "20261206_uploads"
branch_labels = None
depends_on = None

TIERS = (0, 1, 2, 3)
FILL = """
    INSERT INTO listings (product_id, slug, name, sort_name, brand, seller_id, category_ids, featured,
      currency, lowest_amount, highest_amount, available, created_at, tier, facts, document)
    SELECT p.id, p.slug, p.name, lower(p.name), p.brand, p.seller_id, shelves.ids, p.featured, p.currency,
      p.lowest_price_amount, sold.highest, sold.available, p.created_at, ranked.tier,
      array_remove(ARRAY['s:' || p.seller_id, 'b:' || p.brand, CASE WHEN p.featured THEN 'featured' END], NULL)
        || ARRAY(SELECT 'c:' || id FROM unnest(shelves.ids) id)
        || ARRAY(SELECT DISTINCT 'a:' || attribute.key || '=' || attribute.value FROM (
             SELECT key, value FROM jsonb_each_text(p.attributes)
             UNION ALL SELECT key, value FROM variants v, jsonb_each_text(v.attributes)
             WHERE v.product_id = p.id AND v.archived_at IS NULL) attribute WHERE attribute.value IS NOT NULL),
      setweight(to_tsvector('english', p.name), 'A') || setweight(to_tsvector('simple', p.name), 'A')
        || setweight(to_tsvector('simple', coalesce((SELECT string_agg(value ->> 'name', ' ')
             FROM jsonb_each(p.translations)), '')), 'A')
        || setweight(to_tsvector('simple', concat_ws(' ', p.brand, sold.skus)), 'B')
        || setweight(to_tsvector('english', coalesce((SELECT string_agg(value, ' ')
             FROM jsonb_each_text(p.attributes)), '') || ' ' || coalesce(sold.names, '')), 'C')
        || strip(to_tsvector('english', left(p.description, 4000)))
    FROM products p
    JOIN (
      SELECT id, CASE WHEN place <= 1000 THEN 0 WHEN place <= 10000 THEN 1 WHEN place <= 100000 THEN 2
        ELSE 3 END AS tier
      FROM (SELECT id, row_number() OVER (ORDER BY created_at DESC, id DESC) AS place FROM products
        WHERE status = 'active' AND lowest_price_amount > 0) placed
    ) ranked USING (id)
    CROSS JOIN LATERAL (
      SELECT max(v.price_amount) AS highest, string_agg(v.sku, ' ') AS skus, string_agg(v.name, ' ') AS names,
        coalesce(bool_or(level.on_hand > level.reserved), false) AS available
      FROM variants v LEFT JOIN stock_levels level ON level.variant_id = v.id
      WHERE v.product_id = p.id AND v.archived_at IS NULL
    ) sold
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(above.id ORDER BY length(above.path)), '{}') AS ids
      FROM categories own JOIN categories above ON above.slug = ANY (string_to_array(own.path, '/'))
      WHERE own.id = p.category_id
    ) shelves
"""
WORDS = """
    INSERT INTO search_words (word)
    SELECT DISTINCT word FROM listings, unnest(tsvector_to_array(ts_filter(document, '{a,b}'))) word
    WHERE word ~ '^[[:alpha:]]{4,}$'
"""


def upgrade() -> None:
    """Apply."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "listings",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("category_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("featured", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("lowest_amount", sa.BigInteger(), nullable=False),
        sa.Column("highest_amount", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("rating_average", sa.Numeric(3, 2), server_default="0", nullable=False),
        sa.Column("rating_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("popularity", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tier", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("document", postgresql.TSVECTOR(), nullable=False),
        sa.CheckConstraint(
            "lowest_amount BETWEEN 1 AND highest_amount", name=op.f("ck_listings_prices_in_order")
        ),
        sa.CheckConstraint(
            "(rating_count = 0) = (rating_average = 0)", name=op.f("ck_listings_rating_by_somebody")
        ),
        sa.CheckConstraint("tier BETWEEN 0 AND 3", name=op.f("ck_listings_tier_known")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_listings_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_listings")),
    )
    op.create_table(
        "search_words",
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_words")),
    )
    op.execute(FILL)
    op.execute(WORDS)
    _index()


def _index() -> None:
    """After the filling: an index that is built at once is quicker and smaller than one that grows."""
    sorts = {
        "newest": "created_at",
        "price": "lowest_amount",
        "name": "sort_name",
        "rating": "rating_average",
        "popularity": "popularity",
    }
    for name, column in sorts.items():
        op.create_index(f"ix_listings_{name}", "listings", [column, "product_id"])
    op.create_index(
        "ix_listings_sold_out", "listings", ["product_id"], postgresql_where=sa.text("NOT available")
    )
    op.create_index("ix_listings_facts", "listings", ["facts"], postgresql_using="gin")
    for tier in TIERS:
        op.create_index(
            f"ix_listings_document_{tier}",
            "listings",
            ["document", "facts"],
            postgresql_using="gin",
            postgresql_where=sa.text(f"tier = {tier}"),
        )
    op.create_index(
        "ix_search_words_trigrams",
        "search_words",
        ["word"],
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
    )


def downgrade() -> None:
    """Undo. The extension stays: whoever owns the database may use it elsewhere."""
    op.drop_table("search_words")
    op.drop_table("listings")
