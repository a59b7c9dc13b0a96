"""Refunds through Stripe's own SDK, against the stand-in."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.payments.errors import FailureKept, GatewayRefused, GatewayUnavailable
from app.payments.gateway.calling import client
from app.payments.gateway.protocol import RefundRequest
from app.payments.gateway.reading import read_refund
from app.payments.gateway.stripe import StripeWorker
from tests.stand_in import API_KEY, StandIn

OURS, ORDER = UUID(int=7), UUID(int=8)
REFUNDS = {"path": "/v1/refunds", "method": "POST"}


@pytest.fixture
def gateway(app: Flask, stripe: StandIn) -> StripeWorker:
    """Stripe, without second tries."""
    return StripeWorker(client(api_key=API_KEY, base=stripe.url, timeout=(1, 5), retries=0))


def request(intent_id: str, amount: int = 500, key: str = "refund:7", **more: Any) -> RefundRequest:
    metadata = {"refund_id": str(OURS), "order_id": str(ORDER)}
    return RefundRequest(key, {"payment_intent": intent_id, "amount": amount, "metadata": metadata, **more})


def test_a_refund_says_what_it_is_and_whose(gateway: StripeWorker, stripe: StandIn) -> None:
    intent = stripe.pay()

    made = gateway.refund(request(intent.id, reason="duplicate"))

    assert made == gateway.find_refund(made.provider_id)
    assert (made.status, made.amount, made.currency, made.intent_id) == ("succeeded", 500, "USD", intent.id)
    assert (made.refund_id, made.order_id, made.failure_reason) == (OURS, ORDER, None)
    assert [each["reason"] for each in stripe.books()["refunds"]] == ["duplicate"]


def test_the_same_request_again_answers_with_the_refund_as_it_is_now(
    gateway: StripeWorker, stripe: StandIn
) -> None:
    intent = stripe.pay()
    first = gateway.refund(request(intent.id))
    stripe.order(f"refunds/{first.provider_id}", {"status": "failed"})

    again = gateway.refund(request(intent.id))

    assert (again.provider_id, again.status) == (first.provider_id, "failed")
    assert again.failure_reason == "expired_or_canceled_card"
    assert len(stripe.books()["refunds"]) == 1


def test_the_refunds_of_an_intent_are_listed_whoever_made_them_oldest_first(
    gateway: StripeWorker, stripe: StandIn
) -> None:
    intent, other = stripe.pay(), stripe.pay()
    ours = gateway.refund(request(intent.id))
    params: Any = {"payment_intent": intent.id, "amount": 100}
    theirs = stripe.client.v1.refunds.create(params)
    gateway.refund(request(other.id, key="refund:8"))

    found = gateway.refunds_of(intent.id)

    assert [(each.provider_id, each.refund_id) for each in found] == [
        (ours.provider_id, OURS),
        (theirs.id, None),
    ]


def test_a_refusal_has_the_providers_word_for_it(gateway: StripeWorker, stripe: StandIn) -> None:
    intent = stripe.pay()
    with pytest.raises(GatewayRefused) as too_much:
        gateway.refund(request(intent.id, 2001))
    gateway.refund(request(intent.id, 2000, key="all"))

    with pytest.raises(GatewayRefused) as nothing_left:
        gateway.refund(request(intent.id, 1, key="more"))

    assert (too_much.value.code, nothing_left.value.code) == ("invalid_request", "charge_already_refunded")


@pytest.mark.parametrize("outcome", [429, 409, 500, "lost"])
def test_no_answer_is_no_refusal_and_may_be_asked_for_again(
    gateway: StripeWorker, stripe: StandIn, outcome: int | str
) -> None:
    intent = stripe.pay()
    stripe.order("faults", REFUNDS | {"outcome": outcome})

    with pytest.raises(GatewayUnavailable) as unknown:
        gateway.refund(request(intent.id))
    again = gateway.refund(request(intent.id))

    assert not isinstance(unknown.value, FailureKept)
    assert [each["id"] for each in stripe.books()["refunds"]] == [again.provider_id]


def test_a_failure_that_is_kept_under_the_key_is_told_from_one_that_is_not(
    gateway: StripeWorker, stripe: StandIn
) -> None:
    intent = stripe.pay()
    stripe.order("faults", REFUNDS | {"when": "after", "outcome": 500})

    with pytest.raises(GatewayUnavailable) as first:
        gateway.refund(request(intent.id))
    with pytest.raises(FailureKept):
        gateway.refund(request(intent.id))

    assert not isinstance(first.value, FailureKept)
    assert [each.refund_id for each in gateway.refunds_of(intent.id)] == [OURS]


def test_an_intent_may_have_come_along_whole_or_not_at_all() -> None:
    refund: dict[str, Any] = {"id": "re_1", "status": "pending", "amount": 5, "currency": "eur", "created": 0}

    whole = read_refund(refund | {"payment_intent": {"id": "pi_1"}, "metadata": {"refund_id": "no id"}})

    assert (whole.intent_id, whole.refund_id, whole.currency) == ("pi_1", None, "EUR")
    assert read_refund(refund | {"payment_intent": None, "metadata": None}).intent_id is None
