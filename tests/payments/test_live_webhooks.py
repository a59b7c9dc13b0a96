"""The stand-in's own signed webhooks, over real HTTP."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from tests.buyers import purchase
from tests.database import count, rows
from tests.live import serving
from tests.sales import PAID, PENDING, state, topics
from tests.stand_in import SECRET, StandIn
from tests.waiting import wait
from tests.webhooks import sign
from tests.work import drain


@pytest.fixture
def live(app: Flask, client: FlaskClient, stripe: StandIn, api_port: int) -> Iterator[str]:
    """The API where the stand-in reports to; no webhook is on its way when it ends."""
    with serving(app, api_port) as url:
        yield url
        stripe.order("reset")


def arrived(stripe: StandIn) -> bool:
    """Whether every webhook has been taken."""
    return all(each["state"] == "delivered" for each in stripe.books()["deliveries"])


@pytest.mark.usefixtures("live")
def test_a_payment_is_reported_and_makes_the_order_paid(client: FlaskClient, stripe: StandIn) -> None:
    bought = purchase(client)
    stripe.confirm(bought.provider_id)
    wait(lambda: arrived(stripe))

    drain()

    assert state(bought) == PAID
    assert count("provider_events") == 3


@pytest.mark.usefixtures("live")
def test_each_webhook_twenty_times_changes_things_once(client: FlaskClient, stripe: StandIn) -> None:
    stripe.order("webhooks", {"copies": 20, "shuffle": True})
    bought = purchase(client)
    stripe.confirm(bought.provider_id)
    wait(lambda: arrived(stripe))

    drain()

    assert len(stripe.books()["deliveries"]) == 60
    assert state(bought) == PAID
    assert (count("provider_events"), topics(bought).count("orders.paid")) == (3, 1)
    assert rows("SELECT count(*) FROM stock_movements WHERE reason = 'sale'") == [(1,)]


def test_one_event_from_twenty_clients_at_the_same_moment_is_one_row(
    live: str, client: FlaskClient, stripe: StandIn
) -> None:
    stripe.order("webhooks", {"hold": True})
    bought = purchase(client)
    stripe.confirm(bought.provider_id)
    paid = next(each for each in stripe.books()["events"] if each["type"] == "payment_intent.succeeded")
    body = json.dumps(paid).encode()
    headers = {"Stripe-Signature": sign(body, secret=SECRET), "Content-Type": "application/json"}

    with ThreadPoolExecutor(20) as pool:
        statuses = list(
            pool.map(
                lambda _: (
                    requests.post(
                        f"{live}/v1/webhooks/stripe", data=body, headers=headers, timeout=30
                    ).status_code
                ),
                range(20),
            )
        )
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: drain(), range(4)))

    assert statuses == [200] * 20
    assert (count("provider_events"), state(bought)) == (1, PAID)
    assert topics(bought).count("orders.paid") == 1


@pytest.mark.usefixtures("live")
def test_a_lost_webhook_is_made_up_for_by_the_client(client: FlaskClient, stripe: StandIn) -> None:
    stripe.order("webhooks", {"drop": True})
    bought = purchase(client)
    stripe.confirm(bought.provider_id)
    drain()
    assert state(bought) == PENDING

    bought.buyer.post(f"/v1/payments/{bought.payment_id}/confirm")
    drain()

    assert (state(bought), count("provider_events")) == (PAID, 0)


@pytest.mark.usefixtures("live")
def test_a_bank_debit_settles_when_the_bank_says_so(client: FlaskClient, stripe: StandIn) -> None:
    bought = purchase(client)
    stripe.confirm(bought.provider_id, "pm_usBankAccount_success")
    (intent,) = stripe.books()["payment_intents"]
    assert intent["status"] == "processing"

    wait(lambda: stripe.books()["payment_intents"][0]["status"] == "succeeded" and arrived(stripe))
    drain()

    assert state(bought) == PAID
    assert rows("SELECT method_kind, method_last4 FROM payments") == [("us_bank_account", "6789")]
