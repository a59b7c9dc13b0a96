from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.platform.db import SessionFactory, transaction
from tests.carts.statements import counted
from tests.factories import MadeProduct, make_product, signed_in

SOME_ID = "01920000-0000-7000-8000-000000000000"
USD_0 = {"amount": 0, "currency": "USD"}


@pytest.fixture
def buyer(client: FlaskClient) -> dict[str, str]:
    """The headers of somebody with an account."""
    return signed_in(client)


@pytest.fixture
def lamp(client: FlaskClient) -> MadeProduct:
    """Ten units of something for 19.99 USD."""
    with transaction() as session:
        return make_product(session, name="Lamp", price=1999, stock=10)


def units(client: FlaskClient, headers: dict[str, str]) -> dict[UUID, int]:
    """What lies in the cart, by variant."""
    items = client.get("/v1/cart", headers=headers).get_json()["items"]
    return {UUID(item["variant_id"]): item["quantity"] for item in items}


def test_a_cart_is_empty_until_something_is_added(client: FlaskClient, buyer: dict[str, str]) -> None:
    answer = client.get("/v1/cart", headers=buyer)

    assert answer.status_code == 200
    assert answer.get_json() == {
        "id": None,
        "currency": "USD",
        "items": [],
        "totals": dict.fromkeys(["subtotal", "discount", "shipping", "tax", "total"], USD_0)
        | {"tax_included": False},
        "coupon": None,
        "updated_at": None,
        "expires_at": None,
    }


def test_adding_answers_the_whole_cart(client: FlaskClient, buyer: dict[str, str], lamp: MadeProduct) -> None:
    answer = client.post("/v1/cart/items", json={"sku": lamp.sku, "quantity": 2}, headers=buyer)

    cart = answer.get_json()
    (item,) = cart["items"]
    assert answer.status_code == 201
    assert item | {"id": None, "added_at": None} == {
        "id": None,
        "product_id": str(lamp.id),
        "variant_id": str(lamp.variant_id),
        "sku": lamp.sku,
        "name": "Lamp",
        "image": None,
        "quantity": 2,
        "unit_price": {"amount": 1999, "currency": "USD"},
        "line_total": {"amount": 3998, "currency": "USD"},
        "added_at": None,
        "previous_unit_price": None,
        "available": 10,
    }
    assert cart["totals"]["total"] == {"amount": 4857, "currency": "USD"}
    kept_for = datetime.fromisoformat(cart["expires_at"]) - datetime.fromisoformat(cart["updated_at"])
    assert kept_for == timedelta(days=30)
    assert client.get("/v1/cart", headers=buyer).get_json() == cart


@pytest.mark.parametrize("quantity", [0, -1, 1.5, "2", 10**12, 100, True, None])
def test_a_quantity_that_is_none_changes_nothing(
    client: FlaskClient, buyer: dict[str, str], lamp: MadeProduct, quantity: Any
) -> None:
    item = client.post("/v1/cart/items", json={"sku": lamp.sku, "quantity": 2}, headers=buyer)
    item_id = item.get_json()["items"][0]["id"]

    added = client.post("/v1/cart/items", json={"sku": lamp.sku, "quantity": quantity}, headers=buyer)
    changed = client.patch(f"/v1/cart/items/{item_id}", json={"quantity": quantity}, headers=buyer)

    assert (added.status_code, changed.status_code) == (422, 422)
    assert list(added.get_json()["errors"]) == list(changed.get_json()["errors"]) == ["quantity"]
    assert units(client, buyer) == {lamp.variant_id: 2}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"quantity": 1}, "variant_id"),
        ({"quantity": 1, "variant_id": SOME_ID, "sku": "PEN"}, "variant_id"),
        ({"quantity": 1, "variant_id": "PEN"}, "variant_id"),
        ({"quantity": 1, "sku": " "}, "sku"),
        ({"quantity": 1, "sku": "PEN\x00"}, "sku"),
        ({"quantity": 1, "sku": "PEN", "price": 1}, "price"),
        ({"sku": "PEN"}, "quantity"),
    ],
)
def test_a_body_that_names_no_article_is_refused(
    client: FlaskClient, buyer: dict[str, str], body: dict[str, Any], field: str
) -> None:
    answer = client.post("/v1/cart/items", json=body, headers=buyer)

    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [field]


