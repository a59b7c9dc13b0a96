from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.catalog.models import Product, Variant
from app.inventory.queries import availability
from app.platform.db import transaction
from tests.database import rows
from tests.factories import make_category, make_product, money, signed_in

CHAIR = {"sku": "CHAIR", "price": money(1999)}
Headers = dict[str, str]


@pytest.fixture
def admin(client: FlaskClient) -> Headers:
    return signed_in(client, role="admin")


def _create(client: FlaskClient, admin: Headers, **body: Any) -> Any:
    return client.post("/v1/admin/products", json={"name": "Garden chair"} | body, headers=admin)


def _counts() -> tuple[int, int]:
    with transaction() as session:
        products = select(func.count()).select_from(Product).scalar_subquery()
        variants = select(func.count()).select_from(Variant).scalar_subquery()
        return tuple(session.execute(select(products, variants)).one())


def test_a_product_with_its_variants_is_made_at_once(client: FlaskClient, admin: Headers) -> None:
    me = client.get("/v1/users/me", headers=admin).get_json()

    answer = _create(client, admin, variants=[CHAIR], translations={"de": {"name": "Gartenstuhl"}})

    body = answer.get_json()
    assert answer.status_code == 201
    assert (body["slug"], body["status"], body["price"]) == ("garden-chair", "draft", money(1999))
    assert body["seller"] == {"id": me["id"], "name": "Ada Lovelace"}
    assert body["translations"] == {"de": {"name": "Gartenstuhl"}}
    assert [variant["sku"] for variant in body["variants"]] == ["CHAIR"]
    assert client.get(f"/v1/admin/products/{body['id']}", headers=admin).get_json() == body
    with transaction() as session:
        assert list(availability(session, session.scalars(select(Variant.id)).all()).values()) == [0]


def test_a_retry_with_the_same_key_makes_one_product(client: FlaskClient, admin: Headers) -> None:
    keyed = admin | {"Idempotency-Key": "once"}

    first, second = (_create(client, keyed, variants=[CHAIR]) for _ in range(2))

    assert (second.status_code, second.get_json()) == (201, first.get_json())
    assert _counts() == (1, 1)


def test_slugs_are_made_of_names(client: FlaskClient, admin: Headers) -> None:
    names = ["  Café – Größe 2! ", "椅子", "Garden chair", "Garden chair"]

    slugs = [_create(client, admin, name=name).get_json()["slug"] for name in names]

    assert (slugs[0], slugs[2]) == ("cafe-grosse-2", "garden-chair")
    assert slugs[1].startswith("item-")
    assert slugs[3].startswith("garden-chair-")


def test_a_name_like_an_id_gets_another_slug_by_which_its_page_is_found(
    client: FlaskClient, admin: Headers
) -> None:
    name = "0190AAAA-0000-7000-8000-000000000000"

    slug = _create(client, admin, name=name, status="active").get_json()["slug"]

    assert slug == "item-0190aaaa-0000-7000-8000-000000000000"
    assert client.get(f"/v1/products/{slug}").get_json()["name"] == name


def test_a_taken_slug_or_sku_is_named_and_nothing_is_made(client: FlaskClient, admin: Headers) -> None:
    _create(client, admin, slug="chair", variants=[CHAIR])

    slug = _create(client, admin, slug="chair")
    sku = _create(client, admin, variants=[{"sku": "NEW", "price": money(1)}, CHAIR])

    assert (slug.status_code, slug.get_json()["type"]) == (409, "/problems/slug-taken")
    assert slug.get_json()["slug"] == "chair"
    assert (sku.status_code, sku.get_json()["type"]) == (409, "/problems/sku-taken")
    assert sku.get_json()["sku"] == "CHAIR"
    assert _counts() == (1, 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"color": "red"}, "color"),
        ({"name": 7}, "name"),
        ({"slug": "No Slug"}, "slug"),
        ({"slug": "0190aaaa-0000-7000-8000-000000000000"}, "slug"),
        ({"status": "sold"}, "status"),
        ({"category_id": "0190aaaa-0000-7000-8000-000000000000"}, "category_id"),
        ({"seller_id": "0190aaaa-0000-7000-8000-000000000000"}, "seller_id"),
        ({"attributes": {"a": {"b": 1}}}, "attributes.a.value"),
        ({"attributes": {"a": "nul\x00"}}, "attributes.a.value"),
        ({"attributes": {"a": 2**53 + 1}}, "attributes.a.value"),
        ({"attributes": {str(number): 1 for number in range(51)}}, "attributes"),
        ({"delivery_information": {"cutoff": "25:00"}}, "delivery_information.cutoff"),
        ({"translations": {"en": {"name": "Chair"}}}, "translations.en.key"),
        ({"variants": [{"sku": "bad sku", "price": money(1)}]}, "variants.0.sku"),
        ({"variants": [{"sku": "A", "price": money(0)}]}, "variants.0.price.amount"),
        ({"variants": [{"sku": "A", "price": money(100_000_000)}]}, "variants.0.price.amount"),
        (
            {"variants": [{"sku": "A", "price": {"amount": 1.5, "currency": "USD"}}]},
            "variants.0.price.amount",
        ),
        ({"variants": [{"sku": "A", "price": money(1, "EUR")}]}, "price.currency"),
        ({"variants": [CHAIR | {"compare_at_price": money(1999)}]}, "compare_at_price"),
    ],
)
def test_names_what_cannot_be_accepted(
    client: FlaskClient, admin: Headers, body: dict[str, Any], field: str
) -> None:
    answer = _create(client, admin, **body)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])
    assert _counts() == (0, 0)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400"])
