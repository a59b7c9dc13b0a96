"""Buying on the provider's own page: one session per payment, and it ends with its hold."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.attempts import SESSION, at_stripe, attempt, debit_hosted, pay_hosted
from tests.buyers import Purchase, make_buyer, make_guest, purchase, shelf
from tests.database import change, rows
from tests.expiry import let_expire, sweep
from tests.sales import EXPIRED, PAID, PENDING, TOTAL, state, topics
from tests.stand_in import StandIn
from tests.waiting import wait
from tests.webhooks import deliver_all
from tests.work import drain, make_due

CREATE = {"path": "/v1/checkout/sessions", "method": "POST"}


@pytest.fixture
def bought(client: FlaskClient, stripe: StandIn) -> Purchase:
    """A pending order with an open session."""
    return purchase(client, payment_flow=SESSION)


def shown(bought: Purchase) -> dict[str, Any]:
    """The payment as the API has it."""
    body: dict[str, Any] = bought.buyer.get(f"/v1/payments/{bought.payment_id}").get_json()
    return body


def work(client: FlaskClient, stripe: StandIn) -> None:
    """Deliver every webhook, and do what follows."""
    deliver_all(client, stripe)
    drain()


def test_the_answer_has_the_page_to_go_to(bought: Purchase, stripe: StandIn) -> None:
    (session,) = stripe.books()["checkout_sessions"]

    payment = shown(bought)

    assert (payment["status"], payment["flow"]) == ("open", SESSION)
    assert (payment["redirect_url"], payment["session_id"]) == (session["url"], session["id"])
    assert (payment["client_secret"], payment["provider_id"]) == (None, None)
    assert state(bought) == PENDING


def test_the_provider_learns_the_total_and_who_buys_and_nothing_else(
    bought: Purchase, stripe: StandIn
) -> None:
    (session,) = stripe.books()["checkout_sessions"]
    (number, email) = rows("SELECT number, email FROM orders")[0]
    (parameters,) = rows("SELECT parameters FROM payments")[0]

    metadata = {"payment_id": str(bought.payment_id), "order_id": str(bought.order_id)}
    assert (session["amount_total"], session["currency"]) == (TOTAL, "usd")
    assert (session["metadata"], session["client_reference_id"]) == (metadata, str(bought.order_id))
    assert session["customer_email"] == email
    assert "customer_email" not in parameters  # no longer needed, and so no longer kept
    assert parameters["payment_intent_data"] == {"metadata": metadata}
    (line,) = parameters["line_items"]
    assert line["price_data"]["product_data"] == {"name": f"Order {number}"}
    assert session["success_url"] == f"http://127.0.0.1:8000/?order={number}&payment=succeeded"
    assert session["cancel_url"] == f"http://127.0.0.1:8000/?order={number}&payment=cancelled"


def test_the_page_is_open_as_long_as_the_stock_is_held(bought: Purchase, stripe: StandIn) -> None:
    (session,) = stripe.books()["checkout_sessions"]
    (hold_until, placed_at) = rows("SELECT hold_until, placed_at FROM orders")[0]

    assert (hold_until - placed_at).total_seconds() == 3600
    assert abs(session["expires_at"] - datetime.timestamp(hold_until)) < 2


def test_the_buyer_is_sent_back_to_where_the_shop_says(client: FlaskClient, stripe: StandIn) -> None:
    urls = {
        "success_url": "https://shop.example:65535/thanks",
        "cancel_url": "http://localhost:3000/cart?a=b",
    }

    purchase(client, payment_flow=SESSION, **urls)

    (session,) = stripe.books()["checkout_sessions"]
    assert {name: session[name] for name in urls} == urls


@pytest.mark.parametrize(
    "url",
    [
        *("shop.example", "javascript:x()", "http://", "http:///x", "http://a@b", "http://a b"),
        *("http://a\x00", "https://shop.example:99999/", "https://shop.example:65536", "", 1),
    ],
)
def test_an_address_that_no_browser_should_go_to_is_refused(client: FlaskClient, url: object) -> None:
    buyer = make_buyer(client)
    buyer.put(shelf())

    answer = buyer.check_out(payment_flow=SESSION, success_url=url)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["success_url"])


def test_a_buyer_whom_the_provider_refuses_is_told_at_once_and_can_pay_otherwise(
    client: FlaskClient, stripe: StandIn
) -> None:
    guest = make_guest(client)
    guest.put(shelf())

    answer = guest.check_out(payment_flow=SESSION, email="x@test")

    payment = answer.get_json()["payment"]
    assert (answer.status_code, payment["status"]) == (202, "creating")
    assert payment["last_error"]["code"] == "refused_by_provider"
    order_id = answer.get_json()["order"]["id"]
    codes = rows("SELECT payload ->> 'code' FROM events WHERE topic = 'payments.declined'")
    assert codes == [("email_invalid",)]
    change("UPDATE payments SET sent_at = now() - interval '61 s'")
    other = guest.post(f"/v1/orders/{order_id}/payments", {"payment_flow": "payment_intent"}, key="otherwise")
    assert (other.status_code, other.get_json()["status"]) == (201, "open")
    assert at_stripe(stripe) == (["requires_payment_method"], [])


def test_who_pays_on_the_page_has_bought(bought: Purchase, client: FlaskClient, stripe: StandIn) -> None:
    page = pay_hosted(shown(bought)["redirect_url"])

    work(client, stripe)

    (intent,) = stripe.books()["payment_intents"]
    payment = shown(bought)
    assert (page.status, page.location and page.location.endswith("payment=succeeded")) == (303, True)
    assert state(bought) == PAID
    assert (payment["status"], payment["provider_id"]) == ("succeeded", intent["id"])
    assert payment["method"] == {"kind": "card", "brand": "visa", "last4": "4242"}
    assert (payment["redirect_url"], payment["client_secret"]) == (None, None)
    assert topics(bought).count("orders.paid") == topics(bought).count("payments.opened") == 1


def test_without_any_webhook_the_buyers_word_is_enough(bought: Purchase, stripe: StandIn) -> None:
    pay_hosted(shown(bought)["redirect_url"])

    bought.buyer.post(f"/v1/payments/{bought.payment_id}/confirm")
    drain()

    assert state(bought) == PAID


def test_a_decline_on_the_page_is_told_and_the_next_card_works(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    url = shown(bought)["redirect_url"]
    assert pay_hosted(url, number="4000000000009995").status == 402
    work(client, stripe)
    declined = shown(bought)

    pay_hosted(url)
    work(client, stripe)

    assert (declined["status"], declined["last_error"]["decline_code"]) == ("open", "insufficient_funds")
    assert (declined["redirect_url"], declined["client_secret"]) == (url, None)
    assert state(bought) == PAID


def test_a_bank_debit_is_waited_for(bought: Purchase, client: FlaskClient, stripe: StandIn) -> None:
    debit_hosted(shown(bought)["redirect_url"], "000000000009")  # the bank never decides

    work(client, stripe)

    assert state(bought) == replace(PENDING, order=("pending", "processing", None), payments=["processing"])
    assert rows("SELECT hold_until > now() + interval '6 days' FROM orders") == [(True,)]


def test_a_bank_debit_pays_when_the_bank_says_so(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    debit_hosted(shown(bought)["redirect_url"], "000123456789")
    wait(lambda: at_stripe(stripe)[0] == ["succeeded"])

    work(client, stripe)

    assert state(bought) == PAID


def test_a_bank_debit_that_fails_leaves_an_order_that_can_be_paid_anew(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    debit_hosted(shown(bought)["redirect_url"], "000222222227")
    wait(lambda: at_stripe(stripe)[0] == ["requires_payment_method"])

    work(client, stripe)

    assert state(bought) == replace(PENDING, payments=["cancelled"])
    assert shown(bought)["last_error"]["code"] == "insufficient_funds"
    assert attempt(bought).status_code == 201


def test_when_the_hold_is_over_the_page_is_closed_before_the_stock_is_free(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    let_expire()

    sweep()
    work(client, stripe)

    assert (state(bought), at_stripe(stripe)) == (EXPIRED, ([], ["expired"]))


def test_a_page_that_the_provider_closed_first_ends_the_order_too(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    stripe.client.v1.checkout.sessions.expire(shown(bought)["session_id"])
    work(client, stripe)
    between = state(bought)
    let_expire()

    sweep()

    assert between == replace(PENDING, payments=["cancelled"])
    assert state(bought) == EXPIRED


def test_who_paid_before_the_page_was_closed_has_bought(bought: Purchase, stripe: StandIn) -> None:
    pay_hosted(shown(bought)["redirect_url"])
    let_expire()

    sweep()

    assert state(bought) == PAID


def test_who_paid_before_an_attempt_closed_the_page_has_bought(bought: Purchase, stripe: StandIn) -> None:
    pay_hosted(shown(bought)["redirect_url"])

    answer = attempt(bought)

    assert (answer.status_code, answer.get_json()["order_status"]) == (409, "paid")
    assert state(bought) == replace(PAID, payments=["succeeded", "cancelled"])


def test_an_answer_that_was_lost_is_found_with_its_page(client: FlaskClient, stripe: StandIn) -> None:
    stripe.order("faults", CREATE | {"when": "after", "outcome": "lost"})
    bought = purchase(client, payment_flow=SESSION)
    assert (shown(bought)["status"], shown(bought)["redirect_url"]) == ("creating", None)
    assert rows("SELECT parameters ->> 'customer_email' = email FROM payments, orders") == [(True,)]

    make_due()
    drain()

    (session,) = stripe.books()["checkout_sessions"]
    assert (shown(bought)["status"], shown(bought)["redirect_url"]) == ("open", session["url"])


def test_an_intent_that_is_reported_before_its_page_is_known_keeps_its_secret(
    client: FlaskClient, stripe: StandIn
) -> None:
    stripe.order("faults", CREATE | {"when": "after", "outcome": "lost"})
    bought = purchase(client, payment_flow=SESSION)
    (session,) = stripe.books()["checkout_sessions"]
    pay_hosted(session["url"], number="4000000000009995")
    work(client, stripe)
    known = shown(bought)

    make_due()
    drain()

    assert (known["status"], known["client_secret"], known["session_id"]) == ("open", None, session["id"])
    assert (shown(bought)["redirect_url"], shown(bought)["client_secret"]) == (session["url"], None)
