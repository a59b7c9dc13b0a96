from io import StringIO
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from app.catalog import services
from app.identity.models import SellerApplication
from app.identity.services import selling, users
from app.inventory import services as inventory
from app.platform.cache.answers import ANSWERS
from app.platform.cache.changes import changed
from app.platform.db import transaction
from app.platform.ids import new_id
from tests.catalog.statements import counted_statements
from tests.database import change
from tests.factories import MadeProduct, make_category, make_product, make_user, signed_in
from tests.work import drain


@pytest.fixture
def chair(shop: FlaskClient) -> MadeProduct:
    with transaction() as session:
        return make_product(
            session,
            slug="chair",
            category_id=make_category(session),
            stock=3,
            translations={"de": {"name": "Gartenstuhl"}, "fr": {"name": "Chaise"}},
        )


def found(route: str) -> float:
    return float(ANSWERS.labels(route, "found")._value.get())


@pytest.mark.parametrize(
    "path",
    [
        "/v1/products",
        "/v1/products?q=chair&in_stock=true",
        "/v1/products/chair",
        "/v1/categories",
        "/v1/categories/garden",
        "/v1/products/chair/reviews",
    ],
)
def test_the_second_answer_is_the_first_without_a_statement(
    shop: FlaskClient, chair: MadeProduct, path: str
) -> None:
    first = shop.get(path)

    with counted_statements() as sent:
        second = shop.get(path)

    assert (first.status_code, second.status_code, sent) == (200, 200, [])
    assert second.data == first.data
    assert {name: second.headers[name] for name in ("ETag", "Content-Type")} == {
        "ETag": first.headers["ETag"],
        "Content-Type": "application/json",
    }


def test_a_finished_answer_has_its_own_id_log_line_count_and_rates(
    shop: FlaskClient, chair: MadeProduct, logged: StringIO
) -> None:
    route = "/v1/products/<reference>"
    before = found(route)
    first = shop.get("/v1/products/chair")

    second = shop.get("/v1/products/chair", headers={"X-Request-Id": "mine"})

    assert second.headers["X-Request-Id"] == "mine" != first.headers["X-Request-Id"]
    lines = [orjson.loads(line) for line in logged.getvalue().splitlines()]
    (line,) = (line for line in lines if line["request_id"] == "mine")
    assert (line["event"], line["path"], line["status"]) == ("request", "/v1/products/chair", 200)
    assert found(route) == before + 1
    left = [int(answer.headers["RateLimit-Remaining"]) for answer in (first, second)]
    assert left[0] - left[1] == 1


def test_who_has_the_answer_is_told_that_it_is_still_right(shop: FlaskClient, chair: MadeProduct) -> None:
    etag = shop.get("/v1/products/chair").headers["ETag"]

    same = shop.get("/v1/products/chair", headers={"If-None-Match": f'"other", W/{etag}'})
    other = shop.get("/v1/products/chair", headers={"If-None-Match": '"other"'})

    assert (same.status_code, same.data, other.status_code) == (304, b"", 200)
    assert same.headers["ETag"] == etag
    assert same.headers["Cache-Control"] == other.headers["Cache-Control"]


def test_what_stands_between_may_keep_it_unless_a_secret_came(shop: FlaskClient, chair: MadeProduct) -> None:
    headers = signed_in(shop)

    anybody = shop.get("/v1/products/chair")
    somebody = shop.get("/v1/products/chair", headers=headers)

    assert anybody.headers["Cache-Control"] == "public, max-age=5, stale-while-revalidate=10"
    assert anybody.headers["Vary"] == "Accept-Language"
    assert somebody.headers["Cache-Control"] == "no-store"
    assert somebody.data == anybody.data


def test_languages_are_kept_apart_and_their_spellings_together(shop: FlaskClient, chair: MadeProduct) -> None:
    def name(language: str) -> Any:
        answer = shop.get("/v1/products/chair", headers={"Accept-Language": language})
        return answer.get_json()["name"], answer.headers["Content-Language"]

    names = [name("de"), name("fr"), name("en"), name("de")]
    with counted_statements() as sent:
        again = name("de;q=0.9, en;q=0.5")

    german = ("Gartenstuhl", "de, en")  # the category is not translated
    assert names == [german, ("Chaise", "en, fr"), ("Garden chair", "en"), german]
    assert (again, sent) == (german, [])


def test_the_order_of_parameters_is_the_same_question_but_not_that_of_one_given_twice(
    shop: FlaskClient, chair: MadeProduct
) -> None:
    shop.get("/v1/products?limit=5&sort=newest")
    with counted_statements() as same:
        shop.get("/v1/products?sort=newest&limit=5")
    with counted_statements() as other:
        shop.get("/v1/products?sort=newest&limit=6")
        shop.get("/v1/products?limit=6&limit=7")
        shop.get("/v1/products?limit=7&limit=6")

    assert same == []
    assert len(other) >= 3


