import pytest
from flask.testing import FlaskClient

from app.events.services import publish
from app.notifications.events import MessageSent
from app.orders.events import OrderCancelled
from app.payments.events import RefundOwed
from app.platform.db import transaction
from app.platform.ids import new_id
from tests.buyers import make_buyer, purchase, shelf
from tests.ops.conftest import Scrape
from tests.stand_in import StandIn
from tests.webhooks import deliver_all, post, sign
from tests.work import drain


def test_a_purchase_is_counted_once_at_every_station(
    client: FlaskClient, stripe: StandIn, scrape: Scrape
) -> None:
    before = scrape()

    bought = purchase(client)
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    deliver_all(client, stripe)
    drain()

    after = scrape()
    assert after.since(before, "backroom_orders") == {
        "backroom_orders_placed_total{currency=USD}": 1,
        "backroom_orders_paid_total{late=false}": 1,
    }
    assert after.since(before, "backroom_revenue") == {
        "backroom_revenue_minor_units_total{currency=USD}": 2699
    }
    assert after.since(before, "backroom_refunds") == {}
    assert after.since(before, "backroom_stripe_calls") == {
        "backroom_stripe_calls_total{operation=POST /v1/payment_intents,outcome=done}": 1,
    }
    requests = after.since(before, "backroom_http_requests_total")
    assert requests["backroom_http_requests_total{method=POST,route=/v1/checkout,status=201}"] == 1
    done = after.since(before, "backroom_deliveries_total")
    assert done["backroom_deliveries_total{consumer=orders.finalize,outcome=done}"] == 1
    assert done["backroom_deliveries_total{consumer=carts.remove_ordered,outcome=done}"] == 1
    assert all("outcome=done" in name for name in done)
    events = len(stripe.books()["events"])
    webhooks = after.since(before, "backroom_webhooks_total")
    assert sum(count for name, count in webhooks.items() if "outcome=kept" in name) == events
    assert sum(count for name, count in webhooks.items() if "outcome=repeated" in name) == events


def test_what_is_rolled_back_is_not_counted(client: FlaskClient, scrape: Scrape) -> None:
    before = scrape()

    def fail() -> None:
        with transaction() as session:
            publish(session, OrderCancelled(order_id=new_id(), reason="buyer", paid=False))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert scrape().since(before, "backroom_orders") == {}


def test_a_savepoint_is_counted_with_its_transaction_only(client: FlaskClient, scrape: Scrape) -> None:
    before = scrape()

    with transaction() as session:
        with session.begin_nested():
            publish(session, OrderCancelled(order_id=new_id(), reason="buyer", paid=False))
            session.flush()
        assert scrape().since(before, "backroom_orders") == {}

    assert scrape().since(before, "backroom_orders") == {"backroom_orders_cancelled_total{reason=buyer}": 1}


def test_refunds_and_mails_are_counted_by_what_they_are(client: FlaskClient, scrape: Scrape) -> None:
    before, order_id = scrape(), new_id()

    with transaction() as session:
        owed = RefundOwed(order_id, new_id(), new_id(), amount=2699, currency="USD", reason="surplus")
        publish(session, owed)
        publish(session, MessageSent(order_id=order_id, message_id=new_id(), kind="order_paid"))

    after = scrape()
    assert after.since(before, "backroom_refunds") == {
        "backroom_refunds_owed_total{reason=surplus}": 1,
        "backroom_refunds_owed_minor_units_total{currency=USD}": 2699,
    }
    assert after.since(before, "backroom_mails") == {"backroom_mails_total{kind=order_paid,outcome=sent}": 1}


def test_a_refusal_is_counted_by_its_code_and_route(client: FlaskClient, scrape: Scrape) -> None:
    buyer, before = make_buyer(client), scrape()

    buyer.check_out()
    client.get("/v1/nothing/here")
    client.open("/v1/nothing", method="BREW")

    after = scrape()
    assert after.since(before, "backroom_problems") == {
        "backroom_problems_total{code=cart-empty,route=/v1/checkout}": 1,
        "backroom_problems_total{code=not-found,route=none}": 2,
    }
    assert after.get("backroom_http_requests_total", method="OTHER", route="none", status="404") == 1
    assert after.get("backroom_http_requests_in_progress", method="GET") == 1  # the scrape itself


def test_a_path_is_counted_by_its_pattern(client: FlaskClient, scrape: Scrape) -> None:
    product, before = shelf(), scrape()

    client.get(f"/v1/products/{product.id}")

    requests = scrape().since(before, "backroom_http_requests_total")
    assert requests["backroom_http_requests_total{method=GET,route=/v1/products/<reference>,status=200}"] == 1


def test_a_refused_webhook_is_a_problem_and_no_webhook(client: FlaskClient, scrape: Scrape) -> None:
    before, body = scrape(), b"{}"

    post(client, body, sign(body, secret="whsec_wrong"))

    after = scrape()
    assert after.since(before, "backroom_webhooks") == {}
    assert after.since(before, "backroom_problems") == {
        "backroom_problems_total{code=bad-signature,route=/v1/webhooks/stripe}": 1
    }


def test_a_provider_that_does_not_answer_is_counted_as_such(
    client: FlaskClient, stripe: StandIn, scrape: Scrape
) -> None:
    stripe.order("faults", {"path": "/v1/payment_intents", "method": "POST", "outcome": 500})
    before = scrape()

    purchase(client)

    assert scrape().since(before, "backroom_stripe_calls") == {
        "backroom_stripe_calls_total{operation=POST /v1/payment_intents,outcome=failed}": 1
    }
