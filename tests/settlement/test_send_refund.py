"""What is owed back goes back once, whatever the provider answers, and whenever a worker dies."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.payments.errors import GatewayRefused
from app.platform.db import transaction
from tests.buyers import Purchase
from tests.database import change, count, rows
from tests.gateway import FakeGateway, refund_as_asked, workers_ask
from tests.refunds import books, owe
from tests.sales import TOTAL, topics
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain, make_due

REFUNDS = {"path": "/v1/refunds", "method": "POST"}
SEND = "settlement.send_refund"


@pytest.fixture
def paid(client: FlaskClient, stripe: StandIn, bought: Purchase) -> Purchase:
    """An order of 26.99 that was paid at the stand-in."""
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    return bought


def owed(paid: Purchase, amount: int = TOTAL, reason: str = "surplus", **sent: str) -> UUID:
    """A refund that no worker has sent yet, or first so long ago as `sent` says."""
    with transaction() as session:
        refund_id = owe(session, paid, amount, reason)
    if sent:
        change("UPDATE refunds SET sent_at = now() - cast(:ago AS interval)", ago=sent["ago"])
    return refund_id


def at_stripe(stripe: StandIn) -> list[tuple[str, int]]:
    """The status and amount of each refund at the provider."""
    return [(each["status"], each["amount"]) for each in stripe.books()["refunds"]]


def again() -> list[str]:
    """The time for the next try has come."""
    make_due()
    return drain()


def failures() -> list[tuple[Any, ...]]:
    """Why refunds have failed, oldest first."""
    return rows("SELECT failure_reason FROM refunds WHERE status = 'failed' ORDER BY created_at, id")


def test_what_is_owed_is_asked_for_exactly_as_the_row_says(paid: Purchase, stripe: StandIn) -> None:
    refund_id = owed(paid)

    assert drain() == [SEND, "invoicing.credit"]

    assert books(paid) == ("refunded", TOTAL, [("shop", "succeeded", TOTAL)])
    (made,) = stripe.books()["refunds"]
    assert made["metadata"] == {"refund_id": str(refund_id), "order_id": str(paid.order_id)}
    assert (made["payment_intent"], made["reason"]) == (paid.provider_id, "duplicate")
    assert topics(paid)[-3:] == ["refunds.owed", "refunds.sent", "refunds.succeeded"]
    assert (again(), at_stripe(stripe)) == ([], [("succeeded", TOTAL)])


@pytest.mark.parametrize(
    "fault",
    [
        {"outcome": "lost", "when": "after"},
        {"outcome": "lost"},
        {"outcome": 429},
        {"outcome": 409},
        {"outcome": 500},
        {"outcome": 500, "when": "after"},
    ],
)
def test_a_call_without_an_answer_is_repeated_and_makes_one_refund(
    paid: Purchase, stripe: StandIn, fault: dict[str, Any]
) -> None:
    owed(paid, 1000)  # a part: of the whole, Stripe would refuse a second one
    stripe.order("faults", REFUNDS | {"calls": 2} | fault)

    drain()
    for _ in range(2):
        again()

    assert at_stripe(stripe) == [("succeeded", 1000)]
    assert books(paid) == ("partially_refunded", 1000, [("shop", "succeeded", 1000)])


def test_a_failure_that_the_provider_keeps_is_got_round_by_a_new_key_once_nothing_can_have_been_made(
    paid: Purchase, stripe: StandIn
) -> None:
    owed(paid, 1000)
    stripe.order("faults", REFUNDS | {"outcome": 500, "kept": True})
    drain()
    assert books(paid) == ("paid", 1000, [("shop", "owed", 1000)])

    change("UPDATE refunds SET sent_at = now() - interval '61 seconds'")
    again()

    after = [("shop", "failed", 1000), ("shop", "succeeded", 1000)]
    assert books(paid) == ("partially_refunded", 1000, after)
    assert (at_stripe(stripe), failures()) == ([("succeeded", 1000)], [("provider_failed",)])
    assert rows("SELECT count(*) FROM refunds later JOIN refunds first ON first.id = later.retry_of_id") == [
        (1,)
    ]


def test_past_the_keys_lifetime_a_refund_is_looked_up_and_not_repeated(
    paid: Purchase, stripe: StandIn
) -> None:
    owed(paid, 1000)
    stripe.order("faults", REFUNDS | {"when": "after", "outcome": "lost", "calls": 2})
    drain()
    stripe.order("clock", {"advance_seconds": 90_000})  # it has forgotten the key
    change("UPDATE refunds SET sent_at = now() - interval '24 hours'")

    again()

    assert at_stripe(stripe) == [("succeeded", 1000)]
    assert books(paid) == ("partially_refunded", 1000, [("shop", "succeeded", 1000)])


def test_past_the_keys_lifetime_one_that_was_never_made_is_owed_under_a_new_key(
    paid: Purchase, stripe: StandIn
) -> None:
    owed(paid, 1000, ago="23 hours")

    drain()

    assert (at_stripe(stripe), failures()) == ([("succeeded", 1000)], [("not_made",)])
    assert books(paid)[:2] == ("partially_refunded", 1000)


def test_just_before_that_the_same_call_is_still_repeated(paid: Purchase, stripe: StandIn) -> None:
    owed(paid, 1000, ago="22 hours 59 minutes")

    drain()

    assert (at_stripe(stripe), count("refunds")) == ([("succeeded", 1000)], 1)


def test_what_the_dashboard_gave_back_whole_is_not_given_back_again(
    client: FlaskClient, paid: Purchase, stripe: StandIn
) -> None:
    owed(paid)
    stripe.client.v1.refunds.create({"payment_intent": paid.provider_id})

    drain()

    assert at_stripe(stripe) == [("succeeded", TOTAL)]
    status, back, found = books(paid)
    assert (status, back) == ("refunded", TOTAL)
    assert sorted(found) == [("provider", "succeeded", TOTAL), ("shop", "failed", TOTAL)]
    assert failures() == [("charge_already_refunded",)]


def test_what_the_dashboard_gave_back_in_part_leaves_the_rest_owed_if_nobody_asked_for_the_refund(
    paid: Purchase, stripe: StandIn
) -> None:
    owed(paid, reason="cancelled")
    stripe.client.v1.refunds.create({"payment_intent": paid.provider_id, "amount": 700})

    drain()

    assert sorted(at_stripe(stripe)) == [("succeeded", 700), ("succeeded", TOTAL - 700)]
    assert books(paid)[:2] == ("refunded", TOTAL)


def test_what_an_operator_asked_for_and_the_provider_refused_is_for_the_operator(
    paid: Purchase, stripe: StandIn
) -> None:
    owed(paid, reason="other")
    stripe.client.v1.refunds.create({"payment_intent": paid.provider_id, "amount": 700})

    drain()

    assert at_stripe(stripe) == [("succeeded", 700)]
    assert books(paid)[:2] == ("partially_refunded", 700)
    assert failures() == [("invalid_request",)]
    assert topics(paid).count("refunds.failed") == 1


def test_two_of_ours_that_are_both_refused_do_not_wait_for_each_other(
    paid: Purchase, stripe: StandIn
) -> None:
    owed(paid, 1000, "other")
    owed(paid, TOTAL - 1000, "other")
    stripe.client.v1.refunds.create({"payment_intent": paid.provider_id})

    drain()

    assert at_stripe(stripe) == [("succeeded", TOTAL)]
    assert books(paid)[:2] == ("refunded", TOTAL)
    assert len(failures()) == 2


def test_a_refund_that_the_bank_takes_days_for_is_pending_until_then(
    client: FlaskClient, bought: Purchase, stripe: StandIn
) -> None:
    stripe.confirm(bought.provider_id, "pm_card_pendingRefund")
    deliver_all(client, stripe)
    drain()
    owed(bought)

    drain()

    assert books(bought) == ("paid", TOTAL, [("shop", "pending", TOTAL)])
    assert again() == []


def test_a_refund_that_the_providers_list_has_is_not_failed_by_a_late_refusal(paid: Purchase) -> None:
    gateway = FakeGateway()
    gateway.refusal = GatewayRefused("charge_already_refunded")
    refund_id = owed(paid)

    with workers_ask(gateway):
        gateway.while_refunding = lambda asked: gateway.refunds.append(refund_as_asked(asked))
        drain()

    assert [asked.idempotency_key for asked in gateway.asked] == [f"refund:{refund_id}"]
    assert books(paid) == ("refunded", TOTAL, [("shop", "succeeded", TOTAL)])


def test_an_intent_that_the_provider_does_not_know_is_a_refusal(paid: Purchase, stripe: StandIn) -> None:
    refund_id = owed(paid, reason="other")
    change("UPDATE refunds SET intent_id = 'pi_gone'")

    drain()

    assert (at_stripe(stripe), failures()) == ([], [("resource_missing",)])
    assert rows("SELECT id FROM refunds") == [(refund_id,)]


def test_the_intent_that_took_the_money_is_the_one_that_is_refunded(paid: Purchase, stripe: StandIn) -> None:
    other = stripe.pay()
    owed(paid, 1000, "review")
    change("UPDATE refunds SET intent_id = :id", id=other.id)

    drain()

    assert [each["payment_intent"] for each in stripe.books()["refunds"]] == [other.id]
    assert books(paid)[2] == [("shop", "succeeded", 1000)]
