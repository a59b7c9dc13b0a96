"""A small shop in a session, and one way to break each invariant of it behind the application's back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.fulfillment import services as fulfillment
from app.identity.services import api_keys
from app.inventory.services import holds
from app.orders import services as orders
from app.settlement import services as settlement
from tests.database import change, rows
from tests.factories import MadeProduct, make_user
from tests.invoicing.making import invoice_of
from tests.ops.mailed import mail
from tests.refunds import reported
from tests.sales import HOLDS, TOTAL, Sale, make_sale


@dataclass(frozen=True, slots=True)
class SmallShop:
    """An order that is paid and handed over, one that waits for its money, one whose money went back."""

    paid: Sale
    pending: Sale
    owed: Sale

    @property
    def names(self) -> dict[str, UUID]:
        """The orders and their payments, as the statements below name them."""
        found: dict[str, UUID] = {}
        for name in self.__slots__:
            sale: Sale = getattr(self, name)
            found |= {name: sale.order_id, f"{name}_payment": sale.payment_id}
            found[f"{name}_variant"] = sale.product.variant_id
            found[f"{name}_product"] = sale.product.id
        return found


def small_shop(session: Session) -> SmallShop:
    """Made through services, with all its work done and all its buyers told."""
    paid, pending, owed = (make_sale(session) for _ in range(3))
    settlement.settle(session, paid.seen("succeeded"), holds=HOLDS)
    fulfillment.open_for_order(session, paid.order_id)
    invoice_of(session, paid)
    settlement.cancel(session, orders.lock(session, owed.order_id), reason="buyer")
    settlement.settle(session, owed.seen("succeeded"), holds=HOLDS)
    ((refund_id,),) = rows("SELECT id FROM refunds", session)
    settlement.begin_sending(session, refund_id)
    settlement.settle_refund(session, reported(owed, TOTAL, refund_id=refund_id, order_id=owed.order_id))
    for sale in (paid, pending, owed):
        mail(session, sale, "order_received")
    mail(session, paid, "order_paid")
    mail(session, owed, "order_cancelled")
    mail(session, owed, "order_refunded", refund_id)
    hold_at_till(session, paid.product)
    change("UPDATE deliveries SET state = 'done', done_at = now(), lease_until = NULL", session)
    return SmallShop(paid, pending, owed)


def hold_at_till(session: Session, product: MadeProduct) -> None:
    """A unit of another channel's, not sold yet."""
    admin_id, day = make_user(session, role="admin").id, timedelta(days=1)
    key = api_keys.make(
        session, name="Till", scopes=["stock:hold"], seller_id=None, lifetime=day, made_by=admin_id
    )
    holds.reserve(
        session,
        client_id=key.row.client_id,
        seller_id=None,
        reference="r1",
        units={product.sku: 1},
        lifetime=day,
    )


