"""A payment of which two objects took money: each gives back no more than it took."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from tests.buyers import Buyer, Purchase, make_buyer
from tests.database import change, rows
from tests.sales import TOTAL
from tests.settlement.reviews import decide, healthy, second_object
from tests.stand_in import StandIn
from tests.work import drain

FAILED = "UPDATE refunds SET status = 'failed', failed_at = now(), failure_reason = 'lost'"


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, "admin")


@pytest.fixture
def second(bought: Purchase, client: FlaskClient, stripe: StandIn) -> str:
    """Another object of the payment that has paid the order."""
    return second_object(bought, client, stripe)


def at_stripe(stripe: StandIn) -> list[tuple[str, int]]:
    """What Stripe has given back: of which intent, and how much."""
    return sorted((each["payment_intent"], each["amount"]) for each in stripe.books()["refunds"])


def found() -> list[tuple[Any, ...]]:
    return rows("SELECT intent_id, status, amount, reason, source FROM refunds ORDER BY created_at, id")


def kept() -> list[tuple[Any, ...]]:
    return rows("SELECT captured_amount - refunded_amount FROM payments")


def failed_beside(admin: Buyer, bought: Purchase) -> UUID:
    """What the second object took was owed back, and that has failed."""
    assert decide(admin, bought.payment_id, "refund").status_code == 200
    drain()
    change(FAILED)
    change("UPDATE payments SET refunded_amount = 0")
    ((refund_id,),) = rows("SELECT id FROM refunds")
    return UUID(str(refund_id))


def test_what_the_dashboard_gave_back_of_one_in_part_leaves_its_rest_owed(
    bought: Purchase, admin: Buyer, second: str, stripe: StandIn
) -> None:
    stripe.client.v1.refunds.create({"payment_intent": second, "amount": 500})

    assert decide(admin, bought.payment_id, "refund").status_code == 200
    drain()

    assert at_stripe(stripe) == [(second, 500), (second, TOTAL - 500)]
    assert found() == [
        (second, "failed", TOTAL, "review", "shop"),
        (second, "succeeded", 500, "provider", "provider"),
        (second, "succeeded", TOTAL - 500, "review", "shop"),
    ]
    assert (kept(), healthy()) == ([(TOTAL,)], True)


def test_an_order_that_is_called_off_owes_each_what_it_has_left(
    bought: Purchase, admin: Buyer, second: str
) -> None:
    failed_beside(admin, bought)

    assert bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel").status_code == 200

    assert found() == [
        (second, "failed", TOTAL, "review", "shop"),
        (None, "owed", TOTAL, "cancelled", "shop"),
        (second, "owed", TOTAL, "review", "shop"),
    ]
    assert kept() == [(0,)]


def test_an_operator_gives_back_what_the_orders_own_has_left_and_tries_the_other_again(
    bought: Purchase, admin: Buyer, second: str
) -> None:
    failed = failed_beside(admin, bought)
    path, too_much = f"/v1/admin/orders/{bought.order_id}/refunds", {"amount": TOTAL + 1, "currency": "USD"}

    refused = admin.post(path, {"reason": "other", "amount": too_much}, key="a")
    given = admin.post(path, {"reason": "other"}, key="b")
    none = admin.post(path, {"reason": "other"}, key="c")
    again = admin.post(f"/v1/admin/refunds/{failed}/retry")

    assert [each.status_code for each in (refused, given, none, again)] == [409, 201, 409, 201]
    assert [each.get_json()["left"]["amount"] for each in (refused, none)] == [TOTAL, 0]
    assert found() == [
        (second, "failed", TOTAL, "review", "shop"),
        (None, "owed", TOTAL, "other", "shop"),
        (second, "owed", TOTAL, "review", "shop"),
    ]
    assert kept() == [(0,)]
