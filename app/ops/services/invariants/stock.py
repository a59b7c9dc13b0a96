"""What is true of stock."""

from app.ops.services.invariants.invariant import Invariant

STOCK = (
    Invariant(
        "I1",
        "No more is promised than is there.",
        "SELECT sku FROM stock_levels WHERE NOT reserved BETWEEN 0 AND on_hand",
    ),
    Invariant(
        "I2",
        "Reserved units are those of active reservations.",
        """
        SELECT level.sku FROM stock_levels level LEFT JOIN (
          SELECT variant_id, sum(quantity) AS units FROM reservations WHERE status = 'active' GROUP BY 1
        ) held USING (variant_id)
        WHERE level.reserved <> coalesce(held.units, 0)""",
    ),
    Invariant(
        "I3",
        "Units on hand are the sum of their movements.",
        """
        SELECT level.sku FROM stock_levels level LEFT JOIN (
          SELECT variant_id, sum(change) AS units FROM stock_movements GROUP BY 1
        ) moved USING (variant_id)
        WHERE level.on_hand <> coalesce(moved.units, 0)""",
    ),
    Invariant(
        "I4",
        "An order that goes on holds exactly its lines: reserved while it is pending, sold from then on.",
        """
        SELECT o.id FROM orders o JOIN order_lines line ON line.order_id = o.id
        LEFT JOIN reservations held ON held.holder_id = o.id AND held.variant_id = line.variant_id
          AND held.status = CASE o.status WHEN 'pending' THEN 'active' ELSE 'committed' END
        WHERE o.status <> 'cancelled' AND held.quantity IS DISTINCT FROM line.quantity
        UNION
        SELECT o.id FROM orders o JOIN reservations held ON held.holder_id = o.id
        LEFT JOIN order_lines line ON line.order_id = o.id AND line.variant_id = held.variant_id
        WHERE o.status <> 'cancelled' AND held.status <> 'released' AND line.id IS NULL""",
    ),
    Invariant(
        "I5",
        "A cancelled order holds nothing.",
        """
        SELECT o.id FROM orders o JOIN reservations held ON held.holder_id = o.id
        WHERE o.status = 'cancelled' AND held.status <> 'released'""",
    ),
    Invariant(
        "I31",
        "What is sold was taken off the shelf once.",
        """
        SELECT coalesce(held.holder, moved.holder) FROM (
          SELECT DISTINCT ON (holder_id, variant_id) holder_id::text AS holder, variant_id, quantity
          FROM reservations LEFT JOIN orders o ON o.id = holder_id
          WHERE reservations.status = 'committed' OR o.status = 'cancelled' AND o.paid_at IS NOT NULL
          ORDER BY holder_id, variant_id, reserved_at DESC
        ) held FULL JOIN (
          SELECT reference AS holder, variant_id, -sum(change) AS units FROM stock_movements
          WHERE reason = 'sale' GROUP BY 1, 2
        ) moved ON moved.holder = held.holder AND moved.variant_id = held.variant_id
        WHERE held.quantity IS DISTINCT FROM moved.units""",
    ),
    Invariant(
        "I32",
        "What came back is what refunds, returns and cancelled orders say of it, and is on the shelf once.",
        """
        SELECT holder FROM (
          SELECT holder_id::text AS holder, variant_id, sum(returned) AS units FROM reservations
          WHERE returned <> 0 GROUP BY 1, 2
        ) back FULL JOIN (
          SELECT holder, variant_id, sum(units) AS units FROM (
            SELECT line.order_id::text AS holder, line.variant_id, given.quantity AS units
            FROM refund_lines given JOIN order_lines line ON line.id = given.order_line_id
            WHERE given.restock
            UNION ALL
            SELECT came.order_id::text, line.variant_id, given.received
            FROM return_lines given JOIN order_lines line ON line.id = given.order_line_id
            JOIN returns came ON came.id = given.return_id
            WHERE given.restock AND came.refund_id IS NULL
            UNION ALL
            SELECT moved.reference, moved.variant_id, moved.change
            FROM stock_movements moved JOIN orders o ON o.id::text = moved.reference
            WHERE moved.reason = 'returned' AND o.status = 'cancelled'
          ) each_one GROUP BY 1, 2
        ) owed USING (holder, variant_id) FULL JOIN (
          SELECT coalesce(refund.order_id, came.order_id, o.id)::text AS holder, moved.variant_id,
            sum(moved.change) AS units
          FROM stock_movements moved LEFT JOIN refunds refund ON refund.id::text = moved.reference
          LEFT JOIN returns came ON came.id::text = moved.reference
          LEFT JOIN orders o ON o.id::text = moved.reference
          WHERE moved.reason = 'returned' AND coalesce(refund.id, came.id, o.id) IS NOT NULL GROUP BY 1, 2
        ) moved USING (holder, variant_id)
        WHERE (back.units, owed.units) IS DISTINCT FROM (moved.units, moved.units)""",
    ),
    Invariant(
        "I49",
        "A hold of another channel has the reservations that it asked for, in its own state.",
        """
        SELECT hold.id FROM (
          SELECT id, CASE status WHEN 'expired' THEN 'released' ELSE status END AS status,
            item ->> 'sku' AS sku, (item ->> 'quantity')::int AS quantity
          FROM stock_holds CROSS JOIN jsonb_array_elements(items) AS item
        ) hold LEFT JOIN stock_levels level USING (sku) LEFT JOIN reservations held
          ON held.holder_id = hold.id AND held.variant_id = level.variant_id AND held.status = hold.status
        WHERE held.quantity IS DISTINCT FROM hold.quantity
        UNION ALL
        SELECT hold.id FROM stock_holds hold JOIN (
          SELECT holder_id, count(*) AS lines FROM reservations GROUP BY 1
        ) held ON held.holder_id = hold.id
        WHERE held.lines <> jsonb_array_length(hold.items)""",
    ),
    Invariant(
        "I50",
        "No hold of another channel outlives its time.",
        """
        SELECT id FROM stock_holds WHERE status = 'active' AND hold_until < now()
          - CASE WHEN :at_rest THEN interval '1 minute' ELSE CAST(:patience AS interval) END""",
        always=False,
    ),
)
