import time

import pytest
import stripe

from tests.stand_in import API_KEY, StandIn


def test_a_slow_answer_is_slow_as_often_as_ordered(stand_in: StandIn) -> None:
    stand_in.order("faults", {"path": "/v1/payment_intents", "method": "POST", "delay_seconds": 0.3})

    start = time.monotonic()
    stand_in.new_intent()

    assert time.monotonic() - start >= 0.3
    assert stand_in.order("faults", method="GET") == []


def test_a_status_before_the_effect_leaves_nothing(stand_in: StandIn) -> None:
    stand_in.order("faults", {"path": "/v1/payment_intents", "outcome": 503, "calls": None})

    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            stand_in.new_intent()
        assert failed.value.http_status == 503
    stand_in.order("faults", method="DELETE")

    assert stand_in.books()["payment_intents"] == []
    assert stand_in.new_intent().status == "requires_payment_method"


def test_a_lost_answer_leaves_its_effect_and_a_retry_finds_it(stand_in: StandIn) -> None:
    stand_in.order("faults", {"path": "/v1/payment_intents", "when": "after", "outcome": "lost"})

    with pytest.raises(stripe.APIConnectionError):
        stand_in.client.v1.payment_intents.create(
            {"amount": 1999, "currency": "usd"}, {"idempotency_key": "lost"}
        )
    found = stand_in.client.v1.payment_intents.create(
        {"amount": 1999, "currency": "usd"}, {"idempotency_key": "lost"}
    )

    assert [intent["id"] for intent in stand_in.books()["payment_intents"]] == [found.id]


def test_the_sdks_own_retries_overcome_a_lost_request(stand_in: StandIn) -> None:
    stand_in.order("faults", {"path": "/v1/payment_intents", "outcome": "lost"})

    client = stand_in.client_with(API_KEY, retries=2)
    intent = client.v1.payment_intents.create({"amount": 1999, "currency": "usd"})

    assert [row["id"] for row in stand_in.books()["payment_intents"]] == [intent.id]


def test_other_paths_and_methods_are_spared(stand_in: StandIn) -> None:
    stand_in.order("faults", {"path": "/v1/payment_intents", "method": "POST", "outcome": 500})

    assert stand_in.client.v1.payment_intents.list().data == []
    assert stand_in.client.v1.charges.list().data == []
    assert len(stand_in.order("faults", method="GET")) == 1
