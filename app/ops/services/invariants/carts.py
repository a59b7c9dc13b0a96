"""What is true of carts."""

from app.ops.services.invariants.invariant import Invariant

CARTS = (
    Invariant(
        "I132",
        "A cart that nobody touched for 30 days is gone within two more, but while an order of it is open.",
        """
        SELECT id FROM carts WHERE updated_at < now() - interval '32 days' AND id NOT IN (
          SELECT unnest(ARRAY[cart_id, coalesce(joined_cart_id, cart_id)]) FROM orders
          WHERE status = 'pending' AND cart_id IS NOT NULL)""",
    ),
)
