"""What is true of every shop at rest, whatever befell it. Each query finds the rows that break its sentence.

`books` are Stripe's payment intents, `inbox` the Message-IDs of the caught mails, both as JSON.
"""

import json
from typing import Any

from tests.system.shop import Shop

_INTENTS = """
WITH intents AS (
  SELECT * FROM jsonb_to_recordset(%(books)s) AS intent (
    id text, status text, amount bigint, amount_received bigint, currency text, metadata jsonb)
), caught AS (
  SELECT message_id, count(*) AS copies FROM jsonb_array_elements_text(%(inbox)s) AS message_id GROUP BY 1
)
"""

INVARIANTS = {
    "stock is never oversold": "SELECT sku FROM stock_levels WHERE NOT reserved BETWEEN 0 AND on_hand",
    "reserved units are those of active reservations": """
        SELECT sku FROM stock_levels level WHERE reserved <> (
          SELECT coalesce(sum(quantity), 0) FROM reservations
          WHERE variant_id = level.variant_id AND status = 'active')""",
    "units on hand are the sum of their movements": """
        SELECT sku FROM stock_levels level WHERE on_hand <> (
          SELECT coalesce(sum(change), 0) FROM stock_movements WHERE variant_id = level.variant_id)""",
    "an order holds exactly its lines": """
        SELECT o.id FROM orders o JOIN order_lines line ON line.order_id = o.id
        LEFT JOIN reservations held ON held.holder_id = o.id AND held.variant_id = line.variant_id
          AND held.status = CASE o.status WHEN 'pending' THEN 'active' ELSE 'committed' END
        WHERE o.status <> 'cancelled' AND held.quantity IS DISTINCT FROM line.quantity""",
    "a cancelled order holds nothing": """
        SELECT o.id FROM orders o JOIN reservations held ON held.holder_id = o.id
        WHERE o.status = 'cancelled' AND held.status <> 'released'""",
    "what is sold was moved once": """
        SELECT o.id FROM orders o JOIN order_lines line ON line.order_id = o.id
        LEFT JOIN stock_movements moved ON moved.reference = o.id::text
          AND moved.variant_id = line.variant_id AND moved.reason = 'sale'
        GROUP BY o.id, line.id HAVING coalesce(sum(-moved.change), 0)
          <> CASE WHEN o.status IN ('pending', 'cancelled') THEN 0 ELSE line.quantity END""",
    "money at Stripe is an order's here, or owed back": """
        SELECT intent.id FROM intents intent
        LEFT JOIN payments payment ON payment.provider_id = intent.id AND payment.status = 'succeeded'
        LEFT JOIN orders o ON o.id = payment.order_id AND o.status NOT IN ('pending', 'cancelled')
        LEFT JOIN refunds refund ON refund.payment_id = payment.id
        WHERE intent.status = 'succeeded' AND o.id IS NULL AND refund.id IS NULL""",
    "money here is at Stripe, to the cent": """
        SELECT payment.id FROM payments payment LEFT JOIN intents intent ON intent.id = payment.provider_id
        WHERE payment.status = 'succeeded' AND (intent.status, intent.amount_received, upper(intent.currency))
          IS DISTINCT FROM ('succeeded', payment.amount, payment.currency::text)""",
    "a payment has one intent": """
        SELECT metadata ->> 'payment_id' FROM intents GROUP BY 1 HAVING count(*) > 1""",
    "an order is paid once, and the rest is owed back": """
        SELECT order_id FROM payments WHERE status = 'succeeded'
          AND NOT EXISTS (SELECT FROM refunds WHERE payment_id = payments.id)
        GROUP BY 1 HAVING count(*) > 1""",
    "an order has one live payment, and one that waits for its end": """
        SELECT order_id FROM payments WHERE status IN ('creating', 'open', 'processing')
        GROUP BY order_id, waits_for_id IS NULL HAVING count(*) > 1""",
    "what has ended has no payment that can be paid": """
        SELECT payment.id FROM payments payment JOIN orders o ON o.id = payment.order_id
        WHERE o.status <> 'pending' AND payment.status IN ('creating', 'open', 'processing')""",
    "a subtotal is the sum of its lines": """
        SELECT o.id FROM orders o WHERE subtotal_amount <> (
          SELECT sum(line_total_amount) FROM order_lines WHERE order_id = o.id)""",
    "no more goes back than was paid": """
        SELECT payment.id FROM payments payment JOIN refunds refund ON refund.payment_id = payment.id
        WHERE refund.status <> 'failed' GROUP BY payment.id HAVING sum(refund.amount) > payment.amount""",
    "every event of Stripe was processed": """
        SELECT id FROM provider_events WHERE processed_at IS NULL OR status IN ('received', 'unmatched')""",
    "no work is left or lost": "SELECT consumer, state, last_error FROM deliveries WHERE state <> 'done'",
    "a fact of an order happens once": """
        SELECT subject, topic FROM events WHERE topic IN ('orders.placed', 'orders.paid', 'orders.finalized',
          'orders.cancelled', 'payments.opened', 'payments.succeeded')
        GROUP BY 1, 2, CASE WHEN topic LIKE 'payments.%%' THEN payload ->> 'payment_id' END
        HAVING count(*) > 1""",
    "a status is what the timeline tells": """
        SELECT id FROM orders o WHERE (status NOT IN ('pending', 'cancelled')) <> EXISTS (
          SELECT FROM events WHERE topic = 'orders.paid' AND subject = o.id::text)""",
    "a paid order is finalized, a parcel per seller": """
        SELECT o.id FROM orders o WHERE paid_at IS NOT NULL AND (finalized_at IS NULL OR (
          SELECT count(DISTINCT seller_id) FROM order_lines WHERE order_id = o.id) <> (
          SELECT count(*) FROM fulfillments WHERE order_id = o.id))""",
    "every mail was sent": """
        SELECT message.id FROM messages message LEFT JOIN caught USING (message_id)
        WHERE message.status <> 'sent' OR caught.copies IS NULL""",
    "a mail comes at most once per attempt": """
        SELECT message_id FROM caught LEFT JOIN messages message USING (message_id)
        WHERE caught.copies > coalesce(message.attempts, 0)""",
    "nobody is told of money that did not come": """
        SELECT message.id FROM messages message JOIN orders o ON o.id = message.order_id
        WHERE message.kind = 'order_paid' AND o.paid_at IS NULL""",
}


def broken(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    """The sentences that are not true now, with the rows that break them."""
    books = json.dumps(shop.order_stripe("books", "GET")["payment_intents"])
    inbox = json.dumps([mail.message_id for mail in shop.inbox])
    found = {
        sentence: shop.rows(_INTENTS + query, books=books, inbox=inbox)
        for sentence, query in INVARIANTS.items()
    }
    return {sentence: rows for sentence, rows in found.items() if rows}
