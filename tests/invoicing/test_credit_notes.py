"""What refunds take back of an invoice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.invoicing.models import Document
from app.invoicing.services import issuing
from app.ops.services import doctor
from app.orders import services as orders
from app.payments.services import payments, refunds
from app.payments.services.refunds import Units
from app.payments.states import FAILED
from app.platform.db import transaction
from app.settlement.services import give_back_again, settle_refund
from tests.database import change, lock_waiters, rows
from tests.invoicing.making import OFFICE, invoice_of, returned
from tests.refunds import make_paid, reported
from tests.sales import TOTAL, Sale, make_sale
from tests.waiting import wait

HEARD = """
    UPDATE deliveries SET state = 'done', done_at = now(), lease_until = NULL
    WHERE consumer = 'invoicing.credit'"""


def is_credited(session: Session) -> bool:
    """Whether the doctor misses no credit note."""
    return "I82" not in [each.invariant.id for each in doctor.broken(doctor.examine(session))]


def note(session: Session, refund_id: Any) -> Document | None:
    return issuing.issue_credit_note(session, refund_id, office=OFFICE)


def told(document: Document | None) -> list[tuple[str, int | None, int, int]]:
    """What a credit note takes back of each part: name, units, gross, tax."""
    assert document is not None
    parts = document.facts["parts"]
    return [(each["name"], each["quantity"], each["gross"], each["tax"]) for each in parts]


def of_the_dashboard(session: Session, sale: Sale, amount: int) -> UUID:
    """A refund that was made at the provider."""
    settle_refund(session, reported(sale, amount))
    ((refund_id,),) = rows("SELECT id FROM refunds WHERE source = 'provider'", session)
    return UUID(str(refund_id))


def documents(session: Session) -> list[tuple[Any, ...]]:
    return rows(
        "SELECT number, total_amount, tax_amount FROM documents ORDER BY kind DESC, sequence", session
    )


def test_units_go_back_with_their_tax_and_the_rest_makes_the_invoice_whole(session: Session) -> None:
    sale = make_paid(session)
    ((line_id, name),) = rows(
        "SELECT id, name FROM order_lines WHERE order_id = :id", session, id=sale.order_id
    )
    unit = Units(line_id, 1, restock=False)

    first = note(session, returned(session, sale, 1080, units=[unit]))
    second = note(session, returned(session, sale, TOTAL - 1080))

    year = first.year if first else 0
    assert told(first) == [(name, 1, 1080, 80)]
    assert told(second) == [(name, None, 1080, 80), ("Standard shipping", None, 539, 40)]
    assert documents(session) == [
        (f"INV-{year}-000001", TOTAL, 200),
        (f"CN-{year}-000001", 1080, 80),
        (f"CN-{year}-000002", TOTAL - 1080, 120),
    ]
    assert first is not None
    assert (first.facts["invoice"]["number"], first.facts["is_all"]) == (f"INV-{year}-000001", False)


def test_a_refund_of_all_takes_back_every_unit_and_asking_again_changes_nothing(session: Session) -> None:
    sale = make_paid(session)
    refund_id = returned(session, sale, TOTAL)

    document = note(session, refund_id)
    again = note(session, refund_id)

    assert document is again
    assert document is not None
    assert [each[1:] for each in told(document)] == [(2, 2160, 160), (1, 539, 40)]
    assert document.facts["is_all"] is True
    assert len(documents(session)) == 2


def test_money_that_was_paid_beyond_the_invoice_takes_nothing_of_it_back(session: Session) -> None:
    sale = make_paid(session)
    refund_id = returned(session, sale, 500, reason="overpaid")
    unpaid = make_sale(session)
    change = "UPDATE payments SET captured_amount = amount, status = 'succeeded', succeeded_at = now()"
    rows(f"{change} WHERE order_id = :id RETURNING id", session, id=unpaid.order_id)
    late = returned(session, unpaid, 500, reason="unavailable")

    assert (note(session, refund_id), note(session, late)) == (None, None)
    assert documents(session) == []


def test_what_the_dashboard_gives_back_of_money_beyond_the_invoice_takes_nothing_of_it_back(
    session: Session,
) -> None:
    sale = make_paid(session)
    invoice_of(session, sale)
    payment = payments.lock(session, sale.payment_id)
    surplus = refunds.lock(session, returned(session, sale, 1000, reason="surplus"))
    refunds.move(payment, surplus, FAILED)

    assert note(session, of_the_dashboard(session, sale, 1000)) is None
    assert [row[1] for row in documents(session)] == [TOTAL]


def test_another_try_of_what_the_dashboard_could_not_give_back_of_money_beyond_the_invoice_takes_nothing(
    session: Session,
) -> None:
    sale = make_paid(session)
    invoice_of(session, sale)
    payment = payments.lock(session, sale.payment_id)
    for made in (
        returned(session, sale, 1000, reason="surplus"),
        failed := of_the_dashboard(session, sale, 1000),
    ):
        refunds.move(payment, refunds.lock(session, made), FAILED)
    session.flush()
    retry_id = give_back_again(session, failed).id
    settle_refund(session, reported(sale, 1000, provider_id="re_2", refund_id=retry_id))

    assert note(session, retry_id) is None
    assert rows("SELECT status, source, reason FROM refunds WHERE id = :id", session, id=retry_id) == [
        ("succeeded", "shop", "provider")
    ]
    assert [row[1] for row in documents(session)] == [TOTAL]
    change(HEARD, session)
    assert doctor.broken(doctor.examine(session)) == []


def test_what_the_dashboard_gives_back_of_the_orders_own_money_has_a_credit_note(session: Session) -> None:
    sale = make_paid(session)

    assert note(session, of_the_dashboard(session, sale, 500)) is not None
    assert [row[1] for row in documents(session)] == [TOTAL, 500]


def test_another_try_of_a_refund_has_the_credit_note_of_the_first(session: Session) -> None:
    sale = make_paid(session)
    refund_id = returned(session, sale, 1000)
    note(session, refund_id)
    payment = payments.lock(session, sale.payment_id)
    refunds.move(payment, refunds.lock(session, refund_id), FAILED)
    retry_id = returned(session, sale, 1000, retry_of_id=refund_id)

    assert note(session, retry_id) is None
    assert [row[1] for row in documents(session)] == [TOTAL, 1000]


def test_a_refund_has_one_credit_note_whichever_try_a_worker_hears_of_first(session: Session) -> None:
    sale = make_paid(session)
    first_id = returned(session, sale, 1000)
    payment = payments.lock(session, sale.payment_id)
    refunds.move(payment, refunds.lock(session, first_id), FAILED)
    retry_id = returned(session, sale, 1000, retry_of_id=first_id)

    assert note(session, retry_id) is not None
    assert note(session, first_id) is None
    assert [row[1] for row in documents(session)] == [TOTAL, 1000]
    change(HEARD, session)
    assert is_credited(session)


def fail(session: Session, sale: Sale, refund_id: UUID) -> None:
    """The money came back to the shop."""
    payment = payments.lock(session, sale.payment_id)
    refunds.move(payment, refunds.lock(session, refund_id), FAILED)
    session.flush()


def test_money_that_came_back_and_is_given_back_anew_takes_nothing_of_what_the_buyer_keeps(
    session: Session,
) -> None:
    sale = make_paid(session)
    ((line_id,),) = rows("SELECT id FROM order_lines WHERE order_id = :id", session, id=sale.order_id)
    unit = Units(line_id, 1, restock=False)
    first_id = returned(session, sale, 1080, units=[unit])
    note(session, first_id)
    fail(session, sale, first_id)

    assert note(session, returned(session, sale, 1080, units=[unit])) is None

    assert [row[1] for row in documents(session)] == [TOTAL, 1080]
    change(HEARD, session)
    assert is_credited(session)


def test_credit_notes_come_to_what_has_gone_back_whichever_refund_failed_after_it_was_credited(
    session: Session,
) -> None:
    sale = make_paid(session)
    failed_id = returned(session, sale, 1000)
    note(session, failed_id)
    fail(session, sale, failed_id)

    other = note(session, returned(session, sale, 700))
    anew = note(session, returned(session, sale, 1000, retry_of_id=failed_id))

    assert other is None
    assert anew is not None
    assert [row[1] for row in documents(session)] == [TOTAL, 1000, 700]
    change(HEARD, session)
    assert is_credited(session)


def test_a_refund_that_has_failed_before_its_credit_note_was_issued_has_none(session: Session) -> None:
    sale = make_paid(session)
    invoice_of(session, sale)
    refund_id = returned(session, sale, 1000)
    fail(session, sale, refund_id)

    assert note(session, refund_id) is None

    assert [row[1] for row in documents(session)] == [TOTAL]
    change(HEARD, session)
    assert is_credited(session)


@pytest.mark.usefixtures("client")  # for its database: this commits
def test_a_refund_that_fails_while_its_credit_note_waits_for_the_order_has_none() -> None:
    with transaction() as session:
        sale = make_paid(session)
        invoice_of(session, sale)
        refund_id = returned(session, sale, 1000)

    def is_issued() -> bool:
        with transaction() as session:
            return note(session, refund_id) is not None

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            orders.lock(session, sale.order_id)
            waiting = pool.submit(is_issued)
            wait(lambda: lock_waiters() == 1)
            fail(session, sale, refund_id)
        assert waiting.result(timeout=20) is False

    assert rows("SELECT kind, total_amount FROM documents") == [("invoice", TOTAL)]


def test_the_doctor_finds_a_refund_that_nobody_credits(session: Session) -> None:
    sale = make_paid(session)
    invoice_of(session, sale)
    first_id = returned(session, sale, 1000)
    note(session, first_id)
    fail(session, sale, first_id)
    returned(session, sale, 1001)

    while_owed = is_credited(session)
    change(HEARD, session)

    assert while_owed
    assert not is_credited(session)


def test_when_all_is_taken_back_already_there_is_nothing_left_to_credit(session: Session) -> None:
    sale = make_paid(session)
    note(session, returned(session, sale, TOTAL))
    payment = payments.lock(session, sale.payment_id)
    payment.captured_amount += 700

    assert note(session, returned(session, sale, 700)) is None
