"""A pending order is paid by another payment than its first: that one is closed before."""

from dataclasses import replace

import pytest
import stripe as sdk
from flask.testing import FlaskClient

from tests.attempts import SESSION, at_stripe, attempt, live_payments, not_payable, refusal
from tests.buyers import Purchase, make_buyer, purchase
from tests.database import change, count, rows
from tests.expiry import let_expire, sweep
from tests.sales import PAID, PENDING, TOTAL, state, topics
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain, make_due

CANCEL = {"path": "/v1/payment_intents/pi_", "method": "POST"}
CREATE = {"path": "/v1/payment_intents", "method": "POST"}
REPLACED = replace(PENDING, payments=["cancelled", "open"])


def test_after_a_decline_the_next_payment_is_the_only_one(bought: Purchase, stripe: StandIn) -> None:
    with pytest.raises(sdk.CardError):
        stripe.confirm(bought.provider_id, "pm_card_chargeDeclined")

    answer = attempt(bought)

    body = answer.get_json()
    closed, opened = stripe.books()["payment_intents"]
    assert (answer.status_code, body["status"], body["flow"]) == (201, "open", "payment_intent")
    assert (body["provider_id"], body["client_secret"]) == (opened["id"], opened["client_secret"])
    assert (closed["status"], opened["amount"]) == ("canceled", TOTAL)
    assert state(bought) == REPLACED
    assert topics(bought)[2:] == [
        "orders.hold_extended",
        "payments.replace_requested",
        "payments.declined",  # its event has not even come
        "payments.cancelled",
        "orders.hold_extended",
        "payments.open_requested",
        "payments.opened",
    ]
    assert drain() == []


def test_the_second_payment_pays_the_order(bought: Purchase, client: FlaskClient, stripe: StandIn) -> None:
    stripe.confirm(attempt(bought).get_json()["provider_id"])
    deliver_all(client, stripe)

    drain()

    assert state(bought) == replace(PAID, payments=["cancelled", "succeeded"])


def test_from_an_intent_to_a_hosted_page_and_back(bought: Purchase, stripe: StandIn) -> None:
    hosted = attempt(bought, SESSION).get_json()
    between = at_stripe(stripe)
    back = attempt(bought).get_json()

    assert between == (["canceled"], ["open"])
    assert (hosted["flow"], hosted["client_secret"], hosted["status"]) == (SESSION, None, "open")
    assert hosted["redirect_url"] == f"{stripe.url}/c/pay/{hosted['session_id']}"
    assert at_stripe(stripe) == (["canceled", "requires_payment_method"], ["expired"])
    assert live_payments(bought) == [(back["id"], "open", "payment_intent")]
    shown = bought.buyer.get(f"/v1/payments/{hosted['id']}").get_json()
    assert (shown["status"], shown["redirect_url"]) == ("cancelled", None)
    assert state(bought) == replace(PENDING, payments=["cancelled", "cancelled", "open"])


def test_the_hold_begins_anew_and_the_stock_stays_reserved(bought: Purchase) -> None:
    left = "SELECT hold_until - now() BETWEEN interval '{0}' - interval '9 s' AND interval '{0}' FROM orders"
    change("UPDATE orders SET hold_until = now() + interval '10 s'")

    attempt(bought)
    short = rows(left.format("15 minutes"))
    attempt(bought, SESSION)
    long = rows(left.format("60 minutes"))
    attempt(bought)

    assert (short, long) == ([(True,)], [(True,)])
    assert rows(left.format("60 minutes")) == [(True,)]  # never shorter than it was
    assert state(bought).stock == (5, 2)


