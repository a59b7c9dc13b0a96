"""A transfer that comes in parts: one sum, which pays the order or is decided about."""

import pytest
from flask.testing import FlaskClient

from app.payments.gateway.manual import ManualGateway
from app.platform.db import transaction
from app.settlement import services
from app.settlement.workflows import resolving
from tests.buyers import Buyer, Purchase, make_buyer, purchase
from tests.database import change, rows
from tests.expiry import let_expire, sweep
from tests.sales import HOLDS, PAID, TOTAL, state
from tests.settlement.transfers import IN_REVIEW, found_by, healthy, money, note, number_of, to_pay_out
from tests.stand_in import StandIn
from tests.work import drain


@pytest.fixture
def bought(client: FlaskClient, stripe: StandIn) -> Purchase:
    """An order that waits for a transfer."""
    return purchase(client, payment_flow="manual")


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    """Who reads the bank's statement."""
    return make_buyer(client, role="admin")


def test_what_comes_in_parts_pays_the_order_once_all_of_it_is_there(bought: Purchase, admin: Buyer) -> None:
    stale = ManualGateway().close(bought.provider_id)
    first = note(admin, bought, amount=money(1000))
    second = [note(admin, bought, "line 2", amount=money(500)) for _ in range(2)]
    come = rows("SELECT amount, reason, decision FROM payment_reviews")
    in_parts = state(bought)
    (found,) = found_by(admin, number_of(bought))
    with transaction() as session:
        services.settle(session, stale, holds=HOLDS)
    rest = note(admin, bought, "line 3", amount=money(TOTAL - 1500))
    late = note(admin, bought, "line 2", amount=money(500))

    assert [each.get_json()["status"] for each in (first, *second)] == ["review"] * 3
    assert (found["id"], found["status"]) == (str(bought.payment_id), "review")
    assert (come, in_parts) == ([(1500, "amount_received", None)], IN_REVIEW)
    assert [each.get_json()["status"] for each in (rest, late)] == ["succeeded"] * 2
    assert (state(bought), healthy()) == (PAID, True)
    assert rows("SELECT captured_amount FROM payments") == [(TOTAL,)]


def test_the_rest_may_take_as_long_as_the_transfer_itself(bought: Purchase, admin: Buyer) -> None:
    note(admin, bought, amount=money(1000))
    change("UPDATE payment_reviews SET opened_at = now() - interval '3 days'")
    sweep()
    after_three_days = state(bought)
    change("UPDATE payments SET parameters = parameters || CAST('{\"pay_until\": 1}' AS jsonb)")
    let_expire()
    sweep()

    assert after_three_days == IN_REVIEW
    assert state(bought).order[::2] == ("cancelled", "expired")
    assert [each["amount"] for each in to_pay_out(admin)] == [money(1000)]
    assert healthy()


@pytest.mark.parametrize(
    ("decision", "status", "back"), [("accept", "paid", 100), ("refund", "cancelled", TOTAL + 100)]
)
def test_parts_that_are_too_much_are_decided_about_together(
    bought: Purchase, admin: Buyer, decision: str, status: str, back: int
) -> None:
    note(admin, bought, amount=money(1000))
    note(admin, bought, "line 2", amount=money(TOTAL - 900))

    decided = admin.post(f"/v1/admin/payments/{bought.payment_id}/resolve", {"decision": decision})
    drain()

    (owed,) = to_pay_out(admin)
    assert (decided.status_code, state(bought).order[0], owed["amount"]) == (200, status, money(back))
    assert healthy()


def test_a_part_that_comes_while_somebody_decides_is_decided_about_with_the_others(
    bought: Purchase, admin: Buyer
) -> None:
    note(admin, bought, amount=money(1000))
    with transaction() as session:
        decision = resolving.prepare(session, bought.payment_id, review_id=None, decision="refund", note=None)
    seen = resolving.ask(decision, ManualGateway())
    note(admin, bought, "line 2", amount=money(500))

    with transaction() as session:
        resolving.carry_out(session, decision, seen)

    assert rows("SELECT captured_amount FROM payments") == [(1500,)]
    assert healthy()
