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
)
