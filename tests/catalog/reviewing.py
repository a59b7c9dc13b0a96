"""Reviews in tests: written by buyers, and what a product shows of them."""

from typing import Any

from werkzeug.test import TestResponse

from app.fulfillment import services as fulfillment
from app.platform.db import transaction
from app.settlement import services as settlement
from tests.buyers import Buyer, Purchase
from tests.factories import MadeProduct
from tests.sales import HOLDS
from tests.work import drain


def write(buyer: Buyer, product: MadeProduct, rating: int = 4, **texts: Any) -> TestResponse:
    """Review a product."""
    return buyer.post(f"/v1/products/{product.id}/reviews", {"rating": rating} | texts)


def change(buyer: Buyer, review_id: str, **changes: Any) -> TestResponse:
    """Change a review."""
    return buyer.client.patch(f"/v1/reviews/{review_id}", headers=buyer.headers, json=changes)


def delete(buyer: Buyer, review_id: str) -> int:
    """Delete a review; the status."""
    return buyer.client.delete(f"/v1/reviews/{review_id}", headers=buyer.headers).status_code


def shown(somebody: Buyer, product: MadeProduct) -> list[Any]:
    """The reviews that everybody reads."""
    items: list[Any] = somebody.client.get(f"/v1/products/{product.id}/reviews").get_json()["items"]
    return items


def rating(somebody: Buyer, product: MadeProduct) -> tuple[float | None, int]:
    """Average and count, which the list and the product agree about."""
    found = somebody.client.get(f"/v1/products/{product.id}").get_json()["rating"]
    listed = somebody.client.get("/v1/products").get_json()["items"]
    assert [each["rating"] for each in listed if each["id"] == str(product.id)] == [found]
    return found["average"], found["count"]


def send(bought: Purchase) -> None:
    """Have the order paid and on its way."""
    with transaction() as session:
        settlement.settle(session, bought.seen("succeeded"), holds=HOLDS)
    drain()
    with transaction() as session:
        fulfillment.advance(session, bought.order_id, "shipped")


def deliver(bought: Purchase) -> None:
    """Have it arrive."""
    with transaction() as session:
        fulfillment.advance(session, bought.order_id, "delivered")
