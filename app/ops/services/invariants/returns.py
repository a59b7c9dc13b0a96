"""What is true of goods that come back."""

from app.ops.services.invariants.invariant import Invariant

RETURNS = (
    Invariant(
        "I90",
        "A line's units that come back, or have, are those of its returns that are under way or received.",
        """
        SELECT line.id FROM order_lines line LEFT JOIN (
          SELECT units.order_line_id, sum(
            CASE WHEN came.status = 'received' THEN units.received ELSE units.quantity END) AS units
          FROM return_lines units JOIN returns came ON came.id = units.return_id
          WHERE came.status IN ('requested', 'approved', 'received') GROUP BY 1
        ) back ON back.order_line_id = line.id
        WHERE line.returned <> coalesce(back.units, 0)""",
    ),
    Invariant(
        "I91",
        "No more units come back than were sent, and none twice.",
        """
        SELECT back.order_line_id FROM (
          SELECT units.order_line_id, sum(
            CASE WHEN came.status = 'received' THEN units.received ELSE units.quantity END) AS units
          FROM return_lines units JOIN returns came ON came.id = units.return_id
          WHERE came.status IN ('requested', 'approved', 'received') GROUP BY 1
        ) back LEFT JOIN (
          SELECT inside.order_line_id, sum(inside.quantity) AS units FROM parcel_lines inside
          JOIN fulfillments parcel ON parcel.id = inside.parcel_id
          WHERE parcel.status IN ('shipped', 'delivered') GROUP BY 1
        ) sent ON sent.order_line_id = back.order_line_id
        WHERE back.units > coalesce(sent.units, 0)""",
    ),
    Invariant(
        "I92",
        "What is paid back for a return is for exactly the units that were received.",
        """
        SELECT came.id FROM returns came JOIN refunds refund ON refund.id = came.refund_id
        LEFT JOIN LATERAL (
          SELECT string_agg(order_line_id || ' ' || received, ',' ORDER BY order_line_id) AS units
          FROM return_lines WHERE return_id = came.id AND received > 0
        ) here ON true LEFT JOIN LATERAL (
          SELECT string_agg(order_line_id || ' ' || quantity, ',' ORDER BY order_line_id) AS units
          FROM refund_lines WHERE refund_id = refund.id AND came_back
        ) paid ON true
        WHERE refund.order_id <> came.order_id OR here.units IS DISTINCT FROM paid.units""",
    ),
    Invariant(
        "I93",
        "What sending an order had cost goes back once at most.",
        """
        SELECT o.id FROM orders o JOIN (
          SELECT order_id, sum(shipping_amount) AS amount FROM refunds WHERE status <> 'failed' GROUP BY 1
        ) back ON back.order_id = o.id
        WHERE back.amount > o.shipping_amount - o.shipping_discount_amount
          + CASE WHEN o.prices_include_tax THEN 0 ELSE o.shipping_tax_amount END""",
    ),
    Invariant(
        "I94",
        "What is paid back for a return is what was charged for its units, and for sending if that was said.",
        """
        SELECT refund.id FROM refunds refund JOIN refund_lines units ON units.refund_id = refund.id
        WHERE refund.reason = 'returned' AND refund.retry_of_id IS NULL GROUP BY refund.id
        HAVING bool_and(units.amount IS NOT NULL)
          AND refund.amount <> sum(units.amount) + refund.shipping_amount""",
    ),
    Invariant(
        "I95",
        "Refunds of units come to no more than was charged for their line, and to that for all of its units.",
        """
        SELECT line.id FROM order_lines line JOIN orders o ON o.id = line.order_id JOIN (
          SELECT units.order_line_id, sum(units.quantity) AS units, sum(units.amount) AS amount
          FROM refund_lines units JOIN refunds refund ON refund.id = units.refund_id
          WHERE refund.status <> 'failed' GROUP BY 1 HAVING bool_and(units.amount IS NOT NULL)
        ) back ON back.order_line_id = line.id
        CROSS JOIN LATERAL (
          SELECT line.unit_price_amount * line.quantity - line.discount_amount
            + CASE WHEN o.prices_include_tax THEN 0 ELSE line.tax_amount END AS amount
        ) charged
        WHERE back.amount > charged.amount
          OR (back.units = line.quantity AND back.amount <> charged.amount)""",
    ),
)
