"""Which of the provider's objects fit the payment behind them."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.payments.services import payments
from app.settlement.services import settle
from app.settlement.services.comparing import payment_difference
from tests.sales import HOLDS, TOTAL, Sale, make_sale

OTHER = {"provider_id": "pi_other"}
SMALLER = {"amount": TOTAL - 1}


def fits(session: Session, sale: Sale, status: str, **values: Any) -> bool:
    return payment_difference(sale.seen(status, **values), payments.lock(session, sale.payment_id)) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "values", "fitting"),
    [
        ("open", "requires_payment_method", {}, True),
        ("open", "requires_payment_method", SMALLER, False),
        ("open", "requires_payment_method", OTHER, False),
        ("open", "canceled", {}, False),
        ("open", "canceled", OTHER, True),
        ("open", "succeeded", {}, False),
        ("open", "processing", {}, False),
        ("canceled", "canceled", {}, True),
        ("canceled", "canceled", SMALLER, True),
        ("canceled", "processing", {}, True),
        ("canceled", "requires_payment_method", {}, False),
        ("canceled", "succeeded", {}, False),
        ("processing", "processing", {}, True),
        ("succeeded", "succeeded", {}, True),
        ("succeeded", "succeeded", {"amount_received": TOTAL - 1}, False),
        ("succeeded", "succeeded", {"currency": "EUR"}, False),
        ("succeeded", "succeeded", {"order_id": None}, True),
        ("succeeded", "canceled", {}, False),
        ("succeeded", "canceled", OTHER, True),
    ],
)
def test_an_object_fits_when_its_state_and_its_facts_do_or_nothing_comes_of_it(
    session: Session, ours: str, theirs: str, values: dict[str, Any], *, fitting: bool
) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("requires_payment_method" if ours == "open" else ours), holds=HOLDS)

    assert fits(session, sale, theirs, **values) == fitting


@pytest.mark.parametrize(("taken", "fitting"), [(TOTAL + 1, True), (TOTAL - 1, False)])
def test_what_another_object_took_beside_it_is_nothing_that_its_own_has_to_fit(
    session: Session, taken: int, *, fitting: bool
) -> None:
    sale = make_sale(session)
    settle(session, sale.seen("succeeded"), holds=HOLDS)
    payments.lock(session, sale.payment_id).captured_amount = taken

    assert fits(session, sale, "succeeded") == fitting


def test_a_payment_that_knows_no_object_yet_differs_by_its_state_alone(session: Session) -> None:
    sale = make_sale(session, opened=False)

    assert not fits(session, sale, "requires_payment_method")
    assert not fits(session, sale, "canceled")
