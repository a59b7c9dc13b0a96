from typing import Any

import pytest
import requests
import stripe

from tests.stand_in import API_KEY, StandIn

GOOD: dict[str, Any] = {"amount": 1999, "currency": "usd"}


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"surprise": 1}, "parameter_unknown", "surprise"),
        (
            {"shipping": {"name": "A", "address": {"planet": "Mars"}}},
            "parameter_unknown",
            "shipping[address][planet]",
        ),
        ({"amount": None}, "parameter_missing", "amount"),
        ({"shipping": {"name": "A"}}, "parameter_missing", "shipping[address]"),
        ({"amount": "19.99"}, "parameter_invalid_integer", "amount"),
        ({"amount": 49}, "amount_too_small", "amount"),
        ({"amount": 1995, "currency": "kwd"}, "invalid_charge_amount_no_decimal_compatible", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"receipt_email": "nobody"}, "email_invalid", "receipt_email"),
        ({"capture_method": "someday"}, None, "capture_method"),
        ({"confirm": "maybe"}, None, "confirm"),
        ({"currency": "dollar"}, None, "currency"),
        (
            {"payment_method_types": ["card"]},
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
        ({"transfer_data": {"destination": "acct_1"}}, "not_modelled", "transfer_data"),
        ({"expand": ["charges"]}, None, "expand"),
    ],
)
def test_wrong_parameters_are_refused_by_name(
    stand_in: StandIn, change: dict[str, Any], code: str | None, param: str
) -> None:
    given = {name: value for name, value in {**GOOD, **change}.items() if value is not None}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.client.v1.payment_intents.create(given)  # type: ignore[arg-type]  # wrong on purpose

    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)
    assert stand_in.books()["payment_intents"] == []


def test_nested_parameters_arrive_whole(stand_in: StandIn) -> None:
    shipping = {"name": "Ada", "address": {"line1": "1 Straße", "city": "Köln", "country": "DE"}}

    intent = stand_in.new_intent(shipping=shipping, receipt_email="ada@example.com", currency="eur")

    assert intent.shipping is not None
    assert intent.shipping.to_dict() == shipping
    assert (intent.receipt_email, intent.currency) == ("ada@example.com", "eur")
    assert intent.payment_method_types == ["card"]


@pytest.mark.parametrize("change", [{"limit": 0}, {"limit": 101}, {"starting_after": "pi_nobody"}])
def test_wrong_pages_are_refused(stand_in: StandIn, change: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.client.v1.payment_intents.list(change)

    assert refused.value.http_status == 400
    assert [refused.value.param] == list(change)


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/nothing"), ("DELETE", "/v1/payment_intents")])
def test_an_unknown_url_is_404_in_stripes_shape(stand_in: StandIn, method: str, path: str) -> None:
    answer = requests.request(method, stand_in.url + path, auth=(API_KEY, ""), timeout=5)

    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_another_version_of_the_api_is_refused(stand_in: StandIn) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.client.v1.payment_intents.list(options={"stripe_version": "2020-08-27"})

    assert "2020-08-27" in str(refused.value)
