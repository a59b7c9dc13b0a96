"""What must be true between the shop's books and everybody else's."""

from app.ops.services.invariants import Invariant
from proof.oracle.mails import MAILS

MONEY = (
    Invariant(
        "I6",
        "Money at Stripe is that of a paid order here, or went back, or is owed back, or an operator knows.",
        """
        SELECT intent.id FROM stripe_payment_intents intent
        LEFT JOIN payments payment ON payment.provider_id = intent.id
        LEFT JOIN orders o ON o.id = payment.order_id
        LEFT JOIN (
          SELECT payment_intent, sum(amount) AS amount FROM stripe_refunds
          WHERE status NOT IN ('failed', 'canceled') GROUP BY 1
        ) back ON back.payment_intent = intent.id
        LEFT JOIN (
          SELECT payment_intent, sum(amount) AS amount FROM stripe_disputes WHERE status <> 'won' GROUP BY 1
        ) lost ON lost.payment_intent = intent.id
        LEFT JOIN (
          SELECT payment_id, sum(amount) AS amount FROM refunds WHERE status IN ('owed', 'failed') GROUP BY 1
        ) owed ON owed.payment_id = payment.id
        WHERE intent.status = 'succeeded' AND intent.metadata ? 'payment_id'
          AND (payment.status IS DISTINCT FROM 'succeeded' OR o.status IN ('pending', 'cancelled'))
          AND intent.amount_received
            > coalesce(back.amount, 0) + coalesce(lost.amount, 0) + coalesce(owed.amount, 0)""",
    ),
    Invariant(
        "I7",
        "Money here is at Stripe, to the cent.",
        """
        SELECT payment.id FROM payments payment
        LEFT JOIN stripe_payment_intents intent ON intent.id = payment.provider_id
        WHERE payment.status = 'succeeded' AND payment.provider = 'stripe'
          AND (intent.status, intent.amount_received, upper(intent.currency))
          IS DISTINCT FROM ('succeeded', payment.captured_amount, payment.currency::text)""",
    ),
    Invariant(
        "I11",
        "Every refund at Stripe is one of ours, in the same state, and the other way round.",
        """
        SELECT coalesce(refund.id::text, theirs.id) FROM (
          SELECT refund.* FROM stripe_refunds refund
          JOIN stripe_payment_intents intent ON intent.id = refund.payment_intent
          WHERE intent.metadata ? 'payment_id'
        ) theirs FULL JOIN (
          SELECT refunds.* FROM refunds JOIN payments payment ON payment.id = payment_id
          WHERE payment.provider = 'stripe'
            AND (refunds.provider_id IS NOT NULL OR refunds.status NOT IN ('owed', 'failed'))
        ) refund ON refund.provider_id = theirs.id
        WHERE (refund.status, refund.amount, refund.currency::text) IS DISTINCT FROM (
          CASE theirs.status WHEN 'requires_action' THEN 'pending' WHEN 'canceled' THEN 'failed'
            ELSE theirs.status END,
          theirs.amount, upper(theirs.currency))""",
    ),
    Invariant(
        "I12",
        "What moved at Stripe for a payment is what its rows here say, once.",
        """
        SELECT payment.id FROM payments payment LEFT JOIN (
          SELECT origin.payment_intent, sum(moved.amount) AS amount FROM stripe_balance_transactions moved
          JOIN (
            SELECT id, payment_intent FROM stripe_charges
            UNION ALL SELECT id, payment_intent FROM stripe_refunds
            UNION ALL SELECT id, payment_intent FROM stripe_disputes
          ) origin ON origin.id = moved.source GROUP BY 1
        ) theirs ON theirs.payment_intent = payment.provider_id LEFT JOIN (
          SELECT payment_id, sum(amount) AS amount FROM refunds
          WHERE status IN ('pending', 'succeeded') GROUP BY 1
        ) back ON back.payment_id = payment.id LEFT JOIN (
          SELECT payment_id, sum(amount) AS amount FROM disputes WHERE withdrawn GROUP BY 1
        ) lost ON lost.payment_id = payment.id
        WHERE payment.status <> 'review' AND payment.provider = 'stripe' AND coalesce(theirs.amount, 0)
          <> payment.captured_amount - coalesce(back.amount, 0) - coalesce(lost.amount, 0)""",
    ),
    Invariant(
        "I29",
        "What can be paid at Stripe is a payment that waits for its money here.",
        """
        SELECT theirs.id FROM (
          SELECT intent.id, intent.metadata FROM stripe_payment_intents intent
          LEFT JOIN stripe_checkout_sessions hosted ON hosted.payment_intent = intent.id
          WHERE intent.status NOT IN ('succeeded', 'canceled') AND hosted.id IS NULL
          UNION ALL SELECT id, metadata FROM stripe_checkout_sessions WHERE status = 'open'
        ) theirs LEFT JOIN payments payment ON payment.id::text = theirs.metadata ->> 'payment_id'
        WHERE theirs.metadata ? 'payment_id'
          AND coalesce(payment.status, '') NOT IN ('open', 'processing', 'review')""",
    ),
    Invariant(
        "I43",
        "A payment is made once at Stripe.",
        """
        SELECT intent.metadata ->> 'payment_id' FROM stripe_payment_intents intent
        WHERE intent.metadata ? 'payment_id' GROUP BY 1 HAVING count(*) > 1
        UNION ALL
        SELECT hosted.metadata ->> 'payment_id' FROM stripe_checkout_sessions hosted
        WHERE hosted.metadata ? 'payment_id' GROUP BY 1 HAVING count(*) > 1""",
    ),
    Invariant(
        "I44",
        "Every event that was taken from Stripe is in the inbox.",
        """
        SELECT sent.event FROM stripe_deliveries sent LEFT JOIN provider_events event ON event.id = sent.event
        WHERE sent.state = 'delivered' AND event.id IS NULL""",
    ),
)
"""The account's own objects, which carry our payment's id, are compared; others' are not ours to judge."""

