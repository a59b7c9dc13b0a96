"""What clients were answered, beside what became of it."""

from dataclasses import replace
from uuid import UUID

import pytest

from proof.oracle import Request
from tests.database import change, rows
from tests.ops.broken_on_purpose import SmallShop
from tests.proof.others import Judge, agreeing, pay_late

NOTED = (
    "INSERT INTO audit_log (actor, request_id, act, thing, thing_id) VALUES ('ada', 'r', 'insert', 'x', '1')"
)
ASKED = Request(who="a", method="POST", path="/v1/orders", status=200)


def ids(told: Judge, shop: SmallShop, *history: Request) -> set[str]:
    """Which of the checks on clients find something, when this is what these were answered."""
    others = replace(agreeing(shop), history=list(history))
    return {each.id for each in told(others).violations} & {"I28", "I45", "I135"}


def cancel(name: UUID | str, status: int | None) -> Request:
    """A wish to cancel an order, and its answer."""
    return replace(ASKED, path=f"/v1/orders/{name}/cancel", status=status)


@pytest.mark.parametrize(("status", "found"), [(200, {"I135"}), (202, {"I135"}), (409, set()), (None, set())])
def test_who_was_granted_a_cancellation_has_it(
    shop: SmallShop, told: Judge, status: int | None, found: set[str]
) -> None:
    ((number,),) = rows("SELECT number FROM orders WHERE id = :id", id=shop.pending.order_id)

    assert ids(told, shop, cancel(shop.owed.order_id, status)) == set()
    assert ids(told, shop, cancel(shop.pending.order_id, status)) == found
    assert ids(told, shop, cancel(number, status)) == found


def test_an_order_that_had_expired_may_be_paid_late_but_none_that_was_to_be_cancelled(
    shop: SmallShop, told: Judge
) -> None:
    pay_late(shop.pending)

    assert ids(told, shop, cancel(shop.pending.order_id, 200)) == set()
    assert ids(told, shop, cancel(shop.pending.order_id, 202)) == {"I135"}


@pytest.mark.parametrize(("path", "found"), [("/v1/orders/1/payments", {"I45"}), ("/v1/checkout", set())])
def test_one_key_makes_one_payment_and_a_repeated_checkout_shows_the_present_one(
    shop: SmallShop, told: Judge, path: str, found: set[str]
) -> None:
    first, second = (
        replace(ASKED, path=path, key="k", payment_id=str(sale.payment_id))
        for sale in (shop.paid, shop.pending)
    )

    assert ids(told, shop, first, first) == set()
    assert ids(told, shop, first, second) == found


def test_what_an_admin_made_is_noted_and_what_nobody_made_need_not_be(shop: SmallShop, told: Judge) -> None:
    made = replace(ASKED, path="/v1/admin/coupons", status=201, request_id="r")
    others = [
        replace(made, path="/v1/cart/items"),
        replace(made, status=200),
        replace(made, method="GET"),
        replace(made, request_id=None),
    ]
    assert ids(told, shop, *others) == set()
    assert ids(told, shop, made) == {"I28"}

    change(NOTED)

    assert ids(told, shop, made) == set()
