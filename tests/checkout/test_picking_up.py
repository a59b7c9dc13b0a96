"""Checking out what is picked up: what must be said for it."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.buyers import make_buyer, make_guest, shelf
from tests.database import change, count
from tests.fulfillment.picking_up import ask, store, to_be_picked_up
from tests.fulfillment.sending import act, do, handed, parcels
from tests.sales import ADDRESS
from tests.stand_in import StandIn


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"pickup_store_id": "closed"}, "pickup_store_id"),
        ({"pickup_store_id": "open", "shipping_address": ADDRESS}, "shipping_address"),
        ({"pickup_store_id": "open", "shipping_method": "standard"}, "shipping_method"),
        ({"shipping_address": ADDRESS, "shipping_method": "pickup"}, "pickup_store_id"),
        ({"shipping_address": ADDRESS}, "shipping_method"),
        ({"shipping_method": "standard"}, "shipping_address"),
        ({"pickup_store_id": "open", "email": "guest@example.com"}, "billing_address"),
    ],
)
def test_where_it_is_picked_up_must_be_said_and_possible(
    client: FlaskClient, body: dict[str, Any], field: str
) -> None:
    ids = {"open": store(), "closed": store(offers_pickup=False)}
    guest = make_guest(client)
    guest.put(shelf())

    answer = ask(guest, **{name: ids.get(str(value), value) for name, value in body.items()})

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])
    assert count("orders") == 0


def test_it_is_priced_and_taxed_where_the_store_is(client: FlaskClient, stripe: StandIn) -> None:
    sent = to_be_picked_up(client)

    order, (parcel,) = sent.order(), parcels(sent.sellers[0])

    assert {name: sum_["amount"] for name, sum_ in order["totals"].items() if name != "tax_included"} == {
        "subtotal": 2000,
        "discount": 0,
        "shipping": 0,
        "tax": 400,
        "total": 2400,
    }
    assert (order["shipping"]["method"], order["pickup_store"]["name"]) == ("pickup", "Backroom London")
    at_store = {"name": ADDRESS["name"], "company": "Backroom London", "line1": "1 Strand", "country": "GB"}
    assert {name: order["shipping_address"][name] for name in at_store} == at_store
    assert parcel["pickup_store"] == order["pickup_store"]


def test_a_user_needs_no_address_for_it(client: FlaskClient, stripe: StandIn) -> None:
    buyer, store_id = make_buyer(client), store()
    buyer.put(shelf())

    order = ask(buyer, pickup_store_id=store_id, shipping_method="pickup").get_json()["order"]
    change("UPDATE stores SET name = 'Elsewhere'")
    again = ask(buyer, pickup_store_id=store_id, key="2").get_json()

    name = buyer.get("/v1/users/me").get_json()["full_name"]
    assert [order[which]["name"] for which in ("shipping_address", "billing_address")] == [name, name]
    assert order["pickup_store"]["id"] == store_id
    assert again["order"] == order


def test_what_is_sent_waits_in_no_store(client: FlaskClient, stripe: StandIn) -> None:
    sent = handed(client)
    parcel = do(sent.sellers[0], parcels(sent.sellers[0])[0], "pack")

    assert act(sent.sellers[0], parcel, "ready").status_code == 409
    assert act(sent.sellers[0], parcel, "deliver").status_code == 409
    assert sent.order()["pickup_store"] is None