def test_a_key_is_needed_and_stands_for_one_payment_without_its_secret(bought: Purchase) -> None:
    path, body = f"/v1/orders/{bought.order_id}/payments", {"payment_flow": "payment_intent"}
    assert bought.buyer.post(path, body).get_json()["type"] == "/problems/idempotency-key-missing"

    first, again = (attempt(bought, key="mine") for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    kept = rows("SELECT convert_from(body, 'UTF8')::jsonb FROM idempotency_keys WHERE key = 'mine'")
    assert kept == [({"payment_id": first.get_json()["id"]},)]
    assert count("payments") == 2


def test_an_order_whose_payment_was_cancelled_at_the_provider_gets_another(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    stripe.client.v1.payment_intents.cancel(bought.provider_id)
    deliver_all(client, stripe)
    drain()

    answer = attempt(bought)

    assert (answer.status_code, state(bought)) == (201, REPLACED)
    assert "payments.replace_requested" not in topics(bought)


def test_money_that_was_first_is_settled_and_the_attempt_refused(bought: Purchase, stripe: StandIn) -> None:
    stripe.confirm(bought.provider_id)

    answers = [attempt(bought, key="mine") for _ in range(2)]

    assert [refusal(answer) for answer in answers] == [not_payable("paid", "paid")] * 2
    assert state(bought) == replace(PAID, payments=["succeeded", "cancelled"])
    assert at_stripe(stripe) == (["succeeded"], [])


def test_while_the_provider_works_on_the_money_the_attempt_is_refused(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    stripe.confirm(bought.provider_id, "pm_usBankAccount_processing")
    deliver_all(client, stripe)
    drain()

    answer = attempt(bought)

    assert refusal(answer) == not_payable("pending", "processing")
    assert (state(bought).payments, at_stripe(stripe)) == (["processing"], (["processing"], []))


@pytest.mark.parametrize(
    ("change_of_the_order", "says"),
    [
        ("status = 'paid', paid_at = now(), payment_status = 'paid'", ("paid", "paid")),
        ("status = 'cancelled', cancel_reason = 'buyer'", ("cancelled", "unpaid")),
        ("cancel_requested_at = now()", ("pending", "unpaid")),
        ("payment_status = 'review'", ("pending", "review")),
        ("hold_until = now()", ("pending", "unpaid")),
        ("placed_at = now() - interval '24 hours'", ("pending", "unpaid")),
    ],
)
def test_an_order_in_another_state_takes_no_payment(
    bought: Purchase, change_of_the_order: str, says: tuple[str, str]
) -> None:
    change(f"UPDATE orders SET {change_of_the_order}")  # noqa: S608  # the test's own words
    before = state(bought), count("events"), count("idempotency_keys")

    answer = attempt(bought)

    assert refusal(answer) == not_payable(*says)
    assert (state(bought), count("events"), count("idempotency_keys")) == before


def test_an_old_order_takes_another_payment_within_the_hold_of_its_transfer_and_none_beyond(
    client: FlaskClient, stripe: StandIn
) -> None:
    bought = purchase(client, payment_flow="manual")
    hold = "UPDATE orders SET hold_until = now() + make_interval(mins => :left)"
    change("UPDATE orders SET placed_at = now() - interval '2 days'")

    change(hold, left=7000)
    transfer, page = attempt(bought, "manual"), attempt(bought, SESSION)
    change(hold, left=40)
    late_page, card = attempt(bought, SESSION), attempt(bought)

    assert [refusal(each) for each in (transfer, late_page)] == [not_payable("pending", "unpaid")] * 2
    assert (page.status_code, card.status_code) == (201, 201)
    assert rows("SELECT hold_until < now() + interval '40 minutes' FROM orders") == [(True,)]


def test_a_stranger_finds_no_order_to_pay(bought: Purchase, client: FlaskClient) -> None:
    stranger = replace(bought, buyer=make_buyer(client))

    assert attempt(stranger).status_code == 404
    assert client.post(f"/v1/orders/{bought.order_id}/payments", json={}).status_code == 401
    assert count("payments") == 1


def test_a_provider_that_is_away_is_asked_by_a_worker(bought: Purchase, stripe: StandIn) -> None:
    stripe.order("faults", CANCEL | {"outcome": 500})

    answer = attempt(bought)

    body = answer.get_json()
    assert (answer.status_code, body["status"], body["client_secret"]) == (202, "creating", None)
    assert answer.headers["Location"] == f"/v1/payments/{body['id']}"
    assert state(bought) == replace(PENDING, payments=["open", "creating"])
    make_due()
    assert drain() == ["settlement.replace_payment", "payments.open"]
    assert live_payments(bought) == [(body["id"], "open", "payment_intent")]
    assert at_stripe(stripe)[0] == ["canceled", "requires_payment_method"]


@pytest.mark.parametrize("outcome", [500, "lost"])
def test_a_payment_that_the_provider_never_made_is_replaced_after_a_minute(
    client: FlaskClient, stripe: StandIn, outcome: object
) -> None:
    stripe.order("faults", CREATE | {"outcome": outcome, "when": "after"})
    bought = purchase(client)
    hosted = attempt(bought, SESSION).get_json()
    make_due()
    drain(queues=("default",))
    assert (hosted["status"], count("payments")) == ("creating", 2)

    change("UPDATE payments SET sent_at = now() - interval '61 s' WHERE waits_for_id IS NULL")
    change("UPDATE deliveries SET state = 'dead', lease_until = NULL WHERE consumer = 'payments.open'")
    make_due()
    drain()

    assert live_payments(bought) == [(hosted["id"], "open", SESSION)]
    assert at_stripe(stripe) == (["canceled"], ["open"])


def test_a_new_payment_that_waits_for_the_provider_ends_with_its_order(
    bought: Purchase, stripe: StandIn
) -> None:
    stripe.order("faults", CANCEL | {"outcome": 500})
    attempt(bought)
    let_expire()

    sweep()

    assert state(bought).payments == ["cancelled", "cancelled"]
    assert state(bought).order == ("cancelled", "unpaid", "expired")
    assert (state(bought).stock, at_stripe(stripe)[0]) == ((5, 0), ["canceled"])
