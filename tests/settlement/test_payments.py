"""The payment as its buyer sees it, and the shortcut past the webhook."""

import pytest
from flask.testing import FlaskClient

from app.platform.ids import new_id
from tests.buyers import Purchase, make_buyer
from tests.database import change, rows
from tests.sales import PAID, PENDING, TOTAL, state, topics
from tests.stand_in import StandIn
from tests.work import drain


def shown(bought: Purchase) -> dict[str, object]:
    """The payment as the API has it."""
    answer = bought.buyer.get(f"/v1/payments/{bought.payment_id}")
    assert answer.status_code == 200
    body: dict[str, object] = answer.get_json()
    return body


def confirm(bought: Purchase, key: str | None = None) -> int:
    """The buyer says that they paid; the answer's status."""
    return bought.buyer.post(f"/v1/payments/{bought.payment_id}/confirm", key=key).status_code


def test_an_open_payment_shows_what_the_card_form_needs(bought: Purchase, stripe: StandIn) -> None:
    (intent,) = stripe.books()["payment_intents"]

    assert shown(bought) == {
        "id": str(bought.payment_id),
        "order_id": str(bought.order_id),
        "status": "open",
        "amount": {"amount": TOTAL, "currency": "USD"},
        "flow": "payment_intent",
        "provider": "stripe",
        "method": None,
        "provider_id": intent["id"],
        "session_id": None,
        "client_secret": intent["client_secret"],
        "redirect_url": None,
        "instructions": None,
        "last_error": None,
    }


def test_the_client_is_enough_when_no_webhook_ever_comes(bought: Purchase, stripe: StandIn) -> None:
    stripe.confirm(bought.provider_id)

    assert confirm(bought) == 202
    assert state(bought) == PENDING
    assert drain()[0] == "settlement.confirm_payment"

    assert state(bought) == PAID
    paid = shown(bought)
    assert (paid["status"], paid["client_secret"]) == ("succeeded", None)
    assert paid["method"] == {"kind": "card", "brand": "visa", "last4": "4242"}


def test_saying_it_too_early_changes_nothing(bought: Purchase) -> None:
    confirm(bought)
    drain()

    assert state(bought) == PENDING


def test_saying_it_often_settles_once(bought: Purchase, stripe: StandIn) -> None:
    """pinelab-vendure-plugins #620: three deliveries at once settled one payment three times."""
    stripe.confirm(bought.provider_id)

    assert [confirm(bought) for _ in range(3)] == [202] * 3
    drain()
    confirm(bought)
    drain()

    assert state(bought) == PAID
    assert topics(bought).count("orders.paid") == 1


def test_what_comes_of_it_is_seen_at_the_payment(bought: Purchase) -> None:
    path = f"/v1/payments/{bought.payment_id}"

    answers = [bought.buyer.post(f"{path}/confirm", key="once") for _ in range(2)]

    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert [(each.headers["Location"], each.headers["Retry-After"]) for each in answers] == [(path, "1")] * 2


def test_under_one_key_it_is_said_once_and_no_secret_is_kept(bought: Purchase) -> None:
    assert [confirm(bought, key="once") for _ in range(2)] == [202, 202]

    assert topics(bought).count("payments.confirm_requested") == 1
    kept = rows("SELECT convert_from(body, 'UTF8')::jsonb FROM idempotency_keys WHERE key = 'once'")
    assert kept == [({"payment_id": str(bought.payment_id)},)]


def test_a_decline_is_shown_and_the_payment_stays_payable(bought: Purchase, stripe: StandIn) -> None:
    with pytest.raises(Exception, match="insufficient funds"):
        stripe.confirm(bought.provider_id, "pm_card_chargeDeclinedInsufficientFunds")

    confirm(bought)
    drain()

    after = shown(bought)
    assert (after["status"], after["client_secret"] is not None) == ("open", True)
    assert after["last_error"] == {
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "message": "Your card has insufficient funds.",
    }
    stripe.confirm(bought.provider_id)
    confirm(bought)
    drain()
    assert state(bought) == PAID


def test_a_payment_that_is_still_being_opened_has_nothing_to_ask_about(bought: Purchase) -> None:
    change("UPDATE payments SET provider_id = NULL, status = 'creating'")

    confirm(bought)

    assert drain() == ["settlement.confirm_payment"]
    assert rows("SELECT status FROM payments") == [("creating",)]


def test_a_stranger_sees_no_payment_and_an_admin_does(bought: Purchase, client: FlaskClient) -> None:
    stranger, admin = make_buyer(client), make_buyer(client, role="admin")
    path = f"/v1/payments/{bought.payment_id}"

    told = stranger.get(path).get_json()
    absent = stranger.get(f"/v1/payments/{new_id()}").get_json()
    assert told | {"request_id": None} == absent | {"request_id": None}
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/confirm").status_code == 404
    assert client.get(path).status_code == 401
    assert admin.get(path).status_code == 200
    assert drain() == []
