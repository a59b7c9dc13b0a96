from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.catalog import services
from app.platform.db import transaction
from tests.catalog.statements import counted_statements
from tests.factories import MadeProduct, make_category, make_product, make_user, money

GERMAN = {"de": {"name": "Gartenstuhl", "description": "Aus Holz."}, "fr": {"name": "Chaise"}}


VARIANTS: list[dict[str, Any]] = [
    {
        "sku": "RED",
        "name": "Red",
        "price": money(2500),
        "compare_at_price": money(3000),
        "weight_grams": 900,
        "attributes": {"color": "red"},
    },
    {"sku": "RAW", "price": money(2000)},
    {"sku": "GONE", "price": money(100)},
]


def _make_chair(session: Session, seller_id: UUID, category_id: UUID) -> MadeProduct:
    """A product about which all is known; its third variant is sold no more."""
    made = make_product(
        session,
        seller_id=seller_id,
        category_id=category_id,
        description="Of wood.",
        brand="Sit & Co",
        featured=True,
        attributes={"legs": 4},
        delivery_information={"lead_days": 2, "cutoff": "14:30", "note": None},
        variants=VARIANTS,
        stock=3,
    )
    services.archive_variant(session, made.id, made.variant_ids[2])
    return made


def test_shows_everything_about_a_product(client: FlaskClient) -> None:
    with transaction() as session:
        seller = make_user(session, role="seller", full_name="Grace Hopper").id
        garden = make_category(session, "Garden")
        chairs = make_category(session, "Chairs", parent_id=garden)
        made = _make_chair(session, seller, chairs)

    answer = client.get(f"/v1/products/{made.id}")

    body = answer.get_json()
    assert body == client.get("/v1/products/garden-chair").get_json()
    assert body.pop("created_at") <= body.pop("updated_at")
    assert body == {
        "id": str(made.id),
        "slug": "garden-chair",
        "name": "Garden chair",
        "description": "Of wood.",
        "brand": "Sit & Co",
        "price": {"amount": 2000, "currency": "USD"},
        "available": True,
        "image": None,
        "images": [],
        "rating": {"average": None, "count": 0},
        "status": "active",
        "featured": True,
        "seller": {"id": str(seller), "name": "Grace Hopper"},
        "categories": [
            _category("Garden", str(garden), None, "garden"),
            _category("Chairs", str(chairs), str(garden), "garden/chairs"),
        ],
        "attributes": {"legs": 4},
        "delivery_information": {"lead_days": 2, "cutoff": "14:30", "note": None},
        "variants": [_red(made.variant_ids[0]), _raw(made.variant_ids[1])],
    }


def _red(variant_id: UUID) -> dict[str, Any]:
    return {
        "id": str(variant_id),
        "sku": "RED",
        "name": "Red",
        "price": {"amount": 2500, "currency": "USD"},
        "compare_at_price": {"amount": 3000, "currency": "USD"},
        "available": 3,
        "weight_grams": 900,
        "attributes": {"color": "red"},
    }


def _raw(variant_id: UUID) -> dict[str, Any]:
    return {
        "id": str(variant_id),
        "sku": "RAW",
        "name": "Garden chair",
        "price": {"amount": 2000, "currency": "USD"},
        "compare_at_price": None,
        "available": 3,
        "weight_grams": None,
        "attributes": {},
    }


def _category(name: str, category_id: str, parent_id: str | None, path: str) -> dict[str, str | None]:
    return {
        "id": category_id,
        "slug": name.lower(),
        "name": name,
        "description": "",
        "image": None,
        "parent_id": parent_id,
        "path": path,
    }


def test_takes_three_statements(client: FlaskClient) -> None:
    with transaction() as session:
        category = make_category(session, "Garden")
        variants = [{"price": money(100 + number)} for number in range(5)]
        make_product(session, category_id=category, variants=variants, stock=1)

    with counted_statements() as statements:
        answer = client.get("/v1/products/garden-chair")

    assert (len(answer.get_json()["variants"]), len(statements)) == (5, 3)


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_the_public_does_not_see_what_is_not_active(client: FlaskClient, status: str) -> None:
    with transaction() as session:
        hidden = make_product(session, status=status).id

    answers = [client.get(f"/v1/products/{reference}") for reference in (hidden, "garden-chair")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert [answer.get_json()["type"] for answer in answers] == ["/problems/not-found"] * 2


@pytest.mark.parametrize("reference", ["unknown", "UPPER", "a%00b", "0190aaaa-0000-7000-8000-000000000000"])
def test_what_does_not_exist_is_not_found(client: FlaskClient, reference: str) -> None:
    assert client.get(f"/v1/products/{reference}").status_code == 404
    assert client.get(f"/v1/categories/{reference}").status_code == 404


@pytest.mark.parametrize(
    ("preferred", "language", "name", "description"),
    [
        (None, "en", "Garden chair", "Of wood."),
        ("de", "de", "Gartenstuhl", "Aus Holz."),
        ("de-at,en;q=0.5", "de", "Gartenstuhl", "Aus Holz."),
        ("en-GB,de;q=0.9", "en", "Garden chair", "Of wood."),
        ("it,fr;q=0.3,de;q=0.8", "de", "Gartenstuhl", "Aus Holz."),
        ("de;q=0,fr", "fr", "Chaise", "Of wood."),
        ("it, *;q=0.1", "en", "Garden chair", "Of wood."),
        ("nonsense;;;q=x", "en", "Garden chair", "Of wood."),
    ],
)
def test_speaks_the_preferred_language_as_far_as_it_can(
    client: FlaskClient, preferred: str | None, language: str, name: str, description: str
) -> None:
    with transaction() as session:
        make_product(session, description="Of wood.", translations=GERMAN)
    headers = {"Accept-Language": preferred} if preferred else {}

    detail = client.get("/v1/products/garden-chair", headers=headers)
    listed = client.get("/v1/products", headers=headers)

    body = detail.get_json()
    assert (body["name"], body["description"]) == (name, description)
    assert body["variants"][0]["name"] == name
    assert listed.get_json()["items"][0]["name"] == name
    for answer in (detail, listed):
        assert (answer.headers["Content-Language"], answer.headers["Vary"]) == (language, "Accept-Language")


def test_a_list_in_two_languages_says_so(client: FlaskClient) -> None:
    with transaction() as session:
        make_product(session, translations=GERMAN)
        make_product(session, name="Hose")

    answer = client.get("/v1/products?sort=name", headers={"Accept-Language": "de"})

    assert [item["name"] for item in answer.get_json()["items"]] == ["Gartenstuhl", "Hose"]
    assert answer.headers["Content-Language"] == "de, en"
