from typing import Any

import pytest
import requests
import stripe

from tests.stand_in import API_KEY, PUBLISHABLE_KEY, StandIn


@pytest.mark.parametrize("key", ["sk_test_other", "sk_test_stand_in2", "pk_test_other"])
def test_a_wrong_key_is_refused(stand_in: StandIn, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError) as refused:
        stand_in.client_with(key).v1.payment_intents.list()

    assert refused.value.http_status == 401


@pytest.mark.parametrize("path", ["/v1/payment_intents", "/_admin/books"])
def test_no_key_is_refused(stand_in: StandIn, path: str) -> None:
    answer = requests.get(stand_in.url + path, timeout=5)

    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_browser_confirms_with_the_client_secret_alone(stand_in: StandIn) -> None:
    intent = stand_in.new_intent()
    browser = stand_in.client_with(PUBLISHABLE_KEY)
    # The SDK's type leaves out what browsers alone send.
    form: Any = {"client_secret": intent.client_secret, "payment_method": "pm_card_visa"}

    confirmed = browser.v1.payment_intents.confirm(intent.id, form)
    seen = browser.v1.payment_intents.retrieve(intent.id, {"client_secret": str(intent.client_secret)})

    assert (confirmed.status, seen.status) == ("succeeded", "succeeded")


@pytest.mark.parametrize("secret", [None, "pi_x_secret_y"])
def test_a_browser_without_the_right_secret_changes_nothing(stand_in: StandIn, secret: str | None) -> None:
    intent = stand_in.new_intent()
    url = f"{stand_in.url}/v1/payment_intents/{intent.id}/confirm"
    form = {"payment_method": "pm_card_visa"} | ({"client_secret": secret} if secret else {})

    answer = requests.post(url, data=form, auth=(PUBLISHABLE_KEY, ""), timeout=5)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "client_secret"
    assert stand_in.books()["charges"] == []


def test_the_publishable_key_does_not_create(stand_in: StandIn) -> None:
    with pytest.raises(stripe.AuthenticationError) as refused:
        stand_in.client_with(PUBLISHABLE_KEY).v1.payment_intents.create({"amount": 1999, "currency": "usd"})

    assert refused.value.error is not None
    assert refused.value.error.code == "secret_key_required"
    assert stand_in.books()["payment_intents"] == []


def test_a_curl_line_confirms(stand_in: StandIn) -> None:
    intent = stand_in.new_intent()
    url = f"{stand_in.url}/v1/payment_intents/{intent.id}/confirm"

    answer = requests.post(
        url,
        data="payment_method=pm_card_visa",
        auth=(API_KEY, ""),
        timeout=5,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