def test_an_unknown_sku_is_not_found_and_begins_no_cart(client: FlaskClient, buyer: dict[str, str]) -> None:
    answer = client.post("/v1/cart/items", json={"sku": "NONE", "quantity": 1}, headers=buyer)

    assert (answer.status_code, answer.get_json()["type"]) == (404, "/problems/not-found")
    assert client.get("/v1/cart", headers=buyer).get_json()["id"] is None


def test_more_than_a_line_holds_is_refused(
    client: FlaskClient, buyer: dict[str, str], lamp: MadeProduct
) -> None:
    client.post("/v1/cart/items", json={"sku": lamp.sku, "quantity": 60}, headers=buyer)

    answer = client.post("/v1/cart/items", json={"sku": lamp.sku, "quantity": 40}, headers=buyer)

    assert (answer.status_code, answer.get_json()["type"]) == (422, "/problems/line-limit-reached")
    assert units(client, buyer) == {lamp.variant_id: 60}


def test_a_repeated_add_counts_once_under_its_key(
    client: FlaskClient, buyer: dict[str, str], lamp: MadeProduct
) -> None:
    keyed = buyer | {"Idempotency-Key": "first-click"}
    first = client.post("/v1/cart/items", json={"sku": lamp.sku, "quantity": 2}, headers=keyed)

    second = client.post("/v1/cart/items", json={"sku": lamp.sku, "quantity": 2}, headers=keyed)
    other = client.post("/v1/cart/items", json={"sku": lamp.sku, "quantity": 3}, headers=keyed)

    assert (second.status_code, second.headers["Idempotent-Replayed"]) == (201, "true")
    assert second.get_json() == first.get_json()
    assert other.status_code == 422
    assert units(client, buyer) == {lamp.variant_id: 2}


def test_a_request_asks_the_database_three_times_to_read_and_five_to_add(
    client: FlaskClient, buyer: dict[str, str], lamp: MadeProduct
) -> None:
    client.post("/v1/cart/items", json={"sku": lamp.sku, "quantity": 1}, headers=buyer)

    with counted(SessionFactory.kw["bind"]) as adding:
        client.post("/v1/cart/items", json={"sku": lamp.sku, "quantity": 1}, headers=buyer)
    with counted(SessionFactory.kw["bind"]) as reading:
        client.get("/v1/cart", headers=buyer)

    assert len(adding) == 5, adding
    assert len(reading) == 3, reading


def test_an_item_is_changed_then_removed_then_the_cart_cleared(
    client: FlaskClient, buyer: dict[str, str], lamp: MadeProduct
) -> None:
    with transaction() as session:
        pen = make_product(session)
    client.post("/v1/cart/items", json={"variant_id": str(pen.variant_id), "quantity": 1}, headers=buyer)
    cart = client.post(
        "/v1/cart/items", json={"variant_id": str(lamp.variant_id), "quantity": 1}, headers=buyer
    )
    path = f"/v1/cart/items/{cart.get_json()['items'][1]['id']}"

    changed = client.patch(path, json={"quantity": 5}, headers=buyer)
    removed = client.delete(path, headers=buyer)
    cleared = client.delete("/v1/cart", headers=buyer)

    assert [item["quantity"] for item in changed.get_json()["items"]] == [1, 5]
    assert [item["variant_id"] for item in removed.get_json()["items"]] == [str(pen.variant_id)]
    assert (changed.status_code, removed.status_code, cleared.status_code) == (200, 200, 204)
    assert client.delete(path, headers=buyer).status_code == 404
    assert units(client, buyer) == {}


def test_a_strangers_item_is_not_found(client: FlaskClient, buyer: dict[str, str], lamp: MadeProduct) -> None:
    cart = client.post("/v1/cart/items", json={"sku": lamp.sku, "quantity": 2}, headers=buyer)
    path = f"/v1/cart/items/{cart.get_json()['items'][0]['id']}"
    stranger = signed_in(client)

    assert client.patch(path, json={"quantity": 1}, headers=stranger).status_code == 404
    assert client.delete(path, headers=stranger).status_code == 404
    assert units(client, stranger) == {}
    assert units(client, buyer) == {lamp.variant_id: 2}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/v1/cart"),
        ("PATCH", f"/v1/cart/items/{SOME_ID}"),
        ("DELETE", f"/v1/cart/items/{SOME_ID}"),
    ],
)
def test_only_who_has_a_cart_can_change_what_is_in_it(client: FlaskClient, method: str, path: str) -> None:
    assert client.open(path, method=method, json={"quantity": 1}).status_code == 401
