"""What Stripe's objects say, in our words."""

from typing import Any

import pytest

from app.payments.gateway.reading import read_object, read_session

SESSION: dict[str, Any] = {
    "id": "cs_1",
    "object": "checkout.session",
    "mode": "payment",
    "status": "open",
    "payment_status": "unpaid",
    "payment_intent": None,
    "amount_total": 1999,
    "currency": "usd",
    "metadata": {},
    "url": "https://pay.example/cs_1",
}

PAID = {"status": "complete", "payment_status": "paid"}


def intent(status: str, received: int = 0) -> dict[str, Any]:
    """A session's intent that came along whole."""
    return {"id": "pi_1", "status": status, "amount": 1999, "amount_received": received, "currency": "usd"}


@pytest.mark.parametrize(
    ("changes", "status", "received"),
    [
        ({}, "requires_payment_method", 0),
        ({"payment_intent": "pi_1"}, "requires_payment_method", 0),
        ({"payment_intent": intent("requires_action")}, "requires_action", 0),
        (PAID | {"payment_intent": "pi_1"}, "succeeded", 1999),
        ({"status": "complete", "payment_intent": "pi_1"}, "processing", 0),
        ({"status": "complete", "payment_intent": intent("processing")}, "processing", 0),
        ({"status": "complete", "payment_intent": intent("succeeded", 1999)}, "succeeded", 1999),
        ({"status": "complete", "payment_intent": intent("requires_payment_method")}, "canceled", 0),
        ({"status": "complete", "payment_intent": intent("requires_action")}, "processing", 0),
        ({"status": "complete", "payment_intent": intent("canceled")}, "canceled", 0),
        ({"status": "expired"}, "canceled", 0),
        ({"status": "expired", "payment_intent": intent("canceled")}, "canceled", 0),
        ({"status": "expired", "payment_intent": intent("succeeded", 1999)}, "succeeded", 1999),
        ({"status": "expired", "payment_intent": intent("processing")}, "processing", 0),
    ],
)
def test_a_session_is_in_the_state_of_its_money(changes: dict[str, Any], status: str, received: int) -> None:
    seen = read_session(SESSION | changes)

    assert (seen.status, seen.amount_received) == (status, received)
    assert (seen.object_id, seen.session_id, seen.amount, seen.currency) == ("cs_1", "cs_1", 1999, "USD")
    assert seen.provider_id == ("pi_1" if changes.get("payment_intent") else None)


def test_the_amount_of_the_money_counts_more_than_the_amount_of_the_page() -> None:
    other = intent("succeeded", 5) | {"amount": 5, "currency": "eur"}

    seen = read_session(SESSION | {"payment_intent": other})

    assert (seen.amount, seen.amount_received, seen.currency) == (5, 5, "EUR")


@pytest.mark.parametrize("changes", [{"mode": "setup"}, {"mode": "subscription"}, {"object": "charge"}])
def test_an_object_that_takes_no_payment_is_none_of_ours(changes: dict[str, str]) -> None:
    assert read_object(SESSION | changes) is None
