"""What listings are made from, as the statements that write them: sets of products at a time.

Plain SQL, because it is one thought: a row for each product that is active and has a price. Words in the
shop's language are those of the connection's `default_text_search_config`, which is SEARCH_LANGUAGE.
"""

from sqlalchemy import text

SEARCHED_LETTERS = 4_000
"""Of a description; what comes after them is not found by search."""
SEARCHED_FACTS = 50_000
"""Letters of variants' names and all attributes: PostgreSQL refuses a document of 1 MB, whoever wrote it."""

REMOVE_UNLISTED = text("""
    DELETE FROM listings WHERE product_id = ANY (:ids) AND NOT EXISTS (
      SELECT FROM products WHERE id = product_id AND status = 'active' AND lowest_price_amount > 0)
""")

WRITE_LISTED = text("""
    INSERT INTO listings AS listing (product_id, slug, name, sort_name, brand, seller_id, category_id,
      category_ids, featured, currency, lowest_amount, highest_amount, available,
      rating_average, rating_count, created_at, image_key, facts, document)
    SELECT product.id, product.slug, product.name, lower(product.name), product.brand, product.seller_id,
      product.category_id, shelves.ids, product.featured, product.currency, product.lowest_price_amount,
      sold.highest, sold.available,
      coalesce(round(product.rating_sum::numeric / nullif(product.rating_count, 0), 2), 0),
      product.rating_count, product.created_at, product.image_key,
      array_remove(ARRAY['s:' || product.seller_id, 'b:' || product.brand,
          CASE WHEN product.featured THEN 'featured' END], NULL)
        || ARRAY(SELECT 'c:' || id FROM unnest(shelves.ids) AS id) || coalesce(known.words, '{}')
        || coalesce(listed.words, '{}'),
      setweight(to_tsvector(product.name), 'A')
        || setweight(to_tsvector('simple', concat_ws(' ', product.name, foreign_names.text)), 'A')
        || setweight(to_tsvector('simple', concat_ws(' ', product.brand, sold.skus)), 'B')
        || setweight(to_tsvector(left(concat_ws(' ', sold.names, known.text), :fact_letters)), 'C')
        || strip(to_tsvector(left(product.description, :letters)))
    FROM products product
    CROSS JOIN LATERAL (
      -- A path is made of the slugs from the root on, and no two categories share one.
      SELECT coalesce(array_agg(above.id ORDER BY length(above.path)), '{}') AS ids
      FROM categories own JOIN categories above ON above.slug = ANY (string_to_array(own.path, '/'))
      WHERE own.id = product.category_id
    ) shelves
    CROSS JOIN LATERAL (
      SELECT max(price_amount) AS highest, string_agg(sku, ' ') AS skus, string_agg(name, ' ') AS names,
        bool_or(id = ANY (:in_stock)) AS available
      FROM variants WHERE product_id = product.id AND archived_at IS NULL
    ) sold
    CROSS JOIN LATERAL (
      -- The product's own come first: of too many, the last ones are not found by search.
      SELECT array_agg(DISTINCT 'a:' || key || '=' || value) AS words,
        string_agg(value, ' ' ORDER BY place, key, value) AS text
      FROM (
        SELECT 1 AS place, key, value FROM jsonb_each_text(product.attributes)
        UNION ALL
        SELECT 2, key, value FROM variants, jsonb_each_text(variants.attributes)
        WHERE product_id = product.id AND archived_at IS NULL
      ) attribute
    ) known
    CROSS JOIN LATERAL (
      SELECT array_agg(DISTINCT 'p:' || price.currency) AS words
      FROM variants JOIN variant_prices price ON price.variant_id = variants.id
      WHERE product_id = product.id AND archived_at IS NULL
    ) listed
    CROSS JOIN LATERAL (
      SELECT string_agg(value ->> 'name', ' ') AS text FROM jsonb_each(product.translations)
    ) foreign_names
    WHERE product.id = ANY (:ids) AND product.status = 'active' AND product.lowest_price_amount > 0
    ORDER BY product.id
    ON CONFLICT (product_id) DO UPDATE SET
      slug = excluded.slug, name = excluded.name, sort_name = excluded.sort_name, brand = excluded.brand,
      seller_id = excluded.seller_id, category_id = excluded.category_id,
      category_ids = excluded.category_ids, featured = excluded.featured,
      currency = excluded.currency, lowest_amount = excluded.lowest_amount,
      highest_amount = excluded.highest_amount, available = excluded.available,
      rating_average = excluded.rating_average, rating_count = excluded.rating_count,
      created_at = excluded.created_at, image_key = excluded.image_key, facts = excluded.facts,
      document = excluded.document
    WHERE (listing.slug, listing.name, listing.seller_id, listing.category_id, listing.currency,
        listing.lowest_amount, listing.highest_amount, listing.available, listing.rating_average,
        listing.rating_count, listing.created_at, listing.image_key, listing.facts, listing.document)
      IS DISTINCT FROM (excluded.slug, excluded.name, excluded.seller_id, excluded.category_id,
        excluded.currency, excluded.lowest_amount, excluded.highest_amount, excluded.available,
        excluded.rating_average, excluded.rating_count, excluded.created_at, excluded.image_key,
        excluded.facts, excluded.document)
""").bindparams(letters=SEARCHED_LETTERS, fact_letters=SEARCHED_FACTS)

# Sorted, so that two transactions which bring the same new words queue. A word with a digit is a name of its
# own: nobody means another one.
LEARN_WORDS = text("""
    INSERT INTO search_words (word)
    SELECT DISTINCT word
    FROM listings, unnest(tsvector_to_array(ts_filter(document, '{a,b}'))) AS word
    WHERE product_id = ANY (:ids) AND word ~ '^[[:alpha:]]{4,}$'
    ORDER BY word
    ON CONFLICT DO NOTHING
""")
