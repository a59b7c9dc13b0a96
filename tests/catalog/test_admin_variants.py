from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.catalog import services
from app.catalog.services import variants
from app.platform.db import transaction
from tests.factories import MadeProduct, make_product, money, signed_in

Headers = dict[str, str]


@pytest.fixture
def admin(client: FlaskClient) -> Headers:
    return signed_in(client, role="admin")


@pytest.fixture
def chair(client: FlaskClient) -> MadeProduct:
    variants = [{"sku": "RED", "price": money(2000)}, {"sku": "RAW", "price": money(1500)}]
    with transaction() as session:
        return make_product(session, variants=variants)


def _price(client: FlaskClient) -> Any:
    """What the list and the product itself say."""
    listed = client.get("/v1/products").get_json()["items"]
    shown = client.get("/v1/products/garden-chair").get_json()["price"]
    assert [item["price"] for item in listed] == ([shown] if shown else [])
    return shown


def test_an_added_variant_can_lower_the_price(
    client: FlaskClient, admin: Headers, chair: MadeProduct
) -> None:
    body = {"sku": "OLD", "price": money(900), "compare_at_price": money(1000), "weight_grams": 5}

    answer = client.post(f"/v1/admin/products/{chair.id}/variants", json=body, headers=admin)

    added = answer.get_json()["variants"][2]
    assert answer.status_code == 201
    assert {name: added[name] for name in body} == body
    assert (added["name"], added["available"], added["attributes"]) == ("Garden chair", 0, {})
    assert _price(client) == money(900)


def test_a_product_has_so_many_variants_and_room_again_when_one_is_sold_no_more(
    client: FlaskClient, admin: Headers, chair: MadeProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variants, "MOST_VARIANTS", 3)
    path = f"/v1/admin/products/{chair.id}/variants"

    def add(sku: str) -> TestResponse:
        return client.post(path, json={"sku": sku, "price": money(900)}, headers=admin)

    third, fourth = add("3"), add("4")
    client.delete(f"{path}/{chair.variant_id}", headers=admin)

    assert (third.status_code, fourth.status_code) == (201, 409)
    assert fourth.get_json()["type"] == "/problems/variants-full"
    assert add("4").status_code == 201


def test_a_taken_sku_is_refused(client: FlaskClient, admin: Headers, chair: MadeProduct) -> None:
    body = {"sku": "RED", "price": money(900)}

    answer = client.post(f"/v1/admin/products/{chair.id}/variants", json=body, headers=admin)

    assert (answer.status_code, answer.get_json()["sku"]) == (409, "RED")
    assert _price(client) == money(1500)


def test_changes_only_what_is_given_of_a_variant(
    client: FlaskClient, admin: Headers, chair: MadeProduct
) -> None:
    url = f"/v1/admin/products/{chair.id}/variants/{chair.variant_ids[1]}"
    before = client.get(f"/v1/admin/products/{chair.id}", headers=admin).get_json()["variants"]

    answer = client.patch(url, json={"price": money(2500), "name": "Raw"}, headers=admin)

    expected = [before[0], before[1] | {"price": money(2500), "name": "Raw"}]
    assert (answer.status_code, answer.get_json()["variants"]) == (200, expected)
    assert _price(client) == money(2000)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"sku": "BLUE"}, "sku"),
        ({"price": {"amount": 5}}, "price.currency"),
        ({"price": None}, "price"),
        ({"price": money(5, "EUR")}, "price.currency"),
        ({"compare_at_price": money(1500)}, "compare_at_price"),
        ({"weight_grams": -1}, "weight_grams"),
        ({"weight_grams": "7"}, "weight_grams"),
    ],
)
def test_names_what_cannot_be_changed(
    client: FlaskClient, admin: Headers, chair: MadeProduct, body: dict[str, Any], field: str
) -> None:
    url = f"/v1/admin/products/{chair.id}/variants/{chair.variant_ids[1]}"

    answer = client.patch(url, json=body, headers=admin)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])
    assert _price(client) == money(1500)


def test_an_archived_variant_is_not_sold_and_keeps_its_sku(
    client: FlaskClient, admin: Headers, chair: MadeProduct
) -> None:
    url = f"/v1/admin/products/{chair.id}/variants/{chair.variant_ids[1]}"

    answer = client.delete(url, headers=admin)

    assert answer.status_code == 204
    assert _price(client) == money(2000)
    with transaction() as session:
        assert services.sellable(session, chair.variant_ids).keys() == {chair.variant_ids[0]}
        assert services.find_variant(session, "RAW") == chair.variant_ids[1]
    assert client.delete(url, headers=admin).status_code == 404


def test_without_variants_there_is_no_price(client: FlaskClient, admin: Headers, chair: MadeProduct) -> None:
    for variant_id in chair.variant_ids:
        client.delete(f"/v1/admin/products/{chair.id}/variants/{variant_id}", headers=admin)

    assert _price(client) is None


def test_a_variant_is_found_under_its_own_product_only(
    client: FlaskClient, admin: Headers, chair: MadeProduct
) -> None:
    with transaction() as session:
        other = make_product(session, slug="other")
    url = f"/v1/admin/products/{other.id}/variants/{chair.variant_id}"

    statuses = [
        client.patch(url, json={}, headers=admin).status_code,
        client.delete(url, headers=admin).status_code,
        client.post(
            f"/v1/admin/products/{chair.variant_id}/variants",
            json={"sku": "A", "price": money(1)},
            headers=admin,
        ).status_code,
    ]

    assert statuses == [404, 404, 404]


def test_only_admins_keep_variants(client: FlaskClient, chair: MadeProduct) -> None:
    url = f"/v1/admin/products/{chair.id}/variants/{chair.variant_id}"

    assert client.delete(url, headers=signed_in(client, role="seller")).status_code == 403
    assert _price(client) == money(1500)
