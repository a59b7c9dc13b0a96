"""Orders that are picked up: a store, what is asked for, and one that is paid."""

from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.platform.db import transaction
from tests.buyers import Buyer, make_buyer, shelf
from tests.database import change
from tests.fulfillment.sending import Handed, paid_for
from tests.sales import ADDRESS
from tests.stores.making import make_store

TAX = """
    INSERT INTO tax_zones (id, country) VALUES ('00000000-0000-7000-8000-000000000001', 'GB');
    INSERT INTO tax_rates (zone_id, category, basis_points) SELECT id, 'standard', 2000 FROM tax_zones"""
PAYING: dict[str, Any] = {"payment_flow": "payment_intent"}
AMERICAN = ADDRESS | {"region": "OR", "postal_code": "97201", "country": "US"}


def store(**values: Any) -> str:
    """In London, with the value added tax of 20 percent that `to_be_picked_up` asks for."""
    with transaction() as session:
        return str(make_store(session, **values))


def ask(buyer: Buyer, *, key: str = "1", **body: Any) -> TestResponse:
    """Check out with nothing but this said."""
    return buyer.post("/v1/checkout", PAYING | body, key=key)


def to_be_picked_up(client: FlaskClient) -> Handed:
    """Two units at 10.00, paid; the bill goes to America."""
    change(TAX)
    seller, buyer = make_buyer(client, "seller"), make_buyer(client)
    thing = shelf(seller_id=UUID(seller.get("/v1/users/me").get_json()["id"]))
    buyer.put(thing)
    placed = ask(buyer, pickup_store_id=store(), billing_address=AMERICAN)
    assert placed.status_code == 201, placed.get_json()
    return Handed(buyer, [seller], [thing], paid_for(placed.get_json()))
