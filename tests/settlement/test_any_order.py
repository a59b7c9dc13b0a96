"""Events come in any order, more than once, and while the provider goes on: the end is the same."""

from dataclasses import replace
from itertools import permutations

import pytest
from flask.testing import FlaskClient

from app.payments.gateway.protocol import ProviderPayment
from app.platform.db import transaction
from tests.database import count
from tests.gateway import FakeGateway, workers_ask
from tests.sales import BANK, DECLINE, PAID, PENDING, Sale, State, make_sale, state, topics
from tests.webhooks import deliver, event_about, intent_of
from tests.work import drain

TOPICS = ("created", "processing", "payment_failed", "succeeded", "canceled")


def story(sale: Sale, end: str) -> list[ProviderPayment]:
    """What the provider's object becomes, one after the other: a debit fails, a second try is the end."""
    return [
        sale.seen("requires_payment_method"),
        sale.seen("processing", charge=BANK),
        sale.seen("requires_payment_method", decline=DECLINE),
        sale.seen(end),
    ]


def report(client: FlaskClient, seen: ProviderPayment, number: int, topic: str) -> None:
    """The provider's webhook about a moment of its object."""
    event_id = f"evt_{seen.provider_id}_{number}"
    deliver(client, event_about(intent_of(seen), f"payment_intent.{topic}", event_id))


def live_through(client: FlaskClient, order: tuple[int, ...], end: str) -> Sale:
    """One sale whose events arrive in this order, each as soon as it may; then all of them again."""
    with transaction() as session:
        sale = make_sale(session)
    moments = story(sale, end)
    topics_of = [*TOPICS[:3], end]
    gateway = FakeGateway()
    with workers_ask(gateway):
        for index, moment in enumerate(order):
            gateway.now = moments[max(order[: index + 1])]
            report(client, moments[moment], moment, topics_of[moment])
            drain()
        for moment in reversed(order):
            report(client, moments[moment], 10 + moment, topics_of[moment])
            report(client, moments[moment], moment, topics_of[moment])
        drain()
    return sale


@pytest.mark.parametrize(
    ("end", "expected"), [("succeeded", PAID), ("canceled", replace(PENDING, payments=["cancelled"]))]
)
@pytest.mark.parametrize("first", range(4))
def test_every_order_of_events_ends_alike(client: FlaskClient, first: int, end: str, expected: State) -> None:
    rest = [moment for moment in range(4) if moment != first]

    # The other half differs by the last two only; each order of every story is in test_every_order.
    for tail in list(permutations(rest))[::2]:
        sale = live_through(client, (first, *tail), end)

        assert state(sale) == expected, (first, *tail)
        assert topics(sale).count("orders.paid") == (end == "succeeded")
        assert topics(sale).count("payments.cancelled") == (end == "canceled")
    assert count("refunds") == 0
