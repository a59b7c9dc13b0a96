"""What an invariant says in several ways is looked for in each of them."""

from sqlalchemy.orm import Session

from app.ops.services import doctor
from tests.database import change
from tests.ops.broken_on_purpose import small_shop, undone

DISPUTE = """
  INSERT INTO disputes (id, order_id, payment_id, provider_id, status, reason, amount, currency, opened_at)
  VALUES (gen_random_uuid(), :paid, :owed_payment, 'dp_1', 'open', 'fraudulent', 1, 'USD', now())"""
UNITS_OF_ANOTHER = """
  INSERT INTO refund_lines (refund_id, order_line_id, quantity, restock)
  SELECT refunds.id, line.id, 1, false FROM refunds, order_lines line WHERE line.order_id = :paid"""
PARCEL_OF_ANOTHER = """
  INSERT INTO fulfillments (id, order_id, seller_id, parcel, status)
  SELECT gen_random_uuid(), :paid, user_id, 2, 'pending' FROM orders WHERE id = :pending"""
CART_OF_ANOTHER = """
  UPDATE carts SET user_id = (SELECT seller_id FROM order_lines WHERE order_id = :owed)
  WHERE id = (SELECT cart_id FROM orders WHERE id = :pending)"""
FOR_NOBODY = """
  INSERT INTO reservations (id, holder_id, variant_id, quantity)
  VALUES (gen_random_uuid(), gen_random_uuid(), :pending_variant, 1);
  UPDATE stock_levels SET reserved = reserved + 1 WHERE variant_id = :pending_variant"""
OF_NO_LINE = """
  INSERT INTO reservations (id, holder_id, variant_id, quantity)
  VALUES (gen_random_uuid(), :pending, :paid_variant, 1);
  UPDATE stock_levels SET reserved = reserved + 1 WHERE variant_id = :paid_variant"""

DEARER = """
  UPDATE order_lines SET unit_price_amount = unit_price_amount + 1,
    line_total_amount = line_total_amount + quantity WHERE order_id = :paid"""
TOLD_TOO_EARLY = """
  UPDATE events SET topic = 'payments.succeeded'
  WHERE topic = 'payments.opened' AND subject = CAST(:pending AS text)"""

NEVER_ERASED = """
  INSERT INTO media_uploads (id, subject_kind, subject_id, content_type, byte_size, sha256, removed_at)
  VALUES (gen_random_uuid(), 'product', :paid, 'image/png', 1, 'of a file', now())"""

NOBODY_GOES_ON = """
  INSERT INTO catalog_imports (id, status, format, dry_run, actor, byte_size, columns, bytes_read, lines_read)
  VALUES (gen_random_uuid(), 'waiting', 'csv', false, 'nobody', 10, '{sku}', 4, 1)"""

NOBODY_WRITES_ORDERS = """
  INSERT INTO order_exports (id, actor, criteria) VALUES (gen_random_uuid(), 'nobody', '{}')"""

WAYS = [
    ("I4", OF_NO_LINE),
    ("I9", DEARER),
    ("I26", DISPUTE),
    ("I26", UNITS_OF_ANOTHER),
    ("I26", "UPDATE payments SET waits_for_id = :owed_payment WHERE order_id = :pending"),
    ("I26", PARCEL_OF_ANOTHER),
    ("I26", CART_OF_ANOTHER),
    ("I26", FOR_NOBODY),
    ("I36", "UPDATE payments SET captured_amount = 1 WHERE order_id = :pending"),
    ("I41", TOLD_TOO_EARLY),
    ("I55", "UPDATE listings SET image_key = 'of nothing'"),
    ("I56", NEVER_ERASED),
    ("I70", NOBODY_GOES_ON),
    ("I70", NOBODY_WRITES_ORDERS),
]


def test_each_way_to_break_an_invariant_is_found(session: Session) -> None:
    shop = small_shop(session)
    unseen: list[str] = []

    for name, statements in WAYS:
        with undone(session):
            for statement in statements.split(";"):
                change(statement, session, **shop.names)
            if name not in [each.invariant.id for each in doctor.broken(doctor.examine(session))]:
                unseen.append(statements)

    assert unseen == []
