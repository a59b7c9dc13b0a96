from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.catalog.models import Category
from app.platform.db import transaction
from tests.factories import make_category, make_product, signed_in

Headers = dict[str, str]


@pytest.fixture
def admin(client: FlaskClient) -> Headers:
    return signed_in(client, role="admin")


def _paths() -> set[str]:
    with transaction() as session:
        return set(session.scalars(select(Category.path)))


def _create(client: FlaskClient, admin: Headers, **body: Any) -> Any:
    return client.post("/v1/admin/categories", json={"name": "Garden"} | body, headers=admin)


def test_a_category_is_found_by_its_id_and_its_slug(client: FlaskClient, admin: Headers) -> None:
    texts = {"de": {"name": "Garten"}}
    parent = _create(client, admin, translations=texts, description="Outside.", position=3)

    child = _create(client, admin, name="Chairs & Tables", parent_id=parent.get_json()["id"])

    assert (parent.status_code, child.status_code) == (201, 201)
    assert parent.get_json()["translations"] == texts
    expected = {
        "id": child.get_json()["id"],
        "slug": "chairs-tables",
        "name": "Chairs & Tables",
        "description": "",
        "image": None,
        "parent_id": parent.get_json()["id"],
        "path": "garden/chairs-tables",
    }
    for reference in (expected["id"], "chairs-tables"):
        assert client.get(f"/v1/categories/{reference}").get_json() == expected
    german = client.get("/v1/categories/garden", headers={"Accept-Language": "de"})
    assert (german.get_json()["name"], german.headers["Content-Language"]) == ("Garten", "de")


def test_lists_by_position_page_by_page(client: FlaskClient) -> None:
    with transaction() as session:
        for slug, position in (("c", 0), ("b", 1), ("a", 1), ("d", 2)):
            make_category(session, slug=slug, position=position)

    first = client.get("/v1/categories?limit=2").get_json()
    second = client.get(f"/v1/categories?limit=2&cursor={first['next_cursor']}").get_json()

    slugs = [[item["slug"] for item in page["items"]] for page in (first, second)]
    assert (slugs, second["next_cursor"]) == ([["c", "a"], ["b", "d"]], None)


def test_admins_read_all_texts_and_can_add_a_language_to_them(client: FlaskClient, admin: Headers) -> None:
    german, french = {"de": {"name": "Garten"}}, {"fr": {"name": "Jardin"}}
    made = _create(client, admin, translations=german, position=3).get_json()
    url = f"/v1/admin/categories/{made['id']}"

    known = client.get(url, headers=admin).get_json()
    client.patch(url, json={"translations": known["translations"] | french}, headers=admin)

    assert known == made
    assert client.get(url, headers=admin).get_json() == made | {"translations": german | french}
    client.patch(url, json={"translations": french}, headers=admin)
    assert client.get(url, headers=admin).get_json()["translations"] == french


def test_admins_list_categories_with_all_texts_page_by_page(client: FlaskClient, admin: Headers) -> None:
    made = [_create(client, admin, name=name, translations={"de": {"name": name}}) for name in ("B", "A")]

    first = client.get("/v1/admin/categories?limit=1", headers=admin).get_json()
    path = f"/v1/admin/categories?limit=1&cursor={first['next_cursor']}"
    second = client.get(path, headers=admin).get_json()

    assert first["items"] + second["items"] == [answer.get_json() for answer in reversed(made)]
    assert second["next_cursor"] is None


def test_moving_a_branch_moves_every_path_in_it(client: FlaskClient, admin: Headers) -> None:
    with transaction() as session:
        garden = make_category(session, "Garden")
        chairs = make_category(session, "Chairs", parent_id=garden)
        make_category(session, "Red chairs", parent_id=chairs)
        make_category(session, "Garden gnomes")
        home = make_category(session, "Home")
    url = f"/v1/admin/categories/{garden}"

    answer = client.patch(url, json={"parent_id": str(home), "slug": "yard"}, headers=admin)

    assert (answer.status_code, answer.get_json()["path"]) == (200, "home/yard")
    assert _paths() == {
        "home",
        "home/yard",
        "home/yard/chairs",
        "home/yard/chairs/red-chairs",
        "garden-gnomes",
    }
    client.patch(url, json={"parent_id": None}, headers=admin)
    assert _paths() >= {"yard", "yard/chairs", "yard/chairs/red-chairs"}


