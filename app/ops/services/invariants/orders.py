"""What is true of orders."""

from app.ops.services.invariants.invariant import Invariant

ORDERS = (
    Invariant(
        "I9",
        "A payment asks for the order's total, which is the sum of its parts, in one currency.",
        """
        SELECT o.id FROM orders o JOIN (
          SELECT order_id, sum(line_total_amount) AS amount, sum(unit_price_amount * quantity) AS counted,
            min(currency) AS least, max(currency) AS most
          FROM order_lines GROUP BY 1
        ) lines ON lines.order_id = o.id
        WHERE (o.subtotal_amount, o.subtotal_amount, o.currency, o.currency)
            <> (lines.amount, lines.counted, lines.least, lines.most)
          OR o.total_amount <> o.subtotal_amount - o.discount_amount + o.shipping_amount
            + CASE WHEN o.prices_include_tax THEN 0 ELSE o.tax_amount END
        UNION
        SELECT o.id FROM orders o JOIN payments payment ON payment.order_id = o.id
        WHERE (payment.amount, payment.currency) <> (o.total_amount, o.currency)""",
    ),
    Invariant(
        "I71",
        "An order's discount and tax are the sums of what its lines and its shipping have of them.",
        """
        SELECT o.id FROM orders o JOIN (
          SELECT order_id, sum(discount_amount) AS discount, sum(tax_amount) AS tax
          FROM order_lines GROUP BY 1
        ) lines ON lines.order_id = o.id
        WHERE (o.discount_amount, o.tax_amount) <> (
          lines.discount + o.shipping_discount_amount, lines.tax + o.shipping_tax_amount)""",
    ),
    Invariant(
        "I74",
        "All that is charged for an order is in its one currency, in steps; transfers go back as they came.",
        """
        SELECT refund.id::text FROM refunds refund JOIN payments payment ON payment.id = refund.payment_id
        WHERE refund.currency <> payment.currency AND refund.reason NOT IN ('surplus', 'overpaid', 'review')
        UNION ALL
        SELECT document.number FROM documents document JOIN orders o ON o.id = document.order_id
        WHERE document.currency <> o.currency
        UNION ALL
        SELECT money.id::text FROM jsonb_to_recordset(CAST(:steps AS jsonb))
          AS charged (currency text, step int)
        JOIN (
          SELECT id, currency::text, unnest(ARRAY[subtotal_amount, discount_amount, shipping_amount,
            shipping_discount_amount, shipping_tax_amount, tax_amount, total_amount]) AS amount FROM orders
          UNION ALL
          SELECT order_id, currency::text, unnest(ARRAY[unit_price_amount, discount_amount, tax_amount])
          FROM order_lines
          UNION ALL
          SELECT refund.id, refund.currency::text, refund.amount
          FROM refunds refund JOIN payments payment ON payment.id = refund.payment_id
          WHERE refund.source = 'shop' AND refund.reason NOT IN ('surplus', 'overpaid', 'review')
            AND payment.provider <> 'manual'
          UNION ALL
          SELECT id, currency::text, price_amount FROM variants WHERE archived_at IS NULL
          UNION ALL
          SELECT variant_id, currency::text, amount FROM variant_prices
        ) money USING (currency)
        WHERE money.amount % charged.step <> 0""",
    ),
    Invariant(
        "I15",
        "An order whose acceptance is remembered under an Idempotency-Key is there, with its payment if any.",
        """
        SELECT kept.scope || ' ' || kept.key FROM (
          SELECT scope, key, CASE WHEN substr(body, 1, 11) = '{"order_id"'
            OR substr(body, 1, 13) = '{"payment_id"' THEN convert_from(body, 'UTF8')::jsonb END AS answer
          FROM idempotency_keys
        ) kept
        LEFT JOIN payments payment ON payment.id::text = kept.answer ->> 'payment_id'
        LEFT JOIN orders free ON free.id::text = kept.answer ->> 'order_id' AND free.total_amount = 0
        WHERE kept.answer IS NOT NULL AND free.id IS NULL AND (payment.id IS NULL
          OR payment.order_id::text <> coalesce(kept.answer ->> 'order_id', payment.order_id::text))""",
    ),
    Invariant(
        "I22",
        "Orders go from state to state in legal moves only.",
        """
        SELECT told.subject FROM (
          SELECT subject, step.state, lag(step.state) OVER (PARTITION BY subject ORDER BY sequence) AS before
          FROM events JOIN jsonb_each_text(CAST(:states AS jsonb)) AS step (topic, state) USING (topic)
        ) told
        WHERE (coalesce(told.before, ''), told.state) NOT IN (
          SELECT origin, target
          FROM jsonb_to_recordset(CAST(:moves AS jsonb)) AS legal (origin text, target text))""",
    ),
    Invariant(
        "I23",
        "An order's state is what its timeline tells.",
        """
        SELECT o.id FROM orders o LEFT JOIN (
          SELECT DISTINCT ON (subject) subject, step.state
          FROM events JOIN jsonb_each_text(CAST(:states AS jsonb)) AS step (topic, state) USING (topic)
          ORDER BY subject, sequence DESC
        ) told ON told.subject = o.id::text
        WHERE o.status IS DISTINCT FROM told.state""",
    ),
    Invariant(
        "I26",
        "What belongs together has one owner: no row leads to another's, or to nobody's.",
        """
        SELECT refund.id FROM refunds refund JOIN payments payment ON payment.id = refund.payment_id
        WHERE payment.order_id <> refund.order_id
        UNION ALL
        SELECT dispute.id FROM disputes dispute JOIN payments payment ON payment.id = dispute.payment_id
        WHERE payment.order_id <> dispute.order_id
        UNION ALL
        SELECT back.refund_id FROM refund_lines back JOIN order_lines line ON line.id = back.order_line_id
        JOIN refunds refund ON refund.id = back.refund_id WHERE line.order_id <> refund.order_id
        UNION ALL
        SELECT payment.id FROM payments payment JOIN payments before ON before.id = payment.waits_for_id
        WHERE before.order_id <> payment.order_id
        UNION ALL
        SELECT parcel.id FROM fulfillments parcel LEFT JOIN order_lines line
          ON line.order_id = parcel.order_id AND line.seller_id = parcel.seller_id
        WHERE line.id IS NULL
        UNION ALL
        SELECT parcel.id FROM parcel_lines inside JOIN fulfillments parcel ON parcel.id = inside.parcel_id
        JOIN order_lines line ON line.id = inside.order_line_id
        WHERE (line.order_id, line.seller_id) <> (parcel.order_id, parcel.seller_id)
        UNION ALL
        SELECT came.id FROM return_lines units JOIN returns came ON came.id = units.return_id
        JOIN order_lines line ON line.id = units.order_line_id
        WHERE (line.order_id, line.seller_id) <> (came.order_id, came.seller_id)
        UNION ALL
        SELECT o.id FROM orders o JOIN carts cart ON cart.id = o.cart_id
        WHERE cart.user_id IS NOT NULL AND cart.user_id IS DISTINCT FROM o.user_id
        UNION ALL
        SELECT held.holder_id FROM reservations held LEFT JOIN orders o ON o.id = held.holder_id
        LEFT JOIN stock_holds hold ON hold.id = held.holder_id
        WHERE held.status <> 'released' AND o.id IS NULL AND hold.id IS NULL""",
    ),
    Invariant(
        "I30",
        "No order waits for its money past its deadline.",
        """
        SELECT id FROM orders WHERE status = 'pending' AND hold_until < now()
          - CASE WHEN :at_rest THEN interval '1 minute' ELSE :longest + :patience END""",
        always=False,
    ),
    Invariant(
        "I33",
        "A paid order is handed to each of its sellers, or that is owed, or it was cancelled first.",
        """
        SELECT o.id FROM orders o LEFT JOIN (
          SELECT order_id, count(DISTINCT seller_id) AS sellers FROM order_lines GROUP BY 1
        ) lines ON lines.order_id = o.id LEFT JOIN (
          SELECT order_id, count(DISTINCT seller_id) AS sellers FROM fulfillments GROUP BY 1
        ) parcels ON parcels.order_id = o.id LEFT JOIN deliveries owed
          ON owed.consumer = 'orders.finalize' AND owed.dedupe_key = o.id::text AND owed.state <> 'done'
        WHERE o.paid_at IS NOT NULL AND owed.id IS NULL
          AND NOT (o.status = 'cancelled' AND o.finalized_at IS NULL)
          AND (o.finalized_at IS NULL OR lines.sellers IS DISTINCT FROM parcels.sellers)""",
    ),
    Invariant(
        "I34",
        "The end of an order that somebody asked for, or its hold, is owed until it has come.",
        """
        SELECT o.id FROM orders o LEFT JOIN (
          SELECT DISTINCT event.subject FROM deliveries work JOIN events event ON event.id = work.event_id
          WHERE work.consumer = 'settlement.close_payment' AND work.state <> 'done'
        ) owed ON owed.subject = o.id::text
        WHERE o.status = 'pending' AND owed.subject IS NULL
          AND (o.cancel_requested_at IS NOT NULL OR o.expiry_requested_at >= o.hold_until)""",
    ),
    Invariant(
        "I52",
        "What was delivered to a user is noted for their reviews, or that is owed.",
        """
        SELECT o.id FROM orders o JOIN fulfillments parcel ON parcel.order_id = o.id
        JOIN parcel_lines inside ON inside.parcel_id = parcel.id
        JOIN order_lines line ON line.id = inside.order_line_id JOIN users buyer ON buyer.id = o.user_id
        LEFT JOIN purchases noted ON noted.order_id = o.id AND noted.product_id = line.product_id
          AND noted.user_id = o.user_id
        LEFT JOIN (
          SELECT DISTINCT event.subject FROM deliveries work JOIN events event ON event.id = work.event_id
          WHERE work.consumer = 'fulfillment.note_purchases' AND work.state <> 'done'
        ) owed ON owed.subject = o.id::text
        WHERE parcel.status = 'delivered' AND buyer.deleted_at IS NULL
          AND noted.order_id IS NULL AND owed.subject IS NULL""",
    ),
)
