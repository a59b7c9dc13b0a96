"""Cancelling, expiring and paying at the same moment: any of them may win, and no money or unit is lost."""

import contextlib
from dataclasses import replace

import pytest
import stripe as sdk
from flask.testing import FlaskClient

from tests.buyers import Purchase, purchase
from tests.database import count, rows
from tests.expiry import let_expire
from tests.gateway import FakeGateway, workers_ask
from tests.sales import CANCELLED, EXPIRED, GIVEN_BACK, PAID, PENDING, State, state
from tests.stand_in import StandIn
from tests.threads import together
from tests.webhooks import deliver_all
from tests.work import drain, make_due, tick


def pay(bought: Purchase, stripe: StandIn) -> None:
    """The buyer's card is charged, unless the intent was cancelled first."""
    with contextlib.suppress(sdk.InvalidRequestError):
        stripe.confirm(bought.provider_id)


def settle_everything(client: FlaskClient, stripe: StandIn) -> None:
    """Several workers do what is owed, then one does the rest."""
    deliver_all(client, stripe)
    together(drain, drain, drain)
    make_due()
    drain()


def consistent(bought: Purchase, stripe: StandIn, ends: list[State]) -> None:
    """The books fit one of these ends, and the provider's."""
    (intent,) = stripe.books()["payment_intents"]
    after = state(bought)
    assert after in ends
    assert (intent["status"] == "succeeded") == (after.payments == ["succeeded"])
    assert intent["status"] in ("succeeded", "canceled")
    assert rows("SELECT count(*) FROM deliveries WHERE queue <> 'email' AND state <> 'done'") == [(0,)]


@pytest.mark.parametrize("attempt", range(4))
def test_cancelling_while_paying(client: FlaskClient, stripe: StandIn, attempt: int) -> None:
    bought = purchase(client)

    def cancel() -> None:
        assert bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel").status_code == 202
        drain()

    together(cancel, lambda: pay(bought, stripe))
    settle_everything(client, stripe)

    consistent(bought, stripe, [CANCELLED, GIVEN_BACK])


@pytest.mark.parametrize("attempt", range(4))
def test_expiring_while_paying(client: FlaskClient, stripe: StandIn, attempt: int) -> None:
    bought = purchase(client)
    let_expire()

    def expire() -> None:
        tick("settlement.expire_due")
        drain()

    together(expire, expire, lambda: pay(bought, stripe))
    settle_everything(client, stripe)

    consistent(bought, stripe, [EXPIRED, PAID])


def test_the_money_reported_from_all_sides_is_settled_once(client: FlaskClient, stripe: StandIn) -> None:
    """medusa #13301: the buyer's confirmation and the webhook both captured."""
    bought = purchase(client)
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    for _ in range(6):
        bought.buyer.post(f"/v1/payments/{bought.payment_id}/confirm")

    together(*[drain] * 6)
    make_due()
    drain()

    assert state(bought) == PAID
    assert count("fulfillments") == 1
    assert rows(
        "SELECT topic, count(*) FROM events WHERE topic IN ('orders.paid', 'payments.succeeded')"
        " GROUP BY topic ORDER BY topic"
    ) == [("orders.paid", 1), ("payments.succeeded", 1)]


def test_a_provider_that_refuses_to_cancel_what_it_works_on_keeps_the_hold(
    client: FlaskClient, stripe: StandIn
) -> None:
    bought = purchase(client)
    let_expire()

    with workers_ask(FakeGateway(bought.seen("processing"))):
        tick("settlement.expire_due")
        assert drain() == ["settlement.close_payment"]

    assert state(bought) == replace(PENDING, order=("pending", "processing", None), payments=["processing"])
    assert rows("SELECT hold_until > now() + interval '14 minutes' FROM orders") == [(True,)]
    assert rows("SELECT state FROM deliveries WHERE consumer = 'settlement.close_payment'") == [("done",)]