def test_a_category_cannot_go_below_itself(client: FlaskClient, admin: Headers) -> None:
    with transaction() as session:
        garden = make_category(session, "Garden")
        chairs = make_category(session, "Chairs", parent_id=garden)

    answers = [
        client.patch(f"/v1/admin/categories/{garden}", json={"parent_id": str(parent)}, headers=admin)
        for parent in (garden, chairs)
    ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert answers[0].get_json()["type"] == "/problems/category-cycle"
    assert _paths() == {"garden", "garden/chairs"}


def test_a_taken_slug_is_named(client: FlaskClient, admin: Headers) -> None:
    with transaction() as session:
        make_category(session, "Garden")
        home = make_category(session, "Home")

    made = _create(client, admin)
    renamed = client.patch(f"/v1/admin/categories/{home}", json={"slug": "garden"}, headers=admin)

    for answer in (made, renamed):
        assert (answer.status_code, answer.get_json()["slug"]) == (409, "garden")
    assert _paths() == {"garden", "home"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"slug": "a/b"}, "slug"),
        ({"slug": "0190aaaa-0000-7000-8000-000000000000"}, "slug"),
        ({"path": "root"}, "path"),
        ({"position": -1}, "position"),
        ({"parent_id": "0190aaaa-0000-7000-8000-000000000000"}, "parent_id"),
        ({"translations": {"de": {"title": "Garten"}}}, "translations.de.value.title"),
    ],
)
def test_names_what_cannot_be_accepted(
    client: FlaskClient, admin: Headers, body: dict[str, Any], field: str
) -> None:
    answer = _create(client, admin, **body)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])
    assert _paths() == set()


def test_a_categorys_slug_has_never_the_form_of_an_id(client: FlaskClient, admin: Headers) -> None:
    garden = _create(client, admin).get_json()
    other = _create(client, admin, name="Other").get_json()

    changed = client.patch(f"/v1/admin/categories/{other['id']}", json={"slug": garden["id"]}, headers=admin)
    named = _create(client, admin, name=garden["id"])

    assert (changed.status_code, changed.get_json()["errors"]) == (422, {"slug": ["Must not be like an id."]})
    assert named.get_json()["slug"] == f"item-{garden['id']}"
    assert _paths() == {"garden", "other", f"item-{garden['id']}"}
    assert client.get(f"/v1/products?category={garden['id']}&facets=brand").status_code == 200


def test_only_an_empty_category_is_deleted(client: FlaskClient, admin: Headers) -> None:
    with transaction() as session:
        garden = make_category(session, "Garden")
        chairs = make_category(session, "Chairs", parent_id=garden)
        empty = make_category(session, "Empty")
        make_product(session, category_id=chairs, status="archived")

    urls = [f"/v1/admin/categories/{each}" for each in (garden, chairs, empty)]
    answers = [client.delete(url, headers=admin) for url in urls]

    assert [answer.status_code for answer in answers] == [409, 409, 204]
    assert answers[0].get_json()["type"] == "/problems/category-in-use"
    assert _paths() == {"garden", "garden/chairs"}
    assert client.delete(urls[2], headers=admin).status_code == 404


def test_only_admins_keep_categories(client: FlaskClient) -> None:
    assert _create(client, signed_in(client, role="seller")).status_code == 403
    assert _create(client, {}).status_code == 401
    assert client.get("/v1/admin/categories", headers=signed_in(client, role="seller")).status_code == 403
    assert _paths() == set()
