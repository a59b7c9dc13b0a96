"""Checking out with addresses of the buyer's own book."""

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.buyers import CHECKOUT, Buyer, make_buyer, make_guest, shelf
from tests.database import count
from tests.sales import ADDRESS

pytestmark = pytest.mark.usefixtures("stripe")

BOOK = "/v1/users/me/addresses"
OFFICE = ADDRESS | {"line1": "1 Office Street", "company": "Analytical Engines"}
REST = {name: value for name, value in CHECKOUT.items() if name != "shipping_address"}


@pytest.fixture
def buyer(client: FlaskClient) -> Buyer:
    made = make_buyer(client)
    made.put(shelf())
    return made


def kept(buyer: Buyer, postal: dict[str, Any], kind: str = "shipping") -> str:
    address_id: str = buyer.post(BOOK, postal | {"type": kind}).get_json()["id"]
    return address_id


def test_an_order_copies_the_addresses_that_it_names(buyer: Buyer) -> None:
    home, office = kept(buyer, ADDRESS), kept(buyer, OFFICE, "billing")

    answer = buyer.post("/v1/checkout", REST | {"address_id": home, "billing_address_id": office}, key="1")
    for address_id in (home, office):
        buyer.client.delete(f"{BOOK}/{address_id}", headers=buyer.headers)

    order = answer.get_json()["order"]
    assert (answer.status_code, order["shipping_address"], order["billing_address"]) == (201, ADDRESS, OFFICE)
    assert buyer.get(f"/v1/orders/{order['id']}").get_json() == order
    again = buyer.post("/v1/checkout", REST | {"address_id": home, "billing_address_id": office}, key="1")
    assert (again.status_code, again.get_json()["order"]) == (201, order)


def test_the_shipping_address_serves_for_billing_too(buyer: Buyer) -> None:
    order = buyer.post("/v1/checkout", REST | {"address_id": kept(buyer, OFFICE)}, key="1").get_json()[
        "order"
    ]

    assert (order["shipping_address"], order["billing_address"]) == (OFFICE, OFFICE)


@pytest.mark.parametrize("field", ["address_id", "billing_address_id"])
def test_what_is_in_anothers_book_is_not_found(client: FlaskClient, buyer: Buyer, field: str) -> None:
    other = kept(make_buyer(client), ADDRESS)
    body = (REST if field == "address_id" else CHECKOUT) | {field: other}

    of_another = buyer.post("/v1/checkout", body, key="1")
    of_nobody = buyer.post("/v1/checkout", body | {field: str(uuid4())}, key="2")

    assert (of_another.status_code, of_another.get_json()["type"]) == (404, "/problems/not-found")
    assert of_nobody.get_json()["detail"] == of_another.get_json()["detail"]
    assert (count("orders"), count("idempotency_keys")) == (0, 0)


def test_guests_have_no_book(client: FlaskClient, buyer: Buyer) -> None:
    guest = make_guest(client)
    guest.put(shelf())

    answer = guest.post(
        "/v1/checkout", REST | {"address_id": kept(buyer, ADDRESS), "email": guest.EMAIL}, key="1"
    )

    assert (answer.status_code, answer.get_json()["errors"]) == (422, {"address_id": ["Only for users."]})


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "shipping_address"),
        ({"shipping_address": ADDRESS, "address_id": str(uuid4())}, "shipping_address"),
        (
            {"shipping_address": ADDRESS, "billing_address": ADDRESS, "billing_address_id": str(uuid4())},
            "billing_address",
        ),
    ],
)
def test_neither_no_address_nor_two_for_one_thing_will_do(
    buyer: Buyer, given: dict[str, Any], field: str
) -> None:
    answer = buyer.post("/v1/checkout", REST | given, key="1")

    assert (answer.status_code, answer.get_json()["errors"].keys()) == (422, {field})
    assert count("orders") == 0