PEOPLE = (
    Invariant(
        "I14",
        "What a client was told of is there: orders, payments, refunds.",
        """
        SELECT asked.order_id FROM asked LEFT JOIN orders o ON o.id::text = asked.order_id
        WHERE asked.status BETWEEN 200 AND 299 AND asked.order_id IS NOT NULL AND o.id IS NULL
        UNION
        SELECT asked.payment_id FROM asked LEFT JOIN payments payment ON payment.id::text = asked.payment_id
        WHERE asked.status BETWEEN 200 AND 299 AND asked.payment_id IS NOT NULL AND payment.id IS NULL
        UNION
        SELECT asked.refund_id FROM asked LEFT JOIN refunds refund ON refund.id::text = asked.refund_id
        WHERE asked.status BETWEEN 200 AND 299 AND asked.refund_id IS NOT NULL AND refund.id IS NULL""",
    ),
    Invariant(
        "I45",
        "The same request under one Idempotency-Key had one effect.",
        """
        SELECT who || ' ' || key FROM asked WHERE status BETWEEN 200 AND 299 AND key IS NOT NULL
        GROUP BY who, key, method, path
        HAVING count(DISTINCT order_id) > 1 OR count(DISTINCT refund_id) > 1
          -- A checkout that is repeated shows the payment of now.
          OR path <> '/v1/checkout' AND count(DISTINCT payment_id) > 1""",
    ),
    Invariant(
        "I28",
        "What an admin made is in the audit log, by the id of the request.",
        """
        SELECT asked.request_id FROM asked LEFT JOIN audit_log entry USING (request_id)
        WHERE asked.method = 'POST' AND asked.path LIKE '/v1/admin/%' AND asked.status = 201
          AND asked.request_id IS NOT NULL AND entry.id IS NULL""",
    ),
    Invariant(
        "I135",
        "Who was granted a cancellation has it, unless it had expired and was paid late.",
        """
        SELECT asked.path FROM asked LEFT JOIN (
          SELECT id::text AS name, id, status FROM orders UNION ALL SELECT number, id, status FROM orders
        ) o ON o.name = split_part(asked.path, '/', 4) LEFT JOIN (
          SELECT DISTINCT subject FROM events
          WHERE topic = 'orders.cancelled' AND payload ->> 'reason' = 'expired'
        ) expired ON expired.subject = o.id::text
        WHERE asked.method = 'POST' AND asked.path LIKE '/v1/orders/%/cancel'
          AND asked.status BETWEEN 200 AND 299 AND o.status IS DISTINCT FROM 'cancelled'
          -- 202: it waits for the end of its payment, and no expiry goes before that wish.
          AND NOT (asked.status = 200 AND expired.subject IS NOT NULL)""",
    ),
    Invariant(
        "I75",
        "The coupon that a client was told an order has is counted for that order, and no other is.",
        """
        SELECT asked.order_id FROM asked
        LEFT JOIN coupon_uses taken ON taken.order_id::text = asked.order_id
        LEFT JOIN coupons coupon ON coupon.id = taken.coupon_id
        WHERE asked.status BETWEEN 200 AND 299 AND asked.path = '/v1/checkout'
          AND coupon.code IS DISTINCT FROM asked.coupon""",
    ),
    Invariant(
        "I97",
        "A return was asked for once under each key, and one that a client was told was received is.",
        """
        SELECT made.order_id::text FROM (
          SELECT order_id, seller_id, count(*) AS returns FROM returns GROUP BY 1, 2
        ) made JOIN (
          SELECT split_part(path, '/', 4) AS order_id, count(DISTINCT key) AS keys FROM asked
          WHERE method = 'POST' AND path LIKE '/v1/orders/%/returns' GROUP BY 1
        ) wanted ON wanted.order_id = made.order_id::text WHERE made.returns > wanted.keys
        UNION
        SELECT told.id FROM (
          SELECT split_part(path, '/', 4) AS id FROM asked
          WHERE status BETWEEN 200 AND 299 AND path LIKE '/v1/returns/%/receive'
        ) told LEFT JOIN returns back ON back.id::text = told.id WHERE back.status IS DISTINCT FROM 'received'
        """,
    ),
    Invariant(
        "I46",
        "A mail that was sent has been caught.",
        """
        SELECT message.id FROM messages message LEFT JOIN caught_mails caught USING (message_id)
        WHERE message.status = 'sent' AND message.channel = 'email' AND caught.message_id IS NULL""",
    ),
    Invariant(
        "I20",
        "A mail comes at most once for each attempt to send it, and none comes that is not owed.",
        """
        SELECT caught.message_id FROM caught_mails caught LEFT JOIN messages message USING (message_id)
        GROUP BY caught.message_id, message.attempts HAVING count(*) > coalesce(message.attempts, 0)""",
    ),
)

CHECKS = (*MONEY, *PEOPLE, *MAILS)
