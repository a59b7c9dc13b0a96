"""A seller's own products: all of what an admin does with them, and nothing with anybody else's."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.platform.db import transaction
from tests.buyers import Buyer, make_buyer, shelf
from tests.database import rows
from tests.factories import MadeProduct, make_product, money

PRODUCTS = "/v1/seller/products"
CHAIR = {"sku": "CHAIR", "price": money(1999)}


@pytest.fixture
def seller(client: FlaskClient) -> Buyer:
    return make_buyer(client, "seller")


@pytest.fixture
def others(client: FlaskClient) -> MadeProduct:
    return shelf()


def call(seller: Buyer, method: str, path: str, body: Any = None) -> int:
    return seller.client.open(path, method=method, headers=seller.headers, json=body).status_code


def test_a_seller_adds_offers_changes_and_archives(seller: Buyer, others: MadeProduct) -> None:
    made = seller.post(PRODUCTS, {"name": "Chair", "variants": [CHAIR]}).get_json()
    mine, variant = f"{PRODUCTS}/{made['id']}", made["variants"][0]["id"]
    assert (made["status"], made["seller"]["id"]) == ("draft", seller.get("/v1/users/me").get_json()["id"])

    assert call(seller, "PATCH", mine, {"status": "active", "name": "Red chair"}) == 200
    assert call(seller, "POST", f"{mine}/variants", CHAIR | {"sku": "CHAIR-2"}) == 201
    assert call(seller, "PATCH", f"{mine}/variants/{variant}", {"price": money(999)}) == 200
    listed = seller.get(PRODUCTS).get_json()["items"]
    assert [(each["name"], each["price"]["amount"]) for each in listed] == [("Red chair", 999)]
    assert call(seller, "DELETE", f"{mine}/variants/{variant}") == 204
    assert [each["sku"] for each in seller.get(mine).get_json()["variants"]] == ["CHAIR-2"]
    assert call(seller, "DELETE", mine) == 204

    assert seller.get(mine).get_json()["status"] == "archived"
    assert rows("SELECT sku FROM stock_levels WHERE sku LIKE 'CHAIR%' ORDER BY 1") == [
        ("CHAIR",),
        ("CHAIR-2",),
    ]
    assert seller.client.get(f"/v1/products/{others.id}").status_code == 200


@pytest.mark.parametrize(
    ("method", "below", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "Mine"}),
        ("DELETE", "", None),
        ("POST", "/variants", CHAIR),
        ("PATCH", "/variants/{}", {"price": money(1)}),
        ("DELETE", "/variants/{}", None),
    ],
)
def test_another_sellers_product_is_none(
    seller: Buyer, others: MadeProduct, method: str, below: str, body: Any
) -> None:
    state = "SELECT p.*, v.* FROM products p JOIN variants v ON v.product_id = p.id"
    before = rows(state)

    assert call(seller, method, f"{PRODUCTS}/{others.id}{below.format(others.variant_id)}", body) == 404
    assert rows(state) == before


def test_ones_own_product_does_not_open_anothers_variant(seller: Buyer, others: MadeProduct) -> None:
    mine = seller.post(PRODUCTS, {"name": "Chair", "variants": [CHAIR]}).get_json()["id"]
    path = f"{PRODUCTS}/{mine}/variants/{others.variant_id}"

    assert (call(seller, "PATCH", path, {"price": money(1)}), call(seller, "DELETE", path)) == (404, 404)
    assert rows("SELECT price_amount FROM variants WHERE archived_at IS NULL ORDER BY 1") == [
        (1000,),
        (1999,),
    ]


@pytest.mark.parametrize("field", ["featured", "seller_id"])
def test_what_the_shop_decides_is_not_the_sellers(seller: Buyer, field: str) -> None:
    answer = seller.post(PRODUCTS, {"name": "Chair", field: True})

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])


def test_a_list_is_of_ones_own_whatever_is_asked(seller: Buyer, others: MadeProduct) -> None:
    assert seller.get(PRODUCTS).get_json()["items"] == []
    assert seller.get(f"{PRODUCTS}?seller={others.seller_id}").status_code == 422


def test_stock_is_kept_by_its_seller_at_the_same_place_as_the_shops(client: FlaskClient) -> None:
    seller = make_buyer(client, "seller")
    seller.post(PRODUCTS, {"name": "Chair", "variants": [CHAIR]})
    with transaction() as session:
        others = make_product(session, stock=3)
    body = {"change": 4, "reason": "received"}

    assert seller.post("/v1/admin/inventory/CHAIR/adjustments", body).get_json()["on_hand"] == 4
    assert seller.post(f"/v1/admin/inventory/{others.sku}/adjustments", body).status_code == 404
    listed = seller.get("/v1/admin/inventory").get_json()["items"]
    assert [(each["sku"], each["available"]) for each in listed] == [("CHAIR", 4)]
