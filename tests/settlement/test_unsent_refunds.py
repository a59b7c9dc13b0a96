"""A refund that is owed with no work behind it, as another release may have left it, is sent all the same."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from app.events import repairs
from app.events.events import SlotReached
from app.events.services import publish
from app.platform.db import transaction
from app.settlement import services
from app.settlement.services import sending
from tests.buyers import Purchase
from tests.database import change, count, rows
from tests.refunds import books, owe
from tests.sales import TOTAL, topics
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain


@pytest.fixture
def owed(client: FlaskClient, stripe: StandIn, bought: Purchase) -> Purchase:
    """An order of 26.99 that was paid at the stand-in, and is to be given back."""
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    with transaction() as session:
        owe(session, bought, TOTAL)
    return bought


def a_minute_passes(slot: int) -> None:
    """The job that asks about what is without an answer is owed, and done with what follows."""
    with transaction() as session:
        publish(session, SlotReached("settlement.reconcile_open", datetime.fromtimestamp(60 * slot, UTC)))
    drain()


def test_a_refund_that_nobody_was_told_to_send_is_sent_once(owed: Purchase, stripe: StandIn) -> None:
    change("DELETE FROM deliveries WHERE consumer = 'settlement.send_refund'")

    a_minute_passes(1)
    a_minute_passes(2)

    assert books(owed) == ("refunded", TOTAL, [("shop", "succeeded", TOTAL)])
    assert [each["amount"] for each in stripe.books()["refunds"]] == [TOTAL]
    assert topics(owed).count("refunds.send_requested") == 1
    assert topics(owed).count("refunds.owed") == 1


def test_what_somebody_is_to_send_is_not_owed_twice(owed: Purchase) -> None:
    before = count("deliveries")

    with transaction() as session:
        assert services.owe_sending(session) == 0

    assert count("deliveries") == before
    assert "refunds.send_requested" not in topics(owed)


def test_what_an_operator_has_dropped_stays_dropped(owed: Purchase, stripe: StandIn) -> None:
    ((delivery_id,),) = rows("SELECT id FROM deliveries WHERE consumer = 'settlement.send_refund'")
    with transaction() as session:
        repairs.drop(session, delivery_id, reason="paid in cash")

    a_minute_passes(1)

    assert books(owed) == ("paid", TOTAL, [("shop", "owed", TOTAL)])
    assert stripe.books()["refunds"] == []


def test_a_refund_that_was_refused_is_not_refused_again(owed: Purchase) -> None:
    ((refund_id,),) = rows("SELECT id FROM refunds")
    for _ in range(2):
        with transaction() as session:
            sending.record_refused(session, refund_id, code="no_such_charge", listed=[])
        change("UPDATE refunds SET failed_at = '2026-11-21'")

    assert rows("SELECT status, failed_at::date::text FROM refunds WHERE id = :id", id=refund_id) == [
        ("failed", "2026-11-21")
    ]
    assert topics(owed).count("refunds.failed") == 1
