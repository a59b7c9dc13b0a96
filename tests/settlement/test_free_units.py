"""Giving back units for which nothing was paid."""

from uuid import uuid4

from flask.testing import FlaskClient

from tests.buyers import make_buyer, shelf
from tests.database import change, count, rows
from tests.fulfillment.sending import paid_for
from tests.stand_in import StandIn


def test_units_that_were_free_are_given_back_with_an_amount_only(
    client: FlaskClient, stripe: StandIn
) -> None:
    buyer, admin = make_buyer(client), make_buyer(client, "admin")
    for price in (500, 1000):
        buyer.put(shelf(price=price), 1)
    order_id = paid_for(buyer.check_out().get_json())
    change("UPDATE order_lines SET discount_amount = 500, tax_amount = 0 WHERE line_total_amount = 500")
    ((line_id,),) = rows("SELECT id::text FROM order_lines WHERE line_total_amount = 500")
    body = {"reason": "other", "lines": [{"line_id": line_id, "quantity": 1, "restock": False}]}
    path = f"/v1/admin/orders/{order_id}/refunds"

    refused = admin.post(path, body, key=str(uuid4()))
    made = admin.post(path, body | {"amount": {"amount": 100, "currency": "USD"}}, key=str(uuid4()))

    assert (refused.status_code, refused.get_json()["type"]) == (422, "/problems/invalid")
    assert refused.get_json()["errors"] == {"amount": ["Say how much."]}
    assert (made.status_code, made.get_json()["amount"]["amount"]) == (201, 100)
    assert count("refunds") == 1
