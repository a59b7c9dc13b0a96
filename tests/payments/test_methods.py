"""What was paid with: told by a charge, or along with the payment itself."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.payments.gateway.protocol import Charge
from app.payments.services import payments
from app.settlement.services import settle
from tests.database import rows
from tests.sales import BANK, HOLDS, VISA, Sale, make_sale

CARD = Charge(provider_id=None, payment_id=None, kind="card", brand="visa", last4="4242")


def methods(session: Session) -> dict[Any, tuple[Any, ...]]:
    """Kind, brand and last four digits of each payment."""
    found = rows("SELECT id, method_kind, method_brand, method_last4 FROM payments", session)
    return {row[0]: row[1:] for row in found}


def by_our_id(sale: Sale) -> Charge:
    return replace(CARD, payment_id=sale.payment_id)


def by_its_intent(sale: Sale) -> Charge:
    return replace(CARD, provider_id=sale.provider_id)


@pytest.mark.parametrize("named", [by_our_id, by_its_intent])
def test_a_charge_tells_it_of_the_payment_that_it_names_and_of_no_other(session: Session, named: Any) -> None:
    mine, other = make_sale(session), make_sale(session)

    assert payments.note_charge(session, named(mine))

    assert methods(session) == {
        mine.payment_id: ("card", "visa", "4242"),
        other.payment_id: (None, None, None),
    }


def test_a_charge_that_names_none_of_ours_tells_nothing(session: Session) -> None:
    sale = make_sale(session)

    assert not payments.note_charge(session, CARD)
    assert not payments.note_charge(session, replace(CARD, provider_id="pi_of_somebody_else"))

    assert methods(session) == {sale.payment_id: (None, None, None)}


@pytest.mark.parametrize(
    ("status", "charge", "told"),
    [
        ("succeeded", VISA, ("card", "visa", "4242")),
        ("processing", BANK, ("us_bank_account", "A BANK", "6789")),
    ],
)
def test_a_payment_tells_it_with_its_state(
    session: Session, status: str, charge: Charge, told: tuple[str, ...]
) -> None:
    sale = make_sale(session)

    settle(session, sale.seen(status, charge=charge), holds=HOLDS)

    assert methods(session) == {sale.payment_id: told}
