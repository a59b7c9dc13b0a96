from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from app.catalog import services
from app.catalog.queries import searching
from app.platform.db import transaction
from tests.catalog.statements import counted_statements
from tests.database import change
from tests.factories import make_category, make_product, make_user, money


def _found(client: FlaskClient, q: str, query: str = "") -> list[str]:
    answer = client.get(f"/v1/products?q={quote(q)}{query}")
    return [item["name"] for item in answer.get_json()["items"]]


def _pages(client: FlaskClient, query: str) -> list[list[str]]:
    found, cursor = [], ""
    while True:
        page = client.get(f"/v1/products?{query}{cursor}").get_json()
        found.append([item["slug"] for item in page["items"]])
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


@pytest.fixture
def shop(client: FlaskClient) -> FlaskClient:
    """A chair, a table and a lamp; the chair is spoken of by the others."""
    with transaction() as session:
        seller = make_user(session, role="seller").id
        common: dict[str, Any] = {"seller_id": seller}
        make_product(
            session,
            name="Garden chair",
            brand="Sit & Co",
            description="To be used every day.",
            translations={"de": {"name": "Gartenstuhl"}, "fr": {"description": "Une chaise"}},
            attributes={"material": "bamboo"},
            variants=[{"sku": "GC-100.red", "name": "Crimson", "price": money(100)}],
            **common,
        )
        make_product(
            session, name="Oak table", description="Fits every chair.", brand="Acme", price=50, **common
        )
        make_product(session, name="Lamp with a long neck", description="For reading at night.", **common)
    return client


@pytest.mark.parametrize(
    "q",
    [
        *("garden chair", "CHAIRS garden", "gard", "gartenst", "Gartenstuhl", "sit", "bamboo", "crimson"),
        *("GC-100.red", "gc-100", "gc-100.red garden", "garden & chair | !", "a garden", "the gard"),
    ],
)
def test_a_product_is_found_by_what_is_known_of_it(shop: FlaskClient, q: str) -> None:
    assert _found(shop, q) == ["Garden chair"]


@pytest.mark.parametrize("q", ["garden table", "&", "'", "\\", "zebra"])
def test_all_words_must_be_in_it(shop: FlaskClient, q: str) -> None:
    assert _found(shop, q) == []


def test_the_name_counts_more_than_what_is_said_of_it(shop: FlaskClient) -> None:
    assert _found(shop, "chair") == ["Garden chair", "Oak table"]


def test_of_what_fits_as_well_the_popular_is_first(client: FlaskClient) -> None:
    with transaction() as session:
        seller = make_user(session, role="seller").id
        for slug in ("a", "b", "c"):
            make_product(session, name="Chair", slug=slug, seller_id=seller)
        change("UPDATE listings SET popularity = 100 WHERE slug = 'b'", session)

    assert _pages(client, "q=chair") == [["b", "a", "c"]]


@pytest.mark.parametrize(
    "q", ["gardn chair", "gargen", "lampp with lonng neck", "bamboo gardeen", "garteenstuhl"]
)
def test_a_mistyped_word_finds_what_was_meant(shop: FlaskClient, q: str) -> None:
    with counted_statements() as statements:
        found = _found(shop, q)

    assert len(statements) == 3
    assert found == (["Lamp with a long neck"] if "neck" in q else ["Garden chair"])


def test_a_mistyped_word_is_understood_in_any_order_and_on_every_page(client: FlaskClient) -> None:
    with transaction() as session:
        seller = make_user(session, role="seller").id
        for number in range(5):
            make_product(session, name="Garden chair", slug=f"p{number}", seller_id=seller, price=9 - number)

    assert _pages(client, "q=gardn&limit=2&sort=price") == [["p4", "p3"], ["p2", "p1"], ["p0"]]
    assert _pages(client, "q=gardn&limit=2") == [["p0", "p1"], ["p2", "p3"], ["p4"]]


def test_a_search_is_one_statement(shop: FlaskClient) -> None:
    with transaction() as session:
        seller = make_user(session, role="seller").id
        for number in range(3):
            make_product(session, name="Chair", slug=f"more-{number}", seller_id=seller)

    with counted_statements() as statements:
        answer = shop.get("/v1/products?q=chair")

    assert (len(answer.get_json()["items"]), len(statements)) == (5, 1)


def test_what_is_found_is_filtered_and_ordered(shop: FlaskClient) -> None:
    with transaction() as session:
        garden = make_category(session, "Garden")
        found = services.sellable_by_sku(session, "GC-100.red")
        assert found
        services.change_product(session, found.product_id, {"category_id": garden})

    assert _found(shop, "chair", "&sort=price") == ["Oak table", "Garden chair"]
    assert _found(shop, "chair", "&category=garden") == ["Garden chair"]
    assert _found(shop, "chair", "&max_price=50") == _found(shop, "chair", "&brand=Acme") == ["Oak table"]
    assert _found(shop, "chair", "&in_stock=true&sort=newest") == []


def test_pages_of_a_search_join_without_a_gap_over_all_tiers(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "ENOUGH", 4)
    searching._best.cache_clear()
    with transaction() as session:
        seller = make_user(session, role="seller").id
        for number in range(17):
            make_product(session, name="Chair", slug=f"p{number:02}", seller_id=seller)
        # Two in the first tier, three in the second: together enough. Six in the third, and six behind.
        change(
            "UPDATE listings SET tier = CASE WHEN slug < 'p02' THEN 0 WHEN slug < 'p05' THEN 1"
            " WHEN slug < 'p11' THEN 2 ELSE 3 END",
            session,
        )
        change("UPDATE listings SET popularity = 50 WHERE slug IN ('p04', 'p10', 'p16')", session)
    in_order = [
        *("p04", "p00", "p01", "p02", "p03"),
        *("p10", "p05", "p06", "p07", "p08", "p09"),
        *("p16", "p11", "p12", "p13", "p14", "p15"),
    ]

    for limit in (1, 2, 3, 4):
        pages = _pages(client, f"q=chair&limit={limit}")
        assert [slug for page in pages for slug in page] == in_order
        assert {len(page) for page in pages[:-1]} == {limit}
    searching._best.cache_clear()


def test_a_product_that_is_offered_no_more_is_not_found(shop: FlaskClient) -> None:
    with transaction() as session:
        found = services.sellable_by_sku(session, "GC-100.red")
        assert found
        services.archive_product(session, found.product_id)

    assert _found(shop, "garden") == []