def test_a_number_that_is_none_is_refused(client: FlaskClient, admin: Headers, number: str) -> None:
    body = f'{{"name": "Chair", "attributes": {{"legs": {number}}}}}'

    answer = client.post("/v1/admin/products", data=body, content_type="application/json", headers=admin)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["attributes.legs.value"])


def test_changes_only_what_is_given(client: FlaskClient, admin: Headers) -> None:
    with transaction() as session:
        category = make_category(session)
        made = make_product(session, brand="Acme", attributes={"legs": 4}, description="Of wood.")
    url = f"/v1/admin/products/{made.id}"
    before = client.get(url, headers=admin).get_json()

    answer = client.patch(url, json={"name": "Bench", "category_id": str(category)}, headers=admin)

    after = answer.get_json()
    changed = {name for name in after if after[name] != before[name]}
    assert (answer.status_code, changed) == (200, {"name", "categories", "variants", "updated_at"})
    assert (after["slug"], after["variants"][0]["name"]) == ("garden-chair", "Bench")


def test_attributes_are_as_they_were_sent_last(client: FlaskClient, admin: Headers) -> None:
    counted: dict[str, Any] = {"lid": 1, "doors": 0, "height": 1}
    told = counted | {"lid": True, "doors": False, "height": 1.0}
    made = _create(client, admin, attributes=counted, variants=[CHAIR | {"attributes": counted}]).get_json()
    url = f"/v1/admin/products/{made['id']}"

    client.patch(f"{url}/variants/{made['variants'][0]['id']}", json={"attributes": told}, headers=admin)
    answer = client.patch(url, json={"attributes": told}, headers=admin)

    assert answer.status_code == 200
    kept = "SELECT attributes::text FROM products UNION ALL SELECT attributes::text FROM variants"
    assert rows(kept) == [('{"lid": true, "doors": false, "height": 1.0}',)] * 2


def test_a_slug_cannot_be_changed_to_a_taken_one(client: FlaskClient, admin: Headers) -> None:
    with transaction() as session:
        make_product(session, slug="taken")
        made = make_product(session, slug="mine")

    answer = client.patch(f"/v1/admin/products/{made.id}", json={"slug": "taken"}, headers=admin)

    assert (answer.status_code, answer.get_json()["slug"]) == (409, "taken")
    assert client.get("/v1/products/mine").status_code == 200


def test_a_deleted_product_is_archived(client: FlaskClient, admin: Headers) -> None:
    with transaction() as session:
        made = make_product(session)
    url = f"/v1/admin/products/{made.id}"

    answers = [client.delete(url, headers=admin) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert client.get(f"/v1/products/{made.id}").status_code == 404
    assert client.get(url, headers=admin).get_json()["status"] == "archived"


def test_lists_any_status_by_date_or_price(client: FlaskClient, admin: Headers) -> None:
    with transaction() as session:
        make_product(session, slug="a", price=200, status="draft")
        make_product(session, slug="b", price=100, status="archived")
        make_product(session, slug="c", variants=[])

    def slugs(query: str) -> list[str]:
        items = client.get(f"/v1/admin/products?{query}", headers=admin).get_json()["items"]
        return [item["slug"] for item in items]

    assert slugs("") == ["c", "b", "a"]
    assert slugs("sort=price") == ["c", "b", "a"]
    assert slugs("sort=-price") == ["a", "b", "c"]
    assert slugs("status=draft") == ["a"]
    item = client.get("/v1/admin/products?status=active", headers=admin).get_json()["items"][0]
    assert (item["price"], item["status"], item["available"]) == (None, "active", False)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_what_does_not_exist_is_not_found(client: FlaskClient, admin: Headers, method: str) -> None:
    url = "/v1/admin/products/0190aaaa-0000-7000-8000-000000000000"

    answer = client.open(url, method=method, json={} if method == "PATCH" else None, headers=admin)

    assert answer.status_code == 404


@pytest.mark.parametrize("role", ["customer", "seller"])
def test_only_admins_keep_products(client: FlaskClient, role: str) -> None:
    answer = _create(client, signed_in(client, role))

    assert (answer.status_code, client.post("/v1/admin/products", json={}).status_code) == (403, 401)
    assert _counts() == (0, 0)
