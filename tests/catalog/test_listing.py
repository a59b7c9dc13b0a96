from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.catalog import services
from app.catalog.models import Product
from app.catalog.queries import pages
from app.catalog.services import listings
from app.platform.db import transaction
from tests.catalog.statements import counted_statements
from tests.database import change
from tests.factories import make_category, make_product, make_user, money

FIELDS = {"id", "slug", "name", "brand", "price", "available", "image", "rating"}


def _names(client: FlaskClient, query: str = "") -> list[str]:
    return [item["name"] for item in client.get(f"/v1/products?{query}").get_json()["items"]]


def _pages(client: FlaskClient, query: str) -> Iterator[list[str]]:
    cursor = ""
    while True:
        page = client.get(f"/v1/products?{query}{cursor}").get_json()
        yield [item["slug"] for item in page["items"]]
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


def test_shows_what_is_offered_with_its_lowest_price(client: FlaskClient) -> None:
    variants = [
        {"sku": "RED", "price": money(2500)},
        {"sku": "OLD", "price": money(1900), "compare_at_price": money(3000)},
    ]
    with transaction() as session:
        made = make_product(session, brand="Sit & Co", variants=variants, stock=3)

    answer = client.get("/v1/products")

    assert answer.get_json() == {
        "items": [
            {
                "id": str(made.id),
                "slug": "garden-chair",
                "name": "Garden chair",
                "brand": "Sit & Co",
                "price": {"amount": 1900, "currency": "USD"},
                "available": True,
                "image": None,
                "rating": {"average": None, "count": 0},
            }
        ],
        "next_cursor": None,
    }


def test_leaves_out_what_nobody_can_buy(client: FlaskClient) -> None:
    with transaction() as session:
        make_product(session, name="Draft", status="draft")
        make_product(session, name="Archived", status="archived")
        make_product(session, name="Empty", variants=[])
        gone = make_product(session, name="Last variant archived")
        services.archive_variant(session, gone.id, gone.variant_id)
        make_product(session, name="Offered")

    assert _names(client) == ["Offered"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("rating", ["d", "c", "a", "b"]),
        ("popularity", ["b", "d", "c", "a"]),
        ("newest", ["d", "c", "b", "a"]),
        ("price", ["b", "a", "c", "d"]),
        ("-price", ["d", "c", "a", "b"]),
        ("name", ["d", "a", "c", "b"]),
    ],
)
def test_every_order_is_total_and_pages_join_without_a_gap(
    client: FlaskClient, sort: str, expected: list[str]
) -> None:
    with transaction() as session:
        seller = make_user(session, role="seller").id
        for slug, name, price in (
            ("a", "beta", 200),
            ("b", "Zeta", 100),
            ("c", "Éta", 200),
            ("d", "Alpha", 200),
        ):
            make_product(session, seller_id=seller, slug=slug, name=name, price=price)
        change("UPDATE listings SET rating_average = 4.33, rating_count = 3 WHERE slug <> 'b'", session)
        change("UPDATE listings SET popularity = 1 WHERE slug = 'b'", session)
    if sort == "name":  # by letters, whatever their case; É stands behind Z
        expected = ["d", "a", "b", "c"]

    assert list(_pages(client, f"sort={sort}&limit=1")) == [[slug] for slug in expected]
    assert list(_pages(client, f"sort={sort}&limit=3")) == [expected[:3], expected[3:]]
    assert list(_pages(client, f"sort={sort}&limit=4")) == [expected]


def test_rows_that_arrive_between_pages_repeat_and_hide_nothing(client: FlaskClient) -> None:
    with transaction() as session:
        seller = make_user(session, role="seller").id
        for slug in ("a", "b", "c", "d"):
            make_product(session, seller_id=seller, slug=slug)
    pages = _pages(client, "limit=2")
    first = next(pages)

    with transaction() as session:
        make_product(session, seller_id=seller, slug="newcomer")

    assert [first, *pages] == [["d", "c"], ["b", "a"]]


def test_pages_go_on_after_the_longest_name(client: FlaskClient) -> None:
    with transaction() as session:
        seller = make_user(session, role="seller").id
        for slug in ("a", "b"):
            make_product(session, seller_id=seller, slug=slug, name="あ" * 200)

    assert list(_pages(client, "sort=name&limit=1")) == [["a"], ["b"]]


def test_a_cursor_belongs_to_its_order(client: FlaskClient) -> None:
    with transaction() as session:
        make_product(session, slug="a", price=100)
        make_product(session, slug="b", price=200)
    cursor = client.get("/v1/products?sort=price&limit=1").get_json()["next_cursor"]

    answer = client.get(f"/v1/products?sort=-price&cursor={cursor}")

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["cursor"])


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "WyJwcmljZSIsIDEwLCAibm8gaWQiXQ",  # ["price", 10, "no id"]
        "WyJwcmljZSIsIDEuNSwgIjAxOTAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCJd",  # a price of 1.5
        "WyJwcmljZSIsIDk5OTk5OTk5OTk5OTk5OTk5OTk5LCAiMDE5MDAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0",
    ],
)
def test_a_made_up_cursor_is_refused(client: FlaskClient, cursor: str) -> None:
    answer = client.get(f"/v1/products?sort=price&cursor={cursor}")

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["cursor"])


