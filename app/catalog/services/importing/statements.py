"""What a step writes, as statements over sets of rows; each takes its rows as one JSON text."""

from sqlalchemy import text

# Sorted, so that two who bring the same new ones queue.
ADD_PRODUCTS = text("""
    INSERT INTO products (id, seller_id, slug, name, description, brand, category_id, status, featured,
      attributes, lowest_price_amount, currency)
    SELECT id, seller_id, slug, name, description, brand, category_id, status, featured, attributes,
      lowest_price_amount, currency
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id uuid, seller_id uuid, slug text, name text,
      description text, brand text, category_id uuid, status text, featured boolean, attributes jsonb,
      lowest_price_amount bigint, currency text)
    ORDER BY slug ON CONFLICT DO NOTHING RETURNING id
""")
CHANGE_PRODUCTS = text("""
    UPDATE products SET name = new.name, description = new.description, brand = new.brand,
      category_id = new.category_id, status = new.status, featured = new.featured,
      attributes = new.attributes, updated_at = now()
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id uuid, name text, description text, brand text,
      category_id uuid, status text, featured boolean, attributes jsonb)
    WHERE products.id = new.id
""")
ADD_VARIANTS = text("""
    INSERT INTO variants (id, product_id, sku, name, price_amount, compare_at_amount, currency, weight_grams,
      attributes, position)
    SELECT id, product_id, sku, name, price_amount, compare_at_amount, currency, weight_grams, attributes,
      position
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id uuid, product_id uuid, sku text, name text,
      price_amount bigint, compare_at_amount bigint, currency text, weight_grams integer, attributes jsonb,
      position integer)
    ORDER BY sku ON CONFLICT DO NOTHING RETURNING id
""")
CHANGE_VARIANTS = text("""
    UPDATE variants SET name = new.name, price_amount = new.price_amount,
      compare_at_amount = new.compare_at_amount, currency = new.currency, weight_grams = new.weight_grams,
      attributes = new.attributes, position = new.position
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id uuid, name text, price_amount bigint,
      compare_at_amount bigint, currency text, weight_grams integer, attributes jsonb, position integer)
    WHERE variants.id = new.id
""")
FOLLOW_VARIANTS = text("""
    UPDATE products SET lowest_price_amount = coalesce(sold.price_amount, 0), currency = sold.currency,
      updated_at = now()
    FROM unnest(CAST(:ids AS uuid[])) AS touched (id)
    LEFT JOIN LATERAL (
      SELECT price_amount, currency FROM variants
      WHERE product_id = touched.id AND archived_at IS NULL ORDER BY price_amount LIMIT 1
    ) sold ON true
    WHERE products.id = touched.id
""")
