"""What is credited of an order that an operator accepted for less than it costs."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.invoicing.services import issuing
from app.ops.services import doctor
from app.payments.services import payments
from tests.buyers import make_buyer, purchase
from tests.database import rows
from tests.invoicing.making import OFFICE, returned
from tests.refunds import make_paid, owe
from tests.sales import TOTAL, Sale
from tests.settlement.transfers import money, note, pay_out, to_pay_out
from tests.stand_in import StandIn
from tests.work import drain

LESS = TOTAL - 5
CREDITED = "SELECT total_amount, tax_amount FROM documents WHERE kind = 'credit_note' ORDER BY sequence"


@pytest.fixture
def sale(session: Session) -> Sale:
    """Paid with 26.94 of 26.99."""
    sale = make_paid(session)
    payments.lock(session, sale.payment_id).captured_amount = LESS
    return sale


def test_a_transfer_that_was_too_little_leaves_nothing_invoiced_when_its_order_is_cancelled(
    client: FlaskClient, stripe: StandIn
) -> None:
    admin, bought = make_buyer(client, role="admin"), purchase(client, payment_flow="manual")
    note(admin, bought, amount=money(LESS))
    admin.post(f"/v1/admin/payments/{bought.payment_id}/resolve", {"decision": "accept"})
    drain()

    assert bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel").status_code == 200
    drain()
    (owed,) = to_pay_out(admin)
    assert pay_out(admin, owed["id"], "line 2").status_code == 200
    drain()

    assert owed["amount"] == money(LESS)
    assert rows(CREDITED) == [(TOTAL, 200)]
    with doctor.snapshot() as session:
        assert doctor.broken(doctor.examine(session)) == []


def test_only_the_last_of_the_money_takes_along_what_was_never_paid(session: Session, sale: Sale) -> None:
    made = [returned(session, sale, 1000), returned(session, sale, LESS - 1000)]

    for refund_id in reversed(made):
        issuing.issue_credit_note(session, refund_id, office=OFFICE)

    assert [total for total, _ in rows(CREDITED, session)] == [LESS - 1000, 1005]
    assert sum(tax for _, tax in rows(CREDITED, session)) == 200


@pytest.mark.parametrize(("reason", "credited"), [("other", LESS), ("surplus", TOTAL)])
def test_what_is_on_its_way_is_waited_for_unless_it_was_paid_beside_the_invoice(
    session: Session, reason: str, credited: int
) -> None:
    sale = make_paid(session)
    owe(session, sale, 5, reason)

    issuing.issue_credit_note(session, returned(session, sale, LESS), office=OFFICE)

    assert [total for total, _ in rows(CREDITED, session)] == [credited]


def test_what_was_never_paid_stays_invoiced_while_any_money_is_kept(session: Session, sale: Sale) -> None:
    issuing.issue_credit_note(session, returned(session, sale, LESS - 1), office=OFFICE)

    assert [total for total, _ in rows(CREDITED, session)] == [LESS - 1]
