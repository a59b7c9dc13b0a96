"""What is true of parcels."""

from app.ops.services.invariants.invariant import Invariant

PARCELS = (
    Invariant(
        "I57",
        "An order stands as its parcels do; it does not go back when one is unpacked.",
        """
        SELECT o.id FROM orders o LEFT JOIN (
          SELECT order_id, CASE
              WHEN bool_and(status = 'delivered') THEN 'delivered delivered'
              WHEN bool_and(status IN ('shipped', 'delivered')) THEN 'shipped shipped'
              WHEN bool_or(status IN ('shipped', 'delivered')) THEN 'packed partial'
              WHEN bool_or(status = 'packed') THEN 'packed unfulfilled'
            END AS words
          FROM fulfillments WHERE status <> 'cancelled' GROUP BY 1
        ) told ON told.order_id = o.id
        WHERE o.status <> 'cancelled' AND o.finalized_at IS NOT NULL
          AND concat_ws(' ', o.status, o.fulfillment_status) NOT IN (
            coalesce(told.words, 'paid unfulfilled'), coalesce(told.words, 'packed unfulfilled'))
        UNION
        SELECT o.id FROM orders o JOIN fulfillments parcel ON parcel.order_id = o.id
        WHERE o.status = 'cancelled' AND parcel.status <> 'cancelled'""",
    ),
    Invariant(
        "I58",
        "A line's units in parcels are those that lie in them: packed, on their way, or there.",
        """
        SELECT line.id FROM order_lines line LEFT JOIN (
          SELECT order_line_id, sum(quantity) AS units FROM parcel_lines GROUP BY 1
        ) inside ON inside.order_line_id = line.id
        WHERE line.parcelled <> coalesce(inside.units, 0)
        UNION
        SELECT parcel.id FROM fulfillments parcel LEFT JOIN (
          SELECT DISTINCT parcel_id FROM parcel_lines
        ) filled ON filled.parcel_id = parcel.id
        WHERE (filled.parcel_id IS NOT NULL) <> (parcel.status IN ('packed', 'shipped', 'delivered'))""",
    ),
    Invariant(
        "I59",
        "Whoever has units left to pack has an open parcel for them, and nobody else.",
        """
        SELECT lines.order_id FROM (
          SELECT order_id, seller_id, sum(quantity - parcelled - withheld) AS units
          FROM order_lines GROUP BY 1, 2
        ) lines JOIN orders o ON o.id = lines.order_id LEFT JOIN (
          SELECT DISTINCT order_id, seller_id FROM fulfillments WHERE status IN ('pending', 'processing')
        ) opened ON (opened.order_id, opened.seller_id) = (lines.order_id, lines.seller_id)
        WHERE o.finalized_at IS NOT NULL AND o.status <> 'cancelled'
          AND (lines.units > 0) <> (opened.order_id IS NOT NULL)""",
    ),
    Invariant(
        "I120",
        "What is picked up waits packed in its store until it is handed over; nothing else does.",
        """
        SELECT parcel.id FROM fulfillments parcel JOIN orders o ON o.id = parcel.order_id
        WHERE CASE WHEN o.pickup_store IS NULL THEN parcel.ready_at IS NOT NULL
          ELSE parcel.shipped_at IS NOT NULL OR parcel.status = 'delivered' AND parcel.ready_at IS NULL
            OR parcel.ready_at IS NOT NULL AND parcel.status NOT IN ('packed', 'delivered') END""",
    ),
    Invariant(
        "I60",
        "No more is sent than was sold: what a refund was for was sent before, or never is.",
        """
        SELECT line.id FROM order_lines line JOIN orders o ON o.id = line.order_id LEFT JOIN (
          SELECT given.order_line_id, sum(given.quantity) AS units FROM refund_lines given
          JOIN refunds refund ON refund.id = given.refund_id WHERE refund.status <> 'failed' GROUP BY 1
        ) refunded ON refunded.order_line_id = line.id LEFT JOIN (
          SELECT inside.order_line_id, sum(inside.quantity) AS units FROM parcel_lines inside
          JOIN fulfillments parcel ON parcel.id = inside.parcel_id
          WHERE parcel.status IN ('shipped', 'delivered') GROUP BY 1
        ) sent ON sent.order_line_id = line.id
        WHERE line.parcelled + line.withheld > line.quantity OR o.status <> 'cancelled'
          AND coalesce(refunded.units, 0) > line.withheld + coalesce(sent.units, 0)""",
    ),
    Invariant(
        "I61",
        "What is on the shelf again was sent before, or never is, also when its refund has failed.",
        """
        SELECT line.id FROM order_lines line JOIN orders o ON o.id = line.order_id JOIN reservations held
          ON held.holder_id = line.order_id AND held.variant_id = line.variant_id AND held.returned > 0
        LEFT JOIN (
          SELECT inside.order_line_id, sum(inside.quantity) AS units FROM parcel_lines inside
          JOIN fulfillments parcel ON parcel.id = inside.parcel_id
          WHERE parcel.status IN ('shipped', 'delivered') GROUP BY 1
        ) sent ON sent.order_line_id = line.id
        WHERE o.status <> 'cancelled' AND held.returned > line.withheld + coalesce(sent.units, 0)""",
    ),
)
