import time

import pytest
import requests
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


def test_an_error_is_of_the_ordered_kind(stand_in: StandIn) -> None:
    order = {"path": "/v1/payment_intents", "outcome": 402, "code": "expired_card", "message": "Too old."}
    stand_in.order("faults", order)

    with pytest.raises(stripe.CardError) as failed:
        stand_in.new_intent()

    assert (failed.value.code, failed.value.user_message) == ("expired_card", "Too old.")


@pytest.mark.parametrize(
    ("outcome", "error", "code"),
    [
        (401, stripe.AuthenticationError, None),
        (403, stripe.PermissionError, None),
        (409, stripe.APIError, "lock_timeout"),
        (429, stripe.RateLimitError, "rate_limit"),
        (500, stripe.APIError, None),
    ],
)
def test_each_status_has_stripes_error(
    stand_in: StandIn, outcome: int, error: type[stripe.StripeError], code: str | None
) -> None:
    stand_in.order("faults", {"path": "/v1/payment_intents", "outcome": outcome})

    with pytest.raises(error) as failed:
        stand_in.new_intent()

    told = failed.value.json_body
    assert isinstance(told, dict)
    assert (failed.value.http_status, told["error"].get("code")) == (outcome, code)


@pytest.mark.parametrize(("word", "left"), [("true", 0), ("false", 1)])
def test_headers_tell_the_client_what_to_do(stand_in: StandIn, word: str, left: int) -> None:
    headers = {"Stripe-Should-Retry": word, "Retry-After": "1"}
    order = {"path": "/v1/payment_intents", "outcome": 429, "headers": headers, "calls": 2}
    stand_in.order("faults", order)
    client = stand_in.client_with(API_KEY, retries=2)

    if left:
        with pytest.raises(stripe.RateLimitError) as refused:
            client.v1.payment_intents.list()
        assert refused.value.headers is not None
        assert refused.value.headers["Retry-After"] == "1"
    else:
        assert client.v1.payment_intents.list().data == []

    assert len(stand_in.order("faults", method="GET")) == left


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("outcome", ["lost", "reset", "silence"])
def test_an_answer_can_be_missing_before_and_after_the_effect(
    stand_in: StandIn, outcome: str, when: str, made: int
) -> None:
    stand_in.order("faults", {"path": "/v1/payment_intents", "outcome": outcome, "when": when})
    body = {"amount": 1999, "currency": "usd"}

    with pytest.raises(requests.RequestException) as failed:
        requests.post(f"{stand_in.url}/v1/payment_intents", body, auth=(API_KEY, ""), timeout=0.5)

    words = {"lost": "without response", "reset": "reset by peer", "silence": "Read timed out"}
    assert words[outcome] in str(failed.value)
    assert len(stand_in.books()["payment_intents"]) == made


def test_an_error_before_the_effect_can_be_kept_under_its_key(stand_in: StandIn) -> None:
    stand_in.order("faults", {"path": "/v1/payment_intents", "outcome": 500, "kept": True})
    create = stand_in.client.v1.payment_intents.create

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            create({"amount": 1999, "currency": "usd"}, {"idempotency_key": "kept"})

    assert stand_in.books()["payment_intents"] == []
    assert create({"amount": 1999, "currency": "usd"}, {"idempotency_key": "fresh"}).amount == 1999


def test_an_error_after_the_effect_is_kept_under_its_key(stand_in: StandIn) -> None:
    stand_in.order("faults", {"path": "/v1/payment_intents", "outcome": 500, "when": "after"})
    create = stand_in.client.v1.payment_intents.create

    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            create({"amount": 1999, "currency": "usd"}, {"idempotency_key": "kept"})

    assert failed.value.headers is not None
    assert failed.value.headers["Idempotent-Replayed"] == "true"
    assert len(stand_in.books()["payment_intents"]) == 1


def test_a_fault_befalls_one_operation_alone(stand_in: StandIn) -> None:
    intent = stand_in.new_intent()
    stand_in.order("faults", {"path": "/v1/payment_intents", "exact": True, "outcome": 500, "calls": None})
    stand_in.order("faults", {"path": "/v1/*/*/cancel", "outcome": 503})

    assert stand_in.confirm(intent.id).status == "succeeded"
    with pytest.raises(stripe.APIError) as created:
        stand_in.new_intent()
    with pytest.raises(stripe.APIError) as canceled:
        stand_in.client.v1.payment_intents.cancel(intent.id)

    assert (created.value.http_status, canceled.value.http_status) == (500, 503)


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": 200},
        {"outcome": "gone"},
        {"when": "now"},
        {"chaos": 1},
        {"path": 3},
        {"method": "get"},
        {"calls": "many"},
        {"calls": 0},
        {"delay_seconds": "long"},
        {"delay_seconds": -1},
        {"headers": "Retry-After"},
        {"kept": 1},
    ],
)
def test_an_impossible_fault_is_refused(stand_in: StandIn, wrong: dict[str, object]) -> None:
    with pytest.raises(OSError, match="400"):
        stand_in.order("faults", {"path": "/v1", **wrong})

    assert stand_in.order("faults", method="GET") == []


@pytest.mark.parametrize(
    ("what", "wrong"),
    [
        ("webhooks", {"copies": "many"}),
        ("webhooks", {"copies": -1}),
        ("webhooks", {"hold": "yes"}),
        ("webhooks", {"delay_seconds": None}),
        ("search", {"lag_seconds": "long"}),
    ],
)
def test_an_impossible_order_is_refused_and_changes_nothing(
    stand_in: StandIn, what: str, wrong: dict[str, object]
) -> None:
    before = stand_in.order("webhooks", method="GET")

    with pytest.raises(OSError, match="400"):
        stand_in.order(what, wrong)

    assert stand_in.order("webhooks", method="GET") == before


def test_a_shared_fault_befalls_some_of_the_requests_and_counts_them(stand_in: StandIn) -> None:
    stand_in.order("faults", {"path": "/v1/charges", "calls": None, "share": 0.5, "outcome": 500})

    statuses = [_status_of_a_list(stand_in) for _ in range(60)]

    (fault,) = stand_in.order("faults", method="GET")
    assert fault["befell"] == statuses.count(500)
    assert 0 < statuses.count(500) < 60  # by chance it is none or all once in 2**59 times


@pytest.mark.parametrize("share", [0, 1.5])
def test_a_share_that_is_none_is_refused(stand_in: StandIn, share: float) -> None:
    with pytest.raises(OSError, match="400"):
        stand_in.order("faults", {"path": "/v1", "share": share})

    assert stand_in.order("faults", method="GET") == []


def _status_of_a_list(stand_in: StandIn) -> int:
    try:
        stand_in.client.v1.charges.list()
    except stripe.APIError as error:
        return int(error.http_status or 0)
    return 200
