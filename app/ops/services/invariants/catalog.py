"""What is true of the catalog."""

from app.ops.services.invariants.invariant import Invariant

CATALOG = (
    Invariant(
        "I51",
        "A product's rating is what its published reviews come to, in its listing, too.",
        """
        SELECT product.id FROM products product LEFT JOIN (
          SELECT product_id, sum(rating) AS stars, count(*) AS reviews FROM reviews
          WHERE status = 'published' GROUP BY 1
        ) written ON written.product_id = product.id
        WHERE (product.rating_sum, product.rating_count)
          <> (coalesce(written.stars, 0), coalesce(written.reviews, 0))
        UNION ALL
        SELECT product.id FROM listings listing JOIN products product ON product.id = listing.product_id
        WHERE (listing.rating_average, listing.rating_count) <> (
          coalesce(round(product.rating_sum::numeric / nullif(product.rating_count, 0), 2), 0),
          product.rating_count)""",
    ),
    Invariant(
        "I53",
        "What is offered is listed as it is, and nothing else is; stock and place may be owed still.",
        """
        SELECT coalesce(product.id, listing.product_id) FROM (
          SELECT product.*, sold.highest, sold.available FROM products product JOIN (
            SELECT variant.product_id, max(variant.price_amount) AS highest,
              bool_or(coalesce(level.on_hand > level.reserved, false)) AS available
            FROM variants variant LEFT JOIN stock_levels level ON level.variant_id = variant.id
            WHERE variant.archived_at IS NULL GROUP BY 1
          ) sold ON sold.product_id = product.id
          WHERE product.status = 'active'
        ) product FULL JOIN listings listing ON listing.product_id = product.id
        LEFT JOIN (
          SELECT own.id, array_agg(above.id ORDER BY length(above.path)) AS ids
          FROM categories own JOIN categories above ON above.slug = ANY (string_to_array(own.path, '/'))
          GROUP BY 1
        ) shelves ON shelves.id = product.category_id
        LEFT JOIN (
          SELECT DISTINCT variant.product_id FROM deliveries work
          JOIN events told ON told.id = work.event_id JOIN variants variant ON variant.id::text = told.subject
          WHERE work.consumer = 'catalog.refresh_listing' AND work.state <> 'done'
        ) owed ON owed.product_id = product.id
        LEFT JOIN (
          SELECT count(*) AS owed FROM deliveries
          WHERE consumer = 'catalog.refresh_branch' AND state <> 'done'
        ) moves ON true
        WHERE product.id IS NULL OR listing.product_id IS NULL
          OR (listing.slug, listing.name, listing.brand, listing.seller_id, listing.category_id,
              listing.featured, listing.currency, listing.lowest_amount, listing.highest_amount)
            IS DISTINCT FROM (product.slug, product.name, product.brand, product.seller_id,
              product.category_id, product.featured, product.currency, product.lowest_price_amount,
              product.highest)
          OR moves.owed = 0 AND listing.category_ids <> coalesce(shelves.ids, '{}')
          OR owed.product_id IS NULL AND listing.available <> product.available""",
    ),
)