def test_finds_a_category_with_all_that_is_below_it(client: FlaskClient) -> None:
    with transaction() as session:
        garden = make_category(session, "Garden")
        chairs = make_category(session, "Chairs", parent_id=garden)
        other = make_category(session, "Garden gnomes")
        make_product(session, name="Hose", category_id=garden)
        make_product(session, name="Chair", category_id=chairs)
        make_product(session, name="Gnome", category_id=other)
        make_product(session, name="Nowhere")

    assert _names(client, "category=garden&sort=name") == ["Chair", "Hose"]
    assert _names(client, f"category={garden}&sort=name") == ["Chair", "Hose"]
    assert _names(client, f"category={chairs}") == ["Chair"]
    assert _names(client, "category=unknown") == []
    assert _names(client, "category=Not%20a%20slug%25") == []


def test_filters_by_everything_at_once(client: FlaskClient) -> None:
    with transaction() as session:
        seller = make_user(session, role="seller").id
        wanted: dict[str, Any] = {"seller_id": seller, "brand": "Acme", "featured": True}
        make_product(session, name="Wanted", price=1000, stock=1, **wanted)
        make_product(session, name="Cheap", price=999, stock=1, **wanted)
        make_product(session, name="Dear", price=2001, stock=1, **wanted)
        make_product(session, name="Sold out", price=1000, **wanted)
        make_product(session, name="Plain", price=1000, stock=1, **(wanted | {"featured": False}))
        make_product(session, name="Other brand", price=1000, stock=1, **(wanted | {"brand": "Acme Ltd"}))
        make_product(session, name="Other seller", price=1000, stock=1, brand="Acme", featured=True)

    query = f"seller={seller}&brand=Acme&featured=true&min_price=1000&max_price=2000&in_stock=true"
    assert _names(client, query) == ["Wanted"]
    assert _names(client, query.replace("in_stock=true", "in_stock=false")) == ["Sold out"]


@pytest.mark.parametrize(
    "query",
    [
        *("sort=best", "sort=relevance", "limit=0", "limit=101", "min_price=-1", "seller=me"),
        *("featured=maybe", "color=red", "q="),
    ],
)
def test_refuses_what_it_does_not_know(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/v1/products?{query}")

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [query.split("=")[0]])


def test_finds_what_a_product_or_a_variant_is_like(client: FlaskClient) -> None:
    red: dict[str, Any] = {"price": money(100), "attributes": {"color": "red", "legs": 4}}
    with transaction() as session:
        seller = make_user(session, role="seller").id
        make_product(session, name="Oak", seller_id=seller, attributes={"wood": "oak"}, variants=[red])
        make_product(session, name="Elm", seller_id=seller, attributes={"wood": "elm: old"}, variants=[red])

    assert _names(client, "attribute=color:red&sort=name") == ["Elm", "Oak"]
    assert _names(client, "attribute=color:red&attribute=wood:oak&attribute=legs:4") == ["Oak"]
    assert _names(client, "attribute=wood:elm: old") == ["Elm"]
    assert _names(client, "attribute=color:blue") == _names(client, "attribute=wood:red") == []


def test_the_longest_attribute_that_may_be_stored_is_found(client: FlaskClient) -> None:
    name, value = "n" * 64, "v" * 200
    with transaction() as session:
        make_product(session, name="Long", attributes={name: value})

    assert _names(client, f"attribute={name}:{value}") == ["Long"]
    assert client.get(f"/v1/products?attribute={name}:{value}v").status_code == 422
    parameters = client.get("/openapi.json").get_json()["paths"]["/v1/products"]["get"]["parameters"]
    (documented,) = [each["schema"] for each in parameters if each["name"] == "attribute"]
    assert documented["items"]["maxLength"] == 265


@pytest.mark.parametrize("attribute", ["red", ":red", "color:"])
def test_an_attribute_has_a_name_and_a_value(client: FlaskClient, attribute: str) -> None:
    answer = client.get(f"/v1/products?attribute={attribute}")

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["attribute.0"])


@pytest.mark.parametrize(("few", "far"), [(2000, 20_000), (2, 20_000), (2, 3), (2, 40)])
def test_pages_are_the_same_whichever_way_they_are_found(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, few: int, far: int
) -> None:
    monkeypatch.setattr(pages, "FEW", few)
    monkeypatch.setattr(pages, "FAR", far)
    for statement in (pages.few, pages.walk, pages.all_of_them, pages.goes_far):
        statement.cache_clear()
    with transaction() as session:
        seller = make_user(session, role="seller").id
        for number in range(20):
            brand = "Acme" if number < 5 else "Other"
            make_product(session, seller_id=seller, slug=f"p{number}", price=100 + number, brand=brand)

    found = {
        sort: [slug for page in _pages(client, f"brand=Acme&limit=2&sort={sort}") for slug in page]
        for sort in ("price", "-price")
    }

    assert found == {"price": ["p0", "p1", "p2", "p3", "p4"], "-price": ["p4", "p3", "p2", "p1", "p0"]}
    for statement in (pages.few, pages.walk, pages.all_of_them, pages.goes_far):
        statement.cache_clear()


def test_a_page_is_one_statement_however_long(client: FlaskClient) -> None:
    with transaction() as session:
        seller = make_user(session, role="seller").id
        category = make_category(session, "Garden")
        for _ in range(30):
            make_product(session, seller_id=seller, category_id=category, stock=1)

    with counted_statements() as statements:
        answer = client.get("/v1/products?category=garden&in_stock=true&sort=price&limit=24")

    assert (len(answer.get_json()["items"]), len(statements)) == (24, 1)


def test_newest_goes_by_the_time_of_creation(client: FlaskClient) -> None:
    with transaction() as session:
        old = make_product(session, name="Made later, dated earlier").id
        make_product(session, name="Newer")
        session.execute(update(Product).where(Product.id == old).values(created_at="2020-01-01T00:00:00Z"))
        listings.refresh(session, [old])

    assert _names(client) == ["Newer", "Made later, dated earlier"]
