"""Orders as their buyers see them."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.catalog import services as catalog
from app.platform.db import transaction
from tests.buyers import Buyer, Purchase, make_buyer, shelf
from tests.database import change, rows
from tests.factories import money
from tests.sales import ADDRESS, TOTAL
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain


def shown(somebody: Buyer, order: Any) -> dict[str, Any]:
    """One order as the API has it."""
    answer = somebody.get(f"/v1/orders/{order}")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.get_json()
    return body


def listed(somebody: Buyer, query: str = "") -> list[str]:
    """The ids of the caller's orders."""
    answer = somebody.get(f"/v1/orders{query}")
    assert answer.status_code == 200
    return [item["id"] for item in answer.get_json()["items"]]


def timeline(somebody: Buyer, order: Any, query: str = "") -> list[str]:
    """The topics of an order's timeline."""
    answer = somebody.get(f"/v1/orders/{order}/timeline{query}")
    assert answer.status_code == 200
    return [item["topic"] for item in answer.get_json()["items"]]


def pay(bought: Purchase, client: FlaskClient, stripe: StandIn) -> None:
    """Pay, and do all the work that follows."""
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()


def test_an_order_is_in_the_list_at_once_and_then_paid(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    assert [(order["id"], order["status"]) for order in items(bought.buyer)] == [
        (str(bought.order_id), "pending")
    ]

    pay(bought, client, stripe)

    (order,) = items(bought.buyer)
    assert (order["status"], order["payment_status"], order["fulfillment_status"]) == (
        "paid",
        "paid",
        "unfulfilled",
    )
    assert order["paid_at"] is not None


def items(somebody: Buyer) -> list[dict[str, Any]]:
    """The caller's orders, whole."""
    found: list[dict[str, Any]] = somebody.get("/v1/orders").get_json()["items"]
    return found


def test_an_order_shows_everything_that_clients_rely_on(bought: Purchase) -> None:
    order = shown(bought.buyer, bought.order_id)

    (line,) = order["lines"]
    product = bought.product
    assert line == {
        "id": line["id"],
        "product_id": str(product.id),
        "variant_id": str(product.variant_id),
        "sku": product.sku,
        "name": "Garden chair",
        "image": None,
        "quantity": 2,
        "unit_price": money(1000),
        "line_total": money(2000),
        "discount": money(0),
        "tax": money(160),
        "tax_percent": "8",
    }
    assert order["totals"] == {
        "subtotal": money(2000),
        "discount": money(0),
        "shipping": money(499),
        "tax": money(200),
        "tax_included": False,
        "total": money(TOTAL),
    }
    assert order["shipping"] == {
        "method": "standard",
        "name": "Standard shipping",
        "cost": money(499),
        "estimate": "3 to 5 working days",
    }
    assert (order["shipping_address"], order["billing_address"]) == (ADDRESS, ADDRESS)
    nothing_yet = ("paid_at", "shipped_at", "delivered_at", "cancelled_at", "cancel_reason", "delivery_date")
    assert {name: order[name] for name in nothing_yet} == dict.fromkeys(nothing_yet)
    assert order["parcels"] == []
    assert {"placed_at", "updated_at", "gift_message", "number"} <= order.keys()


def test_an_order_remembers_what_was_bought_whatever_the_catalog_becomes(bought: Purchase) -> None:
    before = shown(bought.buyer, bought.order_id)
    product = bought.product
    with transaction() as session:
        dearer = {"price": money(9999)}
        catalog.change_variant(session, product.id, product.variant_id, dearer, currency="USD")
        catalog.archive_product(session, product.id)
    change("UPDATE products SET name = 'Something else'")
    change("UPDATE variants SET sku = 'NEW'")

    assert shown(bought.buyer, bought.order_id) == before


def test_an_order_is_found_by_its_number_too(bought: Purchase) -> None:
    by_id = shown(bought.buyer, bought.order_id)

    assert shown(bought.buyer, by_id["number"]) == by_id
    assert timeline(bought.buyer, by_id["number"]) == ["orders.placed"]


@pytest.mark.parametrize("path", ["", "/timeline"])
def test_strangers_find_nothing_and_admins_everything(
    bought: Purchase, client: FlaskClient, path: str
) -> None:
    number = shown(bought.buyer, bought.order_id)["number"]
    stranger, seller, admin = (make_buyer(client, role) for role in ("customer", "seller", "admin"))

    for name in (bought.order_id, number):
        address = f"/v1/orders/{name}{path}"
        assert [each.get(address).status_code for each in (stranger, seller, admin)] == [404, 404, 200]
        assert client.get(address).status_code == 401
    assert listed(stranger) == []
    assert listed(admin) == []


NOBODYS = "01890000-0000-7000-8000-000000000000"


@pytest.mark.parametrize("name", [NOBODYS, "ORD-20260101-AAAAAA", "x", "' OR 1=1"])
def test_an_order_that_does_not_exist_is_not_found(client: FlaskClient, name: str) -> None:
    assert make_buyer(client).get(f"/v1/orders/{name}").status_code == 404


def test_the_list_is_newest_first_in_pages_and_by_status(client: FlaskClient, stripe: StandIn) -> None:
    buyer = make_buyer(client)
    placed: list[str] = []
    for _ in range(5):
        buyer.put(shelf())
        placed.append(buyer.check_out().get_json()["order"]["id"])
        change("UPDATE payments SET status = 'cancelled'")
        buyer.post(f"/v1/orders/{placed[-1]}/cancel")
        buyer.client.delete("/v1/cart", headers=buyer.headers)
    change("UPDATE orders SET placed_at = now()")  # as several in one moment
    buyer.put(shelf())
    placed.append(buyer.check_out().get_json()["order"]["id"])
    newest_first = placed[::-1]

    seen, query = [], "?limit=2"
    while query:
        page = buyer.get(f"/v1/orders{query}").get_json()
        seen += [item["id"] for item in page["items"]]
        query = f"?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""

    assert seen == newest_first
    assert listed(buyer) == newest_first
    assert listed(buyer, "?status=pending") == newest_first[:1]
    assert listed(buyer, "?status=cancelled") == newest_first[1:]
    assert listed(buyer, "?status=shipped") == []


@pytest.mark.parametrize(
    "query", ["status=lost", "limit=0", "limit=101", "limit=x", "cursor=x", "statuss=paid"]
)
def test_a_list_that_cannot_be_meant_is_refused(client: FlaskClient, query: str) -> None:
    assert make_buyer(client).get(f"/v1/orders?{query}").status_code == 422


def test_the_timeline_tells_the_buyer_the_story(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    with pytest.raises(Exception, match="insufficient funds"):
        stripe.confirm(bought.provider_id, "pm_card_chargeDeclinedInsufficientFunds")
    deliver_all(client, stripe)
    drain()
    pay(bought, client, stripe)

    story = bought.buyer.get(f"/v1/orders/{bought.order_id}/timeline").get_json()

    assert [item["title"] for item in story["items"]] == [
        "Order received",
        "Payment declined",
        "Payment received",
        "Order handed to the sellers",
        "Invoice issued",
    ]
    sequences = [item["sequence"] for item in story["items"]]
    assert sequences == sorted(sequences)
    assert story["next_cursor"] is None


def test_the_timeline_is_read_in_pages(bought: Purchase, client: FlaskClient, stripe: StandIn) -> None:
    pay(bought, client, stripe)
    path = f"/v1/orders/{bought.order_id}/timeline?limit=2"

    first = bought.buyer.get(path).get_json()
    second = bought.buyer.get(f"{path}&cursor={first['next_cursor']}").get_json()

    topics = [item["topic"] for page in (first, second) for item in page["items"]]
    assert topics == ["orders.placed", "orders.paid", "orders.finalized", "invoicing.invoice_issued"]
    assert second["next_cursor"] is None
    beyond = "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"  # a number that no column holds
    assert bought.buyer.get(f"{path}&cursor={beyond}").status_code == 422


def test_no_event_holds_anything_personal_or_secret(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    pay(bought, client, stripe)

    told = str(rows("SELECT payload FROM events") + rows("SELECT dedupe_key, last_error FROM deliveries"))

    for private in ("Ada", "London", "example.com", "_secret", "4242"):
        assert private not in told
