from typing import Any

import pytest
from flask.testing import FlaskClient

from app.catalog.queries import facets
from app.platform.db import transaction
from tests.catalog.statements import counted_statements
from tests.database import change
from tests.factories import make_category, make_product, make_user

GERMAN = {"de": {"name": "Garten"}}


@pytest.fixture
def shop(client: FlaskClient) -> FlaskClient:
    """Four products in three categories."""
    with transaction() as session:
        seller = make_user(session, role="seller").id
        garden = make_category(session, "Garden", translations=GERMAN)
        chairs = make_category(session, "Chairs", parent_id=garden)
        house = make_category(session, "House")
        for slug, brand, category, price, stock in (
            ("a", "Acme", garden, 99, 1),
            ("b", "Acme", chairs, 100, 0),
            ("c", "Sit", chairs, 199, 1),
            ("d", None, house, 50_000_000, 1),
        ):
            values: dict[str, Any] = {"slug": slug, "brand": brand, "category_id": category}
            make_product(session, seller_id=seller, price=price, stock=stock, **values)
        change("UPDATE listings SET rating_average = 4.9, rating_count = 1 WHERE slug = 'a'", session)
    return client


def _facets(client: FlaskClient, query: str, **headers: str) -> Any:
    return client.get(f"/v1/products?{query}", headers=headers).get_json()["facets"]


def _counted(count: int, **value: Any) -> dict[str, Any]:
    return {**value, "count": count, "more": False}


def test_counts_what_there_is(shop: FlaskClient) -> None:
    found = _facets(shop, "facets=brand,category,price,in_stock,rating")

    assert found == {
        "brand": [_counted(2, value="Acme"), _counted(1, value="Sit")],
        "category": [
            _counted(3, value="garden", name="Garden"),
            _counted(2, value="chairs", name="Chairs"),
            _counted(1, value="house", name="House"),
        ],
        "price": [
            _counted(2, min_price=100, max_price=199),
            _counted(1, min_price=0, max_price=99),
            _counted(1, min_price=50_000_000, max_price=None),
        ],
        "in_stock": [_counted(3, value=True), _counted(1, value=False)],
        "rating": [_counted(1, value=4)],
    }


def test_counts_among_what_matches_whatever_the_page(shop: FlaskClient) -> None:
    assert _facets(shop, "facets=brand&category=chairs&limit=1") == {
        "brand": [_counted(1, value="Acme"), _counted(1, value="Sit")]
    }
    assert _facets(shop, "facets=category&q=gardn&in_stock=false") == {
        "category": [
            _counted(1, value="chairs", name="Chairs"),
            _counted(1, value="garden", name="Garden"),
        ]
    }
    assert _facets(shop, "facets=brand,rating&q=zebra") == {"brand": [], "rating": []}


def test_names_are_in_the_language_of_the_caller(shop: FlaskClient) -> None:
    (garden, *_) = _facets(shop, "facets=category", **{"Accept-Language": "de"})["category"]

    assert garden["name"] == "Garten"


def test_beyond_its_bound_a_count_says_that_there_is_more(
    shop: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "LOOKED_AT", 2)
    facets._statement.cache_clear()

    found = _facets(shop, "facets=in_stock")["in_stock"]

    facets._statement.cache_clear()
    assert sum(each["count"] for each in found) == 3
    assert all(each["more"] for each in found)


def test_facets_cost_one_statement_and_are_not_counted_unasked(shop: FlaskClient) -> None:
    with counted_statements() as statements:
        answer = shop.get("/v1/products?facets=brand,category,price,in_stock,rating")
        without = shop.get("/v1/products")

    assert len(statements) == 3
    assert without.get_json() == {name: answer.get_json()[name] for name in ("items", "next_cursor")}


def test_the_order_of_their_names_makes_no_other_statement(shop: FlaskClient) -> None:
    before = facets._statement.cache_info().misses

    answers = [
        shop.get(f"/v1/products?facets={names}").get_json()["facets"]
        for names in ("brand,price", "price,brand")
    ]

    assert [list(each) for each in answers] == [["brand", "price"], ["price", "brand"]]
    assert facets._statement.cache_info().misses - before <= 1


@pytest.mark.parametrize("names", ["color", "brand,", "brand,color", ","])
def test_an_unknown_facet_is_refused(client: FlaskClient, names: str) -> None:
    answer = client.get(f"/v1/products?facets={names}")

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["facets"])
