"""Each table is audited, or somebody has thought about why not."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.platform.db import Base

NOT_AUDITED = {
    # What machines write down, as logs do.
    "audit_log",
    "delivery_attempts",
    "document_numbers",
    "documents",
    "events",
    "idempotency_keys",
    "import_refusals",
    "invariant_checks",
    "known_addresses",
    "login_tries",
    "provider_events",
    "reconciliation_findings",
    "reconciliation_runs",
    "scheduled_jobs",
    "service_notices",
    "webhook_attempts",
    "webhook_feed",
    # What only its owner changes, or what follows from an audited row in the same transaction.
    "cart_items",
    "carts",
    "coupon_customers",
    "coupon_uses",
    "data_exports",
    "disputes",
    "listings",
    "mail_links",
    "order_lines",
    "parcel_lines",
    "provider_customers",
    "purchases",
    "refund_lines",
    "reservations",
    "return_lines",
    "saved_methods",
    "search_words",
    "stock_holds",
    "stock_notices",
    "user_sessions",
}
AUDITED = text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'audit'")


def test_every_table_is_audited_or_has_a_reason_not_to_be(session: Session) -> None:
    audited = set(session.scalars(AUDITED))

    assert audited | NOT_AUDITED == set(Base.metadata.tables)
    assert audited & NOT_AUDITED == set()
