"""What is true of payments, refunds and disputes."""

from app.ops.services.invariants.invariant import Invariant

MONEY = (
    Invariant(
        "I8",
        "An order has at most one payment that can be paid, and one that waits for its end.",
        """
        SELECT DISTINCT order_id FROM payments WHERE status IN ('creating', 'open', 'processing')
        GROUP BY order_id, waits_for_id IS NULL HAVING count(*) > 1""",
    ),
    Invariant(
        "I10",
        "No more goes back than was taken, and no more was taken than asked for.",
        """
        SELECT id FROM payments WHERE NOT refunded_amount BETWEEN 0 AND captured_amount
          OR captured_amount > amount AND id NOT IN (SELECT payment_id FROM payment_reviews)""",
    ),
    Invariant(
        "I35",
        "What goes back of a payment is the sum of its refunds that have not failed.",
        """
        SELECT payment.id FROM payments payment LEFT JOIN (
          SELECT payment_id, sum(amount) AS amount FROM refunds WHERE status <> 'failed' GROUP BY 1
        ) back ON back.payment_id = payment.id
        WHERE payment.refunded_amount <> coalesce(back.amount, 0)""",
    ),
    Invariant(
        "I36",
        "A payment has taken its amount when it succeeded, and nothing while it can still be paid.",
        """
        SELECT id FROM payments WHERE (status = 'succeeded' AND captured_amount <> amount
            AND id NOT IN (SELECT payment_id FROM payment_reviews))
          OR (status IN ('creating', 'open', 'processing') AND captured_amount <> 0)""",
    ),
    Invariant(
        "I37",
        "What an order says of its payment is what payments, refunds and disputes add up to.",
        """
        SELECT o.id FROM orders o LEFT JOIN (
          -- What was never the order's money counts only when there is no other.
          SELECT order_id, never_ours, sum(captured_amount) AS taken, sum(returned) AS returned,
            row_number() OVER (PARTITION BY order_id ORDER BY never_ours) AS place
          FROM (
            SELECT payment.order_id, coalesce(back.returned, 0) AS returned,
              least(payment.captured_amount, payment.amount) AS captured_amount,
              coalesce(back.never_ours, false) AS never_ours
            FROM payments payment LEFT JOIN (
              SELECT payment_id, bool_or(reason IN ('surplus', 'review')) AS never_ours,
                sum(amount) FILTER (WHERE status = 'succeeded' AND reason <> 'overpaid') AS returned
              FROM refunds
              -- What another object took beside the one that paid is none of it, nor its way back.
              WHERE NOT (intent_id IS NOT NULL
                AND intent_id IN (
                  SELECT intent_id FROM refunds WHERE reason = 'review' AND intent_id IS NOT NULL)
                AND payment_id IN (SELECT id FROM payments WHERE status = 'succeeded'))
              GROUP BY 1
            ) back ON back.payment_id = payment.id
            WHERE payment.captured_amount > 0
          ) payment GROUP BY 1, 2
        ) money ON money.order_id = o.id AND money.place = 1
        LEFT JOIN (
          SELECT DISTINCT order_id FROM disputes WHERE status IN ('open', 'lost')
        ) disputed ON disputed.order_id = o.id
        WHERE o.payment_status <> 'review' AND CASE o.payment_status WHEN 'processing' THEN 'unpaid'
            ELSE o.payment_status END <> CASE
          WHEN disputed.order_id IS NOT NULL THEN 'disputed'
          WHEN money.taken IS NULL AND o.total_amount = 0 AND o.paid_at IS NOT NULL THEN 'paid'
          WHEN money.taken IS NULL THEN 'unpaid'
          WHEN money.returned = 0 THEN 'paid'
          WHEN money.returned >= money.taken THEN 'refunded'
          ELSE 'partially_refunded' END""",
    ),
    Invariant(
        "I38",
        "An order that is paid or over has no payment that can be paid.",
        """
        SELECT payment.id FROM payments payment JOIN orders o ON o.id = payment.order_id
        WHERE o.status <> 'pending' AND payment.status IN ('creating', 'open', 'processing')""",
    ),
    Invariant(
        "I39",
        "No more units of a line are given back for than were bought.",
        """
        SELECT line.id FROM order_lines line JOIN refund_lines back ON back.order_line_id = line.id
        JOIN refunds refund ON refund.id = back.refund_id AND refund.status <> 'failed'
        GROUP BY line.id, line.quantity HAVING sum(back.quantity) > line.quantity""",
    ),
    Invariant(
        "I40",
        "An order keeps no more money than it costs, or none when cancelled, but for refunds that failed.",
        """
        SELECT o.id FROM orders o JOIN (
          SELECT order_id, sum(captured_amount - refunded_amount) AS kept FROM payments GROUP BY 1
        ) money ON money.order_id = o.id
        LEFT JOIN (
          SELECT order_id, sum(amount) AS amount FROM disputes WHERE withdrawn GROUP BY 1
        ) bank ON bank.order_id = o.id
        LEFT JOIN (
          SELECT refund.order_id, sum(refund.amount) AS amount
          FROM refunds refund LEFT JOIN refunds anew ON anew.retry_of_id = refund.id
          WHERE refund.status = 'failed' AND anew.id IS NULL GROUP BY 1
        ) failed ON failed.order_id = o.id
        WHERE o.payment_status <> 'review'
          AND money.kept - coalesce(bank.amount, 0) - coalesce(failed.amount, 0)
            > CASE o.status WHEN 'cancelled' THEN 0 ELSE o.total_amount END""",
    ),
    Invariant(
        "I41",
        "A payment has succeeded when its timeline says so, and only then.",
        """
        SELECT payment.id FROM payments payment LEFT JOIN (
          SELECT DISTINCT payload ->> 'payment_id' AS payment_id FROM events
          WHERE topic = 'payments.succeeded'
        ) told ON told.payment_id = payment.id::text
        WHERE (payment.status = 'succeeded') <> (told.payment_id IS NOT NULL)""",
    ),
    Invariant(
        "I47",
        "Money that is owed back has somebody to send it, at rest still, or a reason why not.",
        """
        SELECT refund.id FROM refunds refund LEFT JOIN deliveries work
          ON work.consumer = 'settlement.send_refund' AND work.dedupe_key = refund.id::text
        WHERE refund.status = 'owed' AND refund.failure_reason IS NULL
          AND (work.id IS NULL OR work.state = 'done'
            OR :at_rest AND work.state = 'dead' AND work.drop_reason IS NULL)""",
    ),
    Invariant(
        "I130",
        "What was noted of the bank's statement is what its payment has taken, or somebody has to decide.",
        """
        SELECT payment.id FROM payments payment LEFT JOIN (
          SELECT payment_id, sum(amount) AS amount FROM bank_transfers WHERE refund_id IS NULL GROUP BY 1
        ) noted ON noted.payment_id = payment.id
        WHERE (payment.provider = 'manual' OR noted.payment_id IS NOT NULL)
          AND (payment.captured_amount > coalesce(noted.amount, 0)
            OR payment.captured_amount < coalesce(noted.amount, 0) AND payment.id NOT IN (
              SELECT payment_id FROM payment_reviews WHERE decided_at IS NULL))""",
    ),
    Invariant(
        "I131",
        "A refund of a transfer has succeeded when the statement's line is noted that paid it out.",
        """
        SELECT refund.id FROM refunds refund JOIN payments payment ON payment.id = refund.payment_id
        LEFT JOIN bank_transfers line ON line.refund_id = refund.id
        WHERE (payment.provider = 'manual' OR line.id IS NOT NULL)
          AND (refund.status = 'succeeded' AND (line.amount, line.currency)
              IS DISTINCT FROM (refund.amount, refund.currency)
            OR refund.status <> 'succeeded' AND line.id IS NOT NULL)""",
    ),
    Invariant(
        "I48",
        "An order shows that somebody has to decide about its money as long as that is so, and no longer.",
        """
        SELECT o.id FROM orders o LEFT JOIN (
          SELECT DISTINCT order_id FROM payment_reviews WHERE decided_at IS NULL
        ) waiting ON waiting.order_id = o.id
        WHERE (o.payment_status = 'review') <> (waiting.order_id IS NOT NULL)""",
    ),
)
