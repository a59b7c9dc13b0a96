"""The buyer's way out of an order, against a provider that may be taking the money at that moment."""

from dataclasses import replace

from flask.testing import FlaskClient

from tests.buyers import Purchase, make_buyer
from tests.database import change, count
from tests.expiry import intents, let_expire
from tests.gateway import FakeGateway, workers_ask
from tests.sales import CANCELLED, GIVEN_BACK, PENDING, state, topics
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain, make_due, tick


def cancel(bought: Purchase) -> int:
    """The buyer gives up; the answer's status."""
    return bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel").status_code


def test_with_a_live_payment_it_is_promised_and_done_when_the_provider_agrees(
    bought: Purchase, stripe: StandIn
) -> None:
    answer = bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel")

    body = answer.get_json()
    assert (answer.status_code, body["status"], body["cancel_reason"]) == (202, "pending", None)
    assert body["cancel_requested_at"] is not None
    where = answer.headers["Location"], answer.headers["Retry-After"]
    assert where == (f"/v1/orders/{bought.order_id}", "1")
    assert (state(bought), intents(stripe)) == (PENDING, ["requires_payment_method"])
    assert drain() == ["settlement.close_payment"]
    assert (state(bought), intents(stripe)) == (CANCELLED, ["canceled"])
    assert topics(bought)[2:] == [
        "orders.cancel_requested",
        "payments.close_requested",
        "payments.cancelled",
        "orders.cancelled",
    ]


def test_while_the_payment_is_in_review_it_is_refused_and_nothing_changes(bought: Purchase) -> None:
    change("UPDATE payments SET status = 'review'")
    change("UPDATE orders SET payment_status = 'review'")
    before = state(bought)

    answer = bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel")

    assert (answer.status_code, answer.get_json()["type"]) == (409, "/problems/illegal-transition")
    assert state(bought) == before
    assert count("deliveries WHERE consumer = 'settlement.close_payment'") == 0


def test_without_a_live_payment_it_is_final_at_once(bought: Purchase) -> None:
    change("UPDATE payments SET status = 'cancelled'")

    answer = bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel")

    assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
    assert answer.get_json()["cancel_reason"] == "buyer"
    assert "Location" not in answer.headers
    assert state(bought) == CANCELLED


def test_repeating_is_free(bought: Purchase) -> None:
    assert [cancel(bought) for _ in range(3)] == [202, 202, 202]
    assert topics(bought).count("orders.cancel_requested") == 1
    assert drain() == ["settlement.close_payment"]

    assert cancel(bought) == 200
    assert drain() == []
    assert state(bought) == CANCELLED


def test_a_stranger_finds_no_order_to_cancel(bought: Purchase, client: FlaskClient) -> None:
    stranger = make_buyer(client)

    assert stranger.post(f"/v1/orders/{bought.order_id}/cancel").status_code == 404
    assert client.post(f"/v1/orders/{bought.order_id}/cancel").status_code == 401

    assert drain() == []
    assert state(bought) == PENDING


def test_an_admin_who_cancels_is_named_as_the_reason(bought: Purchase, client: FlaskClient) -> None:
    admin = make_buyer(client, role="admin")

    assert admin.post(f"/v1/orders/{bought.order_id}/cancel").status_code == 202
    drain()

    assert state(bought).order == ("cancelled", "unpaid", "admin")


def test_an_admin_is_named_also_when_the_money_was_first(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    stripe.confirm(bought.provider_id)
    admin = make_buyer(client, role="admin")

    admin.post(f"/v1/orders/{bought.order_id}/cancel")
    drain()

    assert state(bought) == replace(GIVEN_BACK, order=("cancelled", "refunded", "admin"))


def test_money_that_was_first_is_owed_back(bought: Purchase, stripe: StandIn) -> None:
    stripe.confirm(bought.provider_id)

    assert cancel(bought) == 202
    drain()

    assert state(bought) == GIVEN_BACK
    assert "orders.paid" not in topics(bought)


def test_the_event_of_the_money_may_come_before_the_work_of_the_cancellation(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    assert cancel(bought) == 202
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)

    drain()

    assert state(bought) == GIVEN_BACK


def test_the_event_of_the_cancellation_may_come_before_its_own_work(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    assert cancel(bought) == 202
    stripe.client.v1.payment_intents.cancel(bought.provider_id)
    deliver_all(client, stripe)

    drain()

    assert state(bought) == CANCELLED
    assert topics(bought).count("orders.cancelled") == 1


def test_a_provider_that_is_still_working_decides_first(bought: Purchase) -> None:
    gateway = FakeGateway(bought.seen("processing"))
    with workers_ask(gateway):
        cancel(bought)
        drain()
        waiting = state(bought)
        gateway.now = bought.seen("canceled")
        make_due()
        drain()

    assert waiting == replace(PENDING, order=("pending", "processing", None), payments=["processing"])
    assert state(bought) == CANCELLED


def test_the_wish_to_cancel_is_not_lost_behind_an_expiry_that_was_asked_for_first(bought: Purchase) -> None:
    gateway = FakeGateway(bought.seen("processing"))
    let_expire()
    with workers_ask(gateway):
        tick("settlement.expire_due")
        cancel(bought)
        drain()
        gateway.now = bought.seen("canceled")
        make_due()
        drain()

    assert state(bought) == CANCELLED


def test_while_an_order_is_being_cancelled_the_same_checkout_does_not_offer_it_again(
    bought: Purchase, stripe: StandIn
) -> None:
    cancel(bought)

    meanwhile = bought.buyer.check_out()
    drain()
    afterwards = bought.buyer.check_out()

    assert (meanwhile.status_code, meanwhile.get_json()["order_id"]) == (409, str(bought.order_id))
    assert (afterwards.status_code, afterwards.get_json()["order"]["status"]) == (201, "pending")
    assert (state(bought).order, intents(stripe)) == (
        ("cancelled", "unpaid", "buyer"),
        ["canceled", "requires_payment_method"],
    )
