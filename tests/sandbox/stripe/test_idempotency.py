from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe
from stripe.params import PaymentIntentConfirmParams, PaymentIntentCreateParams

from sandbox.ready import wait_until
from tests.stand_in import StandIn

GOOD: PaymentIntentCreateParams = {"amount": 1999, "currency": "usd"}
KEY: stripe.RequestOptions = {"idempotency_key": "order-1"}


def test_the_same_key_replays_the_first_answer(stand_in: StandIn) -> None:
    intents = stand_in.client.v1.payment_intents
    first = intents.create(GOOD, KEY)
    intents.cancel(first.id)

    again = intents.create(GOOD, KEY)

    assert (again.id, again.status) == (first.id, "requires_payment_method")
    assert again.last_response is not None
    assert first.last_response is not None
    headers = again.last_response.headers
    assert headers["Idempotent-Replayed"] == "true"
    assert headers["Original-Request"] == first.last_response.request_id
    assert len(stand_in.books()["payment_intents"]) == 1


def test_the_same_key_with_other_parameters_or_another_path_is_an_error(stand_in: StandIn) -> None:
    intents = stand_in.client.v1.payment_intents
    first = intents.create(GOOD, KEY)

    with pytest.raises(stripe.IdempotencyError):
        intents.create({"amount": 2000, "currency": "usd"}, KEY)
    with pytest.raises(stripe.IdempotencyError):
        intents.cancel(first.id, {}, KEY)

    assert [intent["status"] for intent in stand_in.books()["payment_intents"]] == ["requires_payment_method"]


def test_the_same_key_from_many_threads_at_once_makes_one_intent(stand_in: StandIn) -> None:
    create = stand_in.client_with("sk_test_stand_in", retries=6).v1.payment_intents.create
    with ThreadPoolExecutor(16) as buyers:
        ids = set(buyers.map(lambda _: create(GOOD, KEY).id, range(32)))

    assert len(ids) == len(stand_in.books()["payment_intents"]) == 1


def test_a_key_in_use_is_a_conflict(stand_in: StandIn) -> None:
    create = stand_in.client.v1.payment_intents.create
    stand_in.order("faults", {"path": "/v1/payment_intents", "delay_seconds": 2, "when": "after"})

    with ThreadPoolExecutor(1) as buyer:
        first = buyer.submit(create, GOOD, KEY)
        wait_until(lambda: stand_in.books()["payment_intents"] != [], within=5, failure="Nothing was made")
        with pytest.raises(stripe.APIError) as refused:
            create(GOOD, KEY)

    assert refused.value.http_status == 409
    assert refused.value.error is not None
    assert refused.value.error.code == "idempotency_key_in_use"
    assert [intent["id"] for intent in stand_in.books()["payment_intents"]] == [first.result().id]


def test_a_decline_is_kept(stand_in: StandIn) -> None:
    intent = stand_in.new_intent()
    declining: PaymentIntentConfirmParams = {"payment_method": "pm_card_chargeDeclined"}

    for _ in range(2):
        with pytest.raises(stripe.CardError):
            stand_in.client.v1.payment_intents.confirm(intent.id, declining, KEY)

    assert len(stand_in.books()["charges"]) == 1


def test_a_server_error_after_the_effect_is_kept_too(stand_in: StandIn) -> None:
    stand_in.order("faults", {"path": "/v1/payment_intents", "when": "after", "outcome": 500})

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            stand_in.client.v1.payment_intents.create(GOOD, KEY)

    assert len(stand_in.books()["payment_intents"]) == 1
    assert [key["status"] for key in stand_in.books()["idempotency_keys"]] == [500]


def test_what_was_refused_before_the_work_is_not_kept(stand_in: StandIn) -> None:
    create = stand_in.client.v1.payment_intents.create
    with pytest.raises(stripe.InvalidRequestError):
        create({"amount": 1, "currency": "usd"}, KEY)
    with pytest.raises(stripe.AuthenticationError):
        stand_in.client_with("sk_test_other").v1.payment_intents.create(GOOD, KEY)
    stand_in.order("faults", {"path": "/v1", "outcome": 429})
    with pytest.raises(stripe.RateLimitError):
        create(GOOD, KEY)

    intent = create(GOOD, KEY)

    assert intent.amount == 1999
    assert [key["status"] for key in stand_in.books()["idempotency_keys"]] == [200]


def test_a_key_is_forgotten_after_a_day(stand_in: StandIn) -> None:
    create = stand_in.client.v1.payment_intents.create
    first = create(GOOD, KEY)
    stand_in.in_books("UPDATE keys SET created_at = created_at - 86300")
    same = create(GOOD, KEY)
    stand_in.in_books("UPDATE keys SET created_at = created_at - 101")

    other = create(GOOD, KEY)

    assert same.id == first.id != other.id
