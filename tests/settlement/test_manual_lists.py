"""What operators compare a bank's statement with, page by page."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.buyers import Buyer, make_buyer, purchase
from tests.settlement.transfers import money, note, number_of
from tests.stand_in import StandIn
from tests.work import drain


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, role="admin")


def pages(admin: Buyer, path: str, **query: Any) -> list[list[str]]:
    """The ids on each page of two."""
    found: list[list[str]] = []
    cursor: dict[str, str] = {}
    while True:
        asked = {"limit": 2} | query | cursor
        page = admin.client.get(f"/v1/admin/{path}", query_string=asked, headers=admin.headers).get_json()
        found.append([item["id"] for item in page["items"]])
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


@pytest.mark.usefixtures("stripe")
def test_all_payments_that_wait_are_found_and_no_other(client: FlaskClient, admin: Buyer) -> None:
    ids = [str(purchase(client, payment_flow="manual").payment_id) for _ in range(3)]
    purchase(client)

    assert pages(admin, "payments/awaited") == [ids[:2], ids[2:]]
    assert pages(admin, "payments/awaited", limit=3) == [ids]


def test_all_payments_of_the_order_that_somebody_names_are_found(
    client: FlaskClient, admin: Buyer, stripe: StandIn
) -> None:
    bought, _ = purchase(client, payment_flow="manual"), purchase(client, payment_flow="manual")
    path, ids = f"/v1/orders/{bought.order_id}/payments", [str(bought.payment_id)]
    for flow in ("payment_intent", "manual", "payment_intent", "manual"):
        made = bought.buyer.post(path, {"payment_flow": flow}, key=str(len(ids)) + flow).get_json()
        ids += [made["id"]] if flow == "manual" else []

    assert len(ids) == 3
    assert pages(admin, "payments/awaited", reference=number_of(bought)) == [ids[:0:-1], ids[:1]]


@pytest.mark.usefixtures("stripe")
def test_all_refunds_that_are_to_be_paid_out_are_found(client: FlaskClient, admin: Buyer) -> None:
    bought = purchase(client, payment_flow="manual")
    note(admin, bought)
    body = {"reason": "requested_by_customer", "amount": money(100)}
    path = f"/v1/admin/orders/{bought.order_id}/refunds"
    ids = [admin.post(path, body, key=f"key-{number}").get_json()["id"] for number in range(3)]
    drain()

    assert pages(admin, "refunds/to-pay-out") == [ids[:2], ids[2:]]
    assert admin.get(path).get_json()["next_cursor"] is None
