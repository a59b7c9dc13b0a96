"""What is taken down when a document is issued."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy.orm import Session

from app.invoicing.services import issuing, showing
from app.orders import services as orders
from app.payments.services import payments, refunds
from app.platform.working_days import WorkingDays
from app.settlement.services import settle
from tests.database import change
from tests.invoicing.making import OFFICE, invoice_of, returned
from tests.refunds import make_paid
from tests.sales import BANK, HOLDS, TOTAL, VISA, make_sale, state
from tests.stories import tried_again_after

FORGOTTEN = """
    UPDATE orders SET tax_number = NULL, billing_address = jsonb_set(billing_address, '{name}', '""')"""


def test_days_are_those_of_the_shop_s_clock(session: Session) -> None:
    """Half past nine in the evening in Greenwich is tomorrow in Kiribati."""
    order = orders.lock(session, make_paid(session).order_id)
    order.placed_at = order.paid_at = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
    kiribati = replace(OFFICE, calendar=WorkingDays(zone=timezone(timedelta(hours=14))))

    made = issuing.issue_invoice(session, order.id, office=kiribati)

    assert made is not None
    page = showing.page(made)
    assert page["meta"][2] == ["Ordered on", "Nov 21, 2026"]
    assert page["after"][0]["text"].startswith("Paid on Nov 21, 2026")


def test_a_credit_note_names_whom_its_invoice_does_though_the_order_has_forgotten_them(
    session: Session,
) -> None:
    sale = make_paid(session)
    change("UPDATE orders SET tax_number = 'DE136695976'", session)
    invoice = invoice_of(session, sale)
    change(FORGOTTEN, session)

    made = issuing.issue_credit_note(session, returned(session, sale, 500), office=OFFICE)

    assert made is not None
    named = [(each.facts["buyer"]["name"], each.facts["tax_number"]) for each in (invoice, made)]
    assert named == [("Ada Lovelace", "DE136695976")] * 2


def test_an_invoice_names_what_paid_it_and_not_older_money_that_came_beside_it(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("canceled"), holds=HOLDS)
    settle(session, replace(tried_again_after(session, sale), charge=BANK), holds=HOLDS)
    settle(session, sale.seen("succeeded", charge=VISA), holds=HOLDS)

    made = invoice_of(session, sale)

    assert state(sale, session).refunds == [("owed", TOTAL, "USD", "surplus")]
    assert made.facts["payment"] == {"kind": "us_bank_account", "brand": "A BANK", "last4": "6789"}


def test_an_invoice_names_what_paid_it_also_when_the_money_of_another_object_of_it_goes_back(
    session: Session,
) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("succeeded", charge=VISA), holds=HOLDS)
    payment = payments.lock(session, sale.payment_id)
    payment.captured_amount += TOTAL
    refunds.owe(session, payment, amount=TOTAL, currency="USD", reason="review", intent_id="pi_second")

    assert invoice_of(session, sale).facts["payment"] == {"kind": "card", "brand": "visa", "last4": "4242"}


def test_an_invoice_names_nothing_that_it_was_not_paid_with(session: Session) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("succeeded", charge=VISA), holds=HOLDS)
    change("UPDATE payments SET status = 'cancelled', succeeded_at = NULL", session)

    assert invoice_of(session, sale).facts["payment"] is None
