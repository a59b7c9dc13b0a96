"""A catalog of any size, written by PostgreSQL itself: a million products take about as many milliseconds."""

from typing import Any

import psycopg

from bench.listings import ADJECTIVES, MATERIALS, NOUNS, indexed_afterwards

_SELLERS, _CATEGORIES = 20, 40
_UNITS = 1_000_000  # of each variant on the shelf: no measurement runs out of them

_STEPS = (
    """
    INSERT INTO users (id, email, password_hash, full_name, role)
    SELECT uuidv7(), 'seller' || n || '@example.com', '-', 'Seller ' || n, 'seller'
    FROM generate_series(1, %(sellers)s) n
    """,
    """
    INSERT INTO categories (id, slug, path, name)
    SELECT uuidv7(), 'category-' || n, 'category-' || n, 'Category ' || n
    FROM generate_series(1, %(categories)s) n
    """,
    """
    WITH known AS (
      SELECT (SELECT array_agg(id) FROM users WHERE role = 'seller') AS sellers,
        (SELECT array_agg(id) FROM categories) AS categories,
        string_to_array(%(adjectives)s, ' ') AS adjectives, string_to_array(%(materials)s, ' ') AS materials,
        string_to_array(%(nouns)s, ' ') AS nouns
    )
    INSERT INTO products (id, seller_id, category_id, slug, name, description, brand, status,
      lowest_price_amount, currency, created_at)
    SELECT uuidv7(), sellers[1 + n %% %(sellers)s], categories[1 + n %% %(categories)s], 'product-' || n,
      adjectives[1 + n %% 40] || ' ' || materials[1 + n / 40 %% 30] || ' ' || nouns[1 + n / 7 %% 100],
      repeat('Fits ' || materials[1 + n / 3 %% 8] || ', made to be used every day. ', 5),
      'Brand ' || n %% 200, 'active',
      500 + n * 37 %% 20000, 'USD', now() - n * interval '1 minute'
    FROM generate_series(1, %(products)s) n, known
    """,
    """
    INSERT INTO variants (id, product_id, sku, name, price_amount, currency, weight_grams, position)
    SELECT uuidv7(), id, upper(slug) || '-' || size, 'Size ' || size, lowest_price_amount + 250 * (size - 1),
      currency, 400, size
    FROM products, generate_series(1, 2) size
    """,
    """
    INSERT INTO stock_levels (variant_id, sku, seller_id, on_hand)
    SELECT variants.id, sku, seller_id, %(units)s FROM variants JOIN products ON products.id = product_id
    """,
    """
    INSERT INTO stock_movements (variant_id, change, reason, reference)
    SELECT variant_id, on_hand, 'received', 'first stock' FROM stock_levels
    """,
    """
    INSERT INTO listings (product_id, slug, name, sort_name, brand, seller_id, category_id, category_ids,
      featured, currency, lowest_amount, highest_amount, available, created_at, tier, facts, document)
    SELECT id, slug, name, lower(name), brand, seller_id, category_id, ARRAY[category_id], featured, currency,
      lowest_price_amount, lowest_price_amount + 250, true, created_at,
      CASE WHEN place <= 1000 THEN 0 WHEN place <= 5000 THEN 1 WHEN place <= 25000 THEN 2
        WHEN place <= 125000 THEN 3 WHEN place <= 500000 THEN 4 ELSE 5 END,
      ARRAY['c:' || category_id, 'b:' || brand, 's:' || seller_id],
      setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('simple', name), 'A')
        || setweight(to_tsvector('simple', brand || ' ' || slug), 'B')
        || strip(to_tsvector('english', description))
    FROM (SELECT *, row_number() OVER (ORDER BY created_at DESC) AS place FROM products) placed
    """,
    """
    INSERT INTO search_words
    SELECT DISTINCT word FROM listings, unnest(tsvector_to_array(ts_filter(document, '{a,b}'))) word
    WHERE word ~ '^[[:alpha:]]{4,}$'
    """,
)
_CLOSING = ("VACUUM (ANALYZE)", "CHECKPOINT")


def seed(connection: psycopg.Connection, products: int) -> None:
    """Fill an empty shop with active products of two variants each, all in stock. Commits each step."""
    sizes = {"sellers": _SELLERS, "categories": _CATEGORIES, "products": products, "units": _UNITS}
    words = {"adjectives": ADJECTIVES, "materials": MATERIALS, "nouns": NOUNS}
    with indexed_afterwards(connection):
        _fill(connection, sizes | words)
    for step in _CLOSING:
        connection.execute(step.encode())


def _fill(connection: psycopg.Connection, values: dict[str, Any]) -> None:
    for step in _STEPS:
        connection.execute(step.encode(), values if "%(" in step else None)
