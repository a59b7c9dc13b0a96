"""Orders that nobody has to be asked about end together, as they would one by one."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tasks import settlement
from tests.buyers import Purchase, purchase
from tests.database import change, rows
from tests.expiry import let_expire, sweep
from tests.sales import CANCELLED, EXPIRED, PENDING, state, topics
from tests.stand_in import StandIn
from tests.work import tick

WISH = "UPDATE orders SET cancel_requested_reason = 'buyer', cancel_requested_at = now() WHERE id = :order"
MAILS = "SELECT dedupe_key FROM deliveries WHERE consumer = 'notifications.order_cancelled' ORDER BY 1"


@pytest.fixture
def given_up(client: FlaskClient, stripe: StandIn) -> list[Purchase]:
    """Orders whose payments can take no money any more, and whose holds are over."""
    orders = [purchase(client) for _ in range(5)]
    change("UPDATE payments SET status = 'cancelled'")
    let_expire()
    return orders


def test_all_end_with_their_stock_their_facts_and_their_mails(given_up: list[Purchase]) -> None:
    assert sweep() == []

    assert [state(each) for each in given_up] == [EXPIRED] * 5
    assert [topics(each)[2:] for each in given_up] == [["orders.cancelled"]] * 5
    assert rows(MAILS) == sorted((str(each.order_id),) for each in given_up)
    assert sweep() == []
    assert [state(each) for each in given_up] == [EXPIRED] * 5


def test_they_are_told_as_any_end_is(given_up: list[Purchase]) -> None:
    tick("settlement.expire_due")

    told = "SELECT payload FROM events WHERE topic = 'orders.cancelled' AND subject = :order"
    order = str(given_up[0].order_id)
    assert rows(told, order=order) == [({"order_id": order, "reason": "expired", "paid": False},)]


def test_stock_that_several_of_them_held_comes_back_once(given_up: list[Purchase]) -> None:
    shared = given_up[0].product.variant_id
    change("UPDATE reservations SET variant_id = :shared", shared=shared)
    change(
        "UPDATE stock_levels SET on_hand = 20, reserved = CASE variant_id WHEN :shared THEN 10 ELSE 0 END",
        shared=shared,
    )

    tick("settlement.expire_due")

    assert rows("SELECT DISTINCT on_hand, reserved FROM stock_levels") == [(20, 0)]
    assert rows("SELECT status, count(*) FROM reservations GROUP BY status") == [("released", 5)]


def test_a_wish_to_cancel_goes_before_the_expiry(given_up: list[Purchase]) -> None:
    change(WISH, order=given_up[0].order_id)

    tick("settlement.expire_due")

    assert [state(each) for each in given_up] == [CANCELLED, *[EXPIRED] * 4]


def test_what_the_provider_worked_on_is_unpaid(given_up: list[Purchase]) -> None:
    change("UPDATE orders SET payment_status = 'processing'")

    tick("settlement.expire_due")

    assert rows("SELECT DISTINCT status, payment_status FROM orders") == [("cancelled", "unpaid")]


@pytest.mark.parametrize("unfinished", ["creating", "open", "processing", "review"])
def test_one_whose_payment_may_take_money_waits_among_them(given_up: list[Purchase], unfinished: str) -> None:
    change(
        "UPDATE payments SET status = :unfinished WHERE id = :id",
        unfinished=unfinished,
        id=given_up[2].payment_id,
    )

    tick("settlement.expire_due")

    waiting = replace(PENDING, payments=[unfinished])
    ends = [EXPIRED, EXPIRED, waiting, EXPIRED, EXPIRED]
    assert [state(each) for each in given_up] == ends
    assert topics(given_up[2])[2:] == ["payments.close_requested"]


def test_one_run_ends_all_however_many_there_are(
    given_up: list[Purchase], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement, "EXPIRED_AT_ONCE", 2)

    tick("settlement.expire_due")

    assert [state(each) for each in given_up] == [EXPIRED] * 5
