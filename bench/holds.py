"""Orders that nobody has paid, whose time is over, written by PostgreSQL itself."""

from datetime import datetime

import psycopg

from bench.errors import BenchFailed

_STEPS = (
    "DROP TABLE IF EXISTS due, bought, goods",
    """
    CREATE TEMP TABLE goods AS
    SELECT row_number() OVER () - 1 AS place, variant_id, stock_levels.sku, stock_levels.seller_id, product_id
    FROM stock_levels JOIN variants ON variants.id = variant_id LIMIT 10000
    """,
    """
    CREATE TEMP TABLE due AS
    SELECT uuidv7() AS id, n, amounts.* FROM generate_series(1, %(count)s) n,
      (SELECT 1000::bigint AS price, 500::bigint AS shipping) amounts
    """,
    """
    CREATE TEMP TABLE bought AS
    SELECT due.id AS order_id, price, position, goods.*
    FROM due CROSS JOIN generate_series(0, 1) position
    JOIN goods ON place = (n * 2 + position) %% (SELECT count(*) FROM goods)
    """,
    """
    INSERT INTO orders (id, number, email, locale, cart_fingerprint, currency, subtotal_amount,
      discount_amount, shipping_amount, tax_amount, total_amount, shipping_address, billing_address,
      shipping_method, shipping_method_name, shipping_estimate, placed_at, hold_until)
    SELECT id, 'DUE-' || id, 'nobody@example.com', 'en', '-', 'USD', 2 * price, 0, shipping, 0,
      2 * price + shipping, '{}', '{}', 'standard', 'Standard', '-', now() - interval '20 minutes', now()
    FROM due
    """,
    """
    INSERT INTO order_lines (id, order_id, position, product_id, variant_id, seller_id, sku, name, quantity,
      currency, unit_price_amount, line_total_amount)
    SELECT uuidv7(), order_id, position, product_id, variant_id, seller_id, sku, 'Due', 1, 'USD', price, price
    FROM bought
    """,
    """
    INSERT INTO payments (id, order_id, provider, flow, status, amount, currency, idempotency_key, parameters)
    SELECT uuidv7(), id, 'stripe', 'payment_intent', 'cancelled', 2 * price + shipping, 'USD', 'due ' || id,
      '{}'
    FROM due
    """,
    """
    INSERT INTO reservations (id, holder_id, variant_id, quantity)
    SELECT uuidv7(), order_id, variant_id, 1 FROM bought
    """,
    """
    UPDATE stock_levels SET reserved = reserved + units
    FROM (SELECT variant_id, count(*) AS units FROM bought GROUP BY variant_id) taken
    WHERE taken.variant_id = stock_levels.variant_id
    """,
)
_LEFT = "SELECT /* bench */ count(*) FROM orders WHERE number LIKE 'DUE-%' AND status = 'pending'"
_ENDED = """
SELECT count(*), extract(epoch FROM max(cancelled_at) - %(began)s)::float
FROM orders WHERE number LIKE 'DUE-%%' AND cancel_reason = 'expired' AND cancelled_at >= %(began)s
"""
_WRONG = """
SELECT count(*) FROM reservations JOIN orders ON orders.id = holder_id
WHERE number LIKE 'DUE-%' AND (reservations.status = 'active') <> (orders.status = 'pending')
"""
_CALL_OFF = "UPDATE orders SET hold_until = 'infinity' WHERE number LIKE 'DUE-%' AND status = 'pending'"


def place_due(connection: psycopg.Connection, count: int) -> None:
    """So many pending orders of two lines whose hold is over, each with a payment that was given up.

    So the provider has nothing that it could be asked about. Their stock is still held.
    """
    with connection.transaction():
        for step in _STEPS:
            connection.execute(step.encode(), {"count": count})


def left(connection: psycopg.Connection) -> int:
    """How many of them have not been ended yet."""
    row = connection.execute(_LEFT).fetchone()
    return row[0] if row else 0


def ended(connection: psycopg.Connection, began: datetime) -> tuple[int, float]:
    """How many have been ended since then, and the seconds until the last one; the others are called off.

    Raises BenchFailed when an order was ended whose stock is held, or the other way round, or when none was.
    """
    count, seconds = connection.execute(_ENDED, {"began": began}).fetchone() or (0, 0.0)
    wrong = connection.execute(_WRONG).fetchone()
    if wrong != (0,) or not count:
        raise BenchFailed(f"{count} orders have expired; lines that are held wrongly: {wrong}")
    connection.execute(_CALL_OFF)
    return count, seconds