def test_errors_are_not_kept(shop: FlaskClient) -> None:
    assert shop.get("/v1/products/stool").status_code == 404
    assert shop.get("/v1/products?limit=none").status_code == 422

    with transaction() as session:
        make_product(session, slug="stool")

    assert shop.get("/v1/products/stool").status_code == 200
    assert shop.get("/v1/products?limit=none").status_code == 422


def test_a_sale_shows_at_once_on_the_page_and_after_the_backroom_in_lists(
    shop: FlaskClient, chair: MadeProduct
) -> None:
    def shown() -> tuple[int, bool]:
        page, listed = shop.get("/v1/products/chair").get_json(), shop.get("/v1/products").get_json()
        return page["variants"][0]["available"], listed["items"][0]["available"]

    before = shown()
    with transaction() as session:
        inventory.reserve(session, holder_id=new_id(), quantities={chair.variant_id: 2})
    one_left = shown()
    with transaction() as session:
        inventory.reserve(session, holder_id=new_id(), quantities={chair.variant_id: 1})
    sold_out = shown()
    drain()

    assert (before, one_left, sold_out) == ((3, True), (1, True), (0, True))
    assert shown() == (0, False)


def test_what_is_changed_shows_at_once(shop: FlaskClient, chair: MadeProduct) -> None:
    def page() -> Any:
        return shop.get("/v1/products/chair").get_json()

    before = page()
    with transaction() as session:
        services.change_product(session, chair.id, {"name": "Deck chair"})
        users.change_profile(session, chair.seller_id, {"full_name": "Grace Hopper"})
        services.change_category(session, before["categories"][0]["id"], {"name": "Terrace"})
    after = page()

    assert (before["name"], after["name"]) == ("Garden chair", "Deck chair")
    assert (before["seller"]["name"], after["seller"]["name"]) == ("Ada Lovelace", "Grace Hopper")
    assert [each["name"] for each in before["categories"] + after["categories"]] == ["Garden", "Terrace"]
    assert shop.get("/v1/categories/garden").get_json()["name"] == "Terrace"


def test_the_name_of_a_shop_that_an_operator_approves_shows_at_once(
    shop: FlaskClient, chair: MadeProduct
) -> None:
    before = shop.get("/v1/products/chair").get_json()["seller"]["name"]
    with transaction() as session:
        row = insert(SellerApplication).values(
            id=new_id(), user_id=chair.seller_id, shop_name="Ada's garden", text="Chairs"
        )
        selling.approve(session, session.scalars(row.returning(SellerApplication.id)).one())

    assert (before, shop.get("/v1/products/chair").get_json()["seller"]["name"]) == (
        "Ada Lovelace",
        "Ada's garden",
    )


def test_a_review_shows_at_once_and_the_name_of_who_is_gone_no_more(
    shop: FlaskClient, chair: MadeProduct
) -> None:
    def authors() -> list[Any]:
        reviews = shop.get("/v1/products/chair/reviews").get_json()["items"]
        return [review["author"] for review in reviews]

    before = authors()
    with transaction() as session:
        author = make_user(session, full_name="Alan Turing").id
        services.write_review(session, chair.id, author, rating=4, title="", comment="", moderated=False)
    written = authors()
    with transaction() as session:
        users.change_profile(session, author, {"full_name": "A. T."})

    assert (before, written, authors()) == ([], ["Alan Turing"], ["A. T."])
    assert shop.get("/v1/products").get_json()["items"][0]["rating"] == {"average": 4.0, "count": 1}


def test_what_a_process_did_not_live_to_tell_the_backroom_makes_sure_of(
    shop: FlaskClient, chair: MadeProduct
) -> None:
    shop.get("/v1/products/chair")
    with transaction() as session:
        services.change_product(session, chair.id, {"name": "Deck chair"})
        session.info["changed"].clear()
    assert shop.get("/v1/products/chair").get_json()["name"] == "Garden chair"

    ran = drain(only=["catalog.forget_answers"])

    assert set(ran) == {"catalog.forget_answers"}
    assert shop.get("/v1/products/chair").get_json()["name"] == "Deck chair"


def test_one_transaction_owes_one_delivery_however_much_it_changes(
    shop: FlaskClient, chair: MadeProduct
) -> None:
    drain()
    with transaction() as session:
        services.change_product(session, chair.id, {"name": "Deck chair"})
        services.change_variant(session, chair.id, chair.variant_id, {"position": 2}, currency="USD")

    assert drain() == ["catalog.forget_answers"]


def test_what_changed_behind_the_shops_back_shows_when_somebody_says_so(
    shop: FlaskClient, chair: MadeProduct
) -> None:
    shop.get("/v1/products/chair")
    change("UPDATE products SET brand = 'Sit & Co'")
    with counted_statements() as sent:
        kept = shop.get("/v1/products/chair").get_json()["brand"]
    with transaction() as session:
        changed(session, f"product:{chair.id}")

    assert (kept, sent) == (None, [])
    assert shop.get("/v1/products/chair").get_json()["brand"] == "Sit & Co"