BREAKS: dict[str, str] = {
    "I1": """
        ALTER TABLE stock_levels DROP CONSTRAINT ck_stock_levels_reserved_within_on_hand;
        INSERT INTO stock_movements (variant_id, change, reason, reference)
          VALUES (:pending_variant, -4, 'lost', 'x');
        UPDATE stock_levels SET on_hand = on_hand - 4 WHERE variant_id = :pending_variant;
        UPDATE listings SET available = false WHERE product_id = :pending_product""",
    "I2": "UPDATE stock_levels SET reserved = reserved + 1 WHERE variant_id = :pending_variant",
    "I3": "UPDATE stock_levels SET on_hand = on_hand + 1 WHERE variant_id = :pending_variant",
    "I4": """
        UPDATE reservations SET quantity = 1 WHERE holder_id = :pending;
        UPDATE stock_levels SET reserved = 1 WHERE variant_id = :pending_variant""",
    "I5": """
        UPDATE reservations SET status = 'active' WHERE holder_id = :owed;
        UPDATE stock_levels SET reserved = 2 WHERE variant_id = :owed_variant""",
    "I72": """
        INSERT INTO coupons (id, code, kind, basis_points, scope, scope_ids, used)
          VALUES (gen_random_uuid(), 'SPRING', 'percentage', 1000, 'all', '{}', 1)""",
    "I73": "UPDATE orders SET coupon_code = 'SPRING' WHERE id = :pending",
    "I8": """
        DROP INDEX uq_payments_live;
        INSERT INTO payments (id, order_id, provider, flow, amount, currency, idempotency_key, parameters)
          SELECT gen_random_uuid(), order_id, provider, flow, amount, currency, 'again', '{}'
          FROM payments WHERE order_id = :pending""",
    "I9": "UPDATE payments SET amount = amount + 1 WHERE order_id = :pending",
    "I71": "UPDATE order_lines SET tax_amount = tax_amount + 1 WHERE order_id = :pending",
    "I74": "INSERT INTO variant_prices SELECT id, 'KWD', 5125 FROM variants LIMIT 1",
    "I10": """
        ALTER TABLE payments DROP CONSTRAINT ck_payments_refunded_within_captured;
        UPDATE payments SET refunded_amount = captured_amount + 1 WHERE order_id = :owed;
        UPDATE refunds SET amount = amount + 1 WHERE order_id = :owed""",
    "I13": "INSERT INTO provider_events (id, type, payload) VALUES ('evt_1', 'charge.succeeded', '{}')",
    "I15": """
        INSERT INTO idempotency_keys (scope, key, fingerprint, status, body)
          VALUES ('user', 'a', '', 201, '{"order_id": "0", "payment_id": "1"}')""",
    "I16": """
        UPDATE deliveries SET state = 'pending', done_at = NULL, run_after = now() - interval '2 hours'""",
    "I17": """
        INSERT INTO events (id, topic, subject, payload)
          SELECT gen_random_uuid(), topic, subject, payload FROM events WHERE topic = 'orders.finalized'""",
    "I18": """
        INSERT INTO delivery_attempts (delivery_id, token, number, worker, started_at, ended_at, outcome)
          SELECT min(id), 99, 1, 'frozen', now() - interval '3 s', now(), 'done' FROM deliveries;
        INSERT INTO delivery_attempts (delivery_id, token, number, worker, started_at, ended_at, outcome)
          SELECT min(id), 100, 2, 'second', now() - interval '2 s', now() - interval '1 s', 'done'
          FROM deliveries""",
    "I19": "UPDATE messages SET status = 'queued'",
    "I21": "UPDATE messages SET order_id = :pending",
    "I22": """
        INSERT INTO events (id, topic, subject, payload)
          SELECT gen_random_uuid(), topic, subject, payload FROM events WHERE topic = 'orders.cancelled'""",
    "I23": "UPDATE orders SET status = 'packed' WHERE id = :paid",
    "I24": """
        ALTER TABLE deliveries DROP CONSTRAINT uq_deliveries_consumer_dedupe_key;
        INSERT INTO deliveries (event_id, consumer, queue, dedupe_key, state, done_at)
          SELECT event_id, consumer, queue, dedupe_key, state, done_at FROM deliveries LIMIT 1""",
    "I26": "UPDATE refunds SET order_id = :paid",
    "I30": "UPDATE orders SET hold_until = now() - interval '26 hours' WHERE id = :pending",
    "I31": "UPDATE stock_movements SET reason = 'lost' WHERE reference = CAST(:paid AS text)",
    "I32": """
        INSERT INTO refund_lines (refund_id, order_line_id, quantity, restock)
          SELECT refunds.id, line.id, 1, true FROM refunds JOIN order_lines line USING (order_id)""",
    "I33": "UPDATE order_lines SET withheld = quantity; DELETE FROM fulfillments",
    "I34": "UPDATE orders SET cancel_requested_at = now() WHERE id = :pending",
    "I35": "UPDATE payments SET refunded_amount = 1 WHERE order_id = :paid",
    "I36": "UPDATE payments SET captured_amount = captured_amount - 1 WHERE order_id = :paid",
    "I37": "UPDATE orders SET payment_status = 'partially_refunded' WHERE id = :paid",
    "I38": """
        UPDATE payments SET status = 'open', captured_amount = 0, refunded_amount = 0, succeeded_at = NULL
          WHERE order_id = :owed;
        UPDATE refunds SET status = 'failed';
        UPDATE orders SET payment_status = 'unpaid' WHERE id = :owed;
        UPDATE events SET topic = 'payments.declined'
          WHERE topic = 'payments.succeeded' AND subject = CAST(:owed AS text)""",
    "I39": """
        INSERT INTO refund_lines (refund_id, order_line_id, quantity, restock)
          SELECT refunds.id, line.id, 3, false FROM refunds JOIN order_lines line USING (order_id)""",
    "I40": """
        UPDATE payments SET refunded_amount = 0;
        DELETE FROM messages WHERE refund_id IS NOT NULL;
        DELETE FROM refunds;
        UPDATE orders SET payment_status = 'paid' WHERE id = :owed""",
    "I41": """
        UPDATE events SET topic = 'payments.declined'
          WHERE topic = 'payments.succeeded' AND subject = CAST(:paid AS text)""",
    "I42": """
        DELETE FROM deliveries WHERE consumer = 'payments.open'
          AND id > (SELECT min(id) FROM deliveries WHERE consumer = 'payments.open')""",
    "I47": """
        UPDATE refunds SET status = 'owed', provider_id = NULL;
        UPDATE orders SET payment_status = 'paid' WHERE id = :owed;
        DELETE FROM deliveries WHERE consumer = 'settlement.send_refund';
        DELETE FROM events WHERE topic IN ('refunds.owed', 'refunds.sent')""",
    "I48": "UPDATE orders SET payment_status = 'review' WHERE id = :pending",
    "I49": "UPDATE stock_holds SET status = 'expired', closed_at = now()",
    "I50": "UPDATE stock_holds SET hold_until = now() - interval '2 hours'",
    "I51": "UPDATE products SET rating_sum = 5, rating_count = 1",
    "I53": "UPDATE listings SET available = NOT available WHERE product_id = :paid_product",
    "I55": "UPDATE products SET image_key = 'of nothing'",
    "I56": """
        INSERT INTO media_uploads (id, subject_kind, subject_id, status, content_type, byte_size, sha256)
          VALUES (gen_random_uuid(), 'product', :paid, 'uploaded', 'image/png', 1, 'of a file')""",
    "I96": "UPDATE events SET xid = '4611686018427387904' WHERE subject = CAST(:pending AS text)",
    "I130": """
        INSERT INTO bank_transfers (id, payment_id, object_id, reference, amount, currency)
          VALUES (gen_random_uuid(), :pending_payment, 'manual_1', 'line 1', 1, 'USD')""",
    "I131": """
        INSERT INTO bank_transfers (id, payment_id, refund_id, object_id, reference, amount, currency)
          SELECT gen_random_uuid(), payment_id, id, 'manual_2', 'line 2', amount - 1, 'USD' FROM refunds""",
    "I132": """
        INSERT INTO carts (id, token_hash, currency, updated_at)
          VALUES (gen_random_uuid(), 'of nobody', 'USD', now() - interval '33 days')""",
    "I70": "INSERT INTO catalog_exports (id, format, actor) VALUES (gen_random_uuid(), 'csv', 'nobody')",
    "I90": """
        ALTER TABLE order_lines DROP CONSTRAINT ck_order_lines_no_more_returned_than_sent;
        UPDATE order_lines SET returned = 1 WHERE order_id = :paid""",
    "I91": """
        ALTER TABLE order_lines DROP CONSTRAINT ck_order_lines_no_more_returned_than_sent;
        UPDATE order_lines SET returned = 1 WHERE order_id = :paid;
        INSERT INTO returns (id, order_id, seller_id)
          SELECT gen_random_uuid(), order_id, seller_id FROM order_lines WHERE order_id = :paid;
        INSERT INTO return_lines (return_id, order_line_id, quantity, reason)
          SELECT returns.id, line.id, 1, 'other' FROM returns JOIN order_lines line USING (order_id)""",
    "I92": """
        INSERT INTO returns (id, order_id, seller_id, status, received_at, refund_id)
          SELECT gen_random_uuid(), line.order_id, line.seller_id, 'received', now(), refunds.id
          FROM order_lines line, refunds WHERE line.order_id = :paid""",
    "I93": "UPDATE refunds SET shipping_amount = 600",
    "I94": """
        INSERT INTO refund_lines (refund_id, order_line_id, quantity, restock, amount)
          SELECT refunds.id, line.id, 1, false, 1080 FROM refunds JOIN order_lines line USING (order_id);
        UPDATE refunds SET reason = 'returned'""",
    "I95": """
        INSERT INTO refund_lines (refund_id, order_line_id, quantity, restock, amount)
          SELECT refunds.id, line.id, 1, false, 2161 FROM refunds JOIN order_lines line USING (order_id)""",
    "I52": """
        INSERT INTO events (id, topic, subject, payload)
          SELECT gen_random_uuid(), 'orders.' || state, CAST(:paid AS text), '{}'
          FROM unnest(ARRAY['packed', 'shipped', 'delivered']) WITH ORDINALITY AS step (state, number)
          ORDER BY number;
        INSERT INTO deliveries (event_id, consumer, queue, dedupe_key, state, done_at)
          SELECT id, 'notifications.order_delivered', 'email', id, 'done', now() FROM events
          WHERE topic = 'orders.delivered';
        UPDATE orders SET status = 'delivered', fulfillment_status = 'delivered' WHERE id = :paid;
        UPDATE order_lines SET parcelled = quantity WHERE order_id = :paid;
        INSERT INTO parcel_lines (parcel_id, order_line_id, quantity)
          SELECT parcel.id, line.id, line.quantity FROM fulfillments parcel
          JOIN order_lines line USING (order_id) WHERE order_id = :paid;
        UPDATE fulfillments SET status = 'delivered', shipped_at = now(), delivered_at = now()
          WHERE order_id = :paid""",
    "I80": "UPDATE document_numbers SET last = last + 1",
    "I81": """
        ALTER TABLE documents DISABLE TRIGGER never_changed;
        ALTER TABLE document_numbers DISABLE TRIGGER one_by_one;
        DELETE FROM documents;
        DELETE FROM document_numbers""",
    "I82": """
        UPDATE document_numbers SET last = last + 1;
        INSERT INTO documents (id, kind, year, sequence, number, order_id, currency, total_amount, tax_amount,
            facts, issued_at, rendered_at, sha256, byte_size)
          SELECT gen_random_uuid(), kind, year, 2, 'INV-2', CAST(:owed AS uuid), currency, total_amount,
            tax_amount, facts, issued_at, rendered_at, sha256, byte_size FROM documents""",
    "I83": """
        ALTER TABLE documents DISABLE TRIGGER never_changed;
        UPDATE documents SET tax_amount = tax_amount + 1""",
    "I84": "UPDATE documents SET rendered_at = NULL, sha256 = NULL, byte_size = NULL",
    "I57": "UPDATE orders SET fulfillment_status = 'partial' WHERE id = :paid",
    "I58": """
        INSERT INTO parcel_lines (parcel_id, order_line_id, quantity)
          SELECT parcel.id, line.id, 1 FROM fulfillments parcel JOIN order_lines line USING (order_id)""",
    "I59": "UPDATE fulfillments SET status = 'cancelled' WHERE order_id = :paid",
    "I60": """
        ALTER TABLE order_lines DROP CONSTRAINT ck_order_lines_no_more_sent_than_sold;
        UPDATE order_lines SET withheld = 3 WHERE order_id = :paid;
        UPDATE fulfillments SET status = 'cancelled' WHERE order_id = :paid""",
    "I61": """
        INSERT INTO refunds (id, order_id, payment_id, amount, currency, reason, idempotency_key, status)
          SELECT gen_random_uuid(), order_id, id, 1, currency, 'other', 'failed', 'failed'
          FROM payments WHERE order_id = :paid;
        INSERT INTO refund_lines (refund_id, order_line_id, quantity, restock)
          SELECT refunds.id, line.id, 1, true FROM refunds JOIN order_lines line USING (order_id)
          WHERE order_id = :paid;
        INSERT INTO stock_movements (variant_id, change, reason, reference)
          SELECT CAST(:paid_variant AS uuid), 1, 'returned', id::text FROM refunds WHERE order_id = :paid;
        UPDATE stock_levels SET on_hand = on_hand + 1 WHERE variant_id = :paid_variant;
        UPDATE reservations SET returned = 1 WHERE holder_id = :paid""",
    "I120": "UPDATE fulfillments SET ready_at = now() WHERE order_id = :paid",
    "I110": """
        INSERT INTO webhook_feed (id, xid, sequence) VALUES (1, 9000000000000000000, 0);
        INSERT INTO webhook_endpoints (id, notified_user_id, url, types, after_xid, after_sequence)
          SELECT gen_random_uuid(), min(id::text)::uuid, 'https://hooks.example', '{ORDER_PAID}', 0, 0
          FROM users""",
    "I111": """
        INSERT INTO webhook_endpoints
            (id, notified_user_id, url, types, after_xid, after_sequence, status, disabled_reason)
          SELECT gen_random_uuid(), min(id::text)::uuid, 'https://hooks.example', '{ORDER_PAID}', 0, 0,
            'disabled', 'owner' FROM users;
        INSERT INTO webhook_messages (id, endpoint_id, event_id, sequence, type, subject, data, occurred_at)
          SELECT gen_random_uuid(), id, id, 1, 'ORDER_PAID', 'x', '{}', now() FROM webhook_endpoints""",
}
"""Statements by the id of the invariant; they know the small shop's names. What the database itself would
refuse needs its constraint lifted first."""


def break_it(session: Session, name: str, shop: SmallShop) -> None:
    """Make one invariant untrue."""
    for statement in BREAKS[name].split(";"):
        change(statement, session, **shop.names)


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """What is changed meanwhile is so no longer afterwards."""
    session.flush()
    with session.begin_nested() as changes:
        yield
        changes.rollback()
