"""Third parties who come with an API key."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.identity.auth.principals import USE_NOTED_EVERY
from app.platform.db import transaction
from tests.database import change, rows
from tests.factories import make_product, signed_in
from tests.keys import key_headers

STOCK = "/v1/admin/inventory"


def test_without_the_scope_a_key_is_refused(client: FlaskClient) -> None:
    answer = client.get(STOCK, headers=key_headers("stock:hold"))

    assert (answer.status_code, answer.get_json()["detail"]) == (
        403,
        "This needs an API key of the scope stock:read.",
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
        lambda key: key + "A",
        lambda key: key[16:],
        lambda key: key[:15],
        lambda key: key.upper(),
        lambda key: "bk_000000000000" + key[15:],
        lambda _: "",
        lambda _: "é",
    ],
)
def test_another_text_is_no_key(client: FlaskClient, spoil: Callable[[str], str]) -> None:
    key = key_headers("stock:read")["X-Api-Key"]

    answer = client.get(STOCK, headers={"X-Api-Key": spoil(key)})

    assert (answer.status_code, answer.get_json()["type"]) == (401, "/problems/not-authenticated")


def test_where_keys_are_not_let_in_they_are_nobody(client: FlaskClient) -> None:
    headers = key_headers("stock:read", "stock:hold")

    calls = ["/v1/users/me", "/v1/orders", "/v1/admin/products", f"{STOCK}/X/movements"]

    assert [client.get(path, headers=headers).status_code for path in calls] == [401] * 4


def test_an_access_token_counts_more_than_a_key(client: FlaskClient) -> None:
    answer = client.get(STOCK, headers=key_headers("stock:read") | signed_in(client))

    assert answer.status_code == 403


def test_a_key_of_a_seller_sees_that_sellers_stock_only(client: FlaskClient) -> None:
    with transaction() as session:
        own, other = make_product(session, stock=3), make_product(session, stock=4)
    headers = key_headers("stock:read", seller_id=own.seller_id)

    seen = client.get(STOCK, headers=headers).get_json()["items"]

    assert [level["sku"] for level in seen] == [own.sku]
    assert client.get(f"{STOCK}/{own.sku}", headers=headers).status_code == 200
    assert client.get(f"{STOCK}/{other.sku}", headers=headers).status_code == 404


def test_a_key_of_nobody_in_particular_sees_all_stock(client: FlaskClient) -> None:
    with transaction() as session:
        products = [make_product(session) for _ in range(2)]

    seen = client.get(STOCK, headers=key_headers("stock:read")).get_json()["items"]

    assert {level["sku"] for level in seen} == {product.sku for product in products}


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE users SET status = 'suspended' WHERE id = :id",
        "UPDATE users SET role = 'customer' WHERE id = :id",
    ],
)
def test_the_end_of_a_seller_is_the_end_of_their_keys(client: FlaskClient, end: str) -> None:
    with transaction() as session:
        seller_id = make_product(session).seller_id
    headers = key_headers("stock:read", seller_id=seller_id)
    before = client.get(STOCK, headers=headers).status_code

    change(end, id=seller_id)

    assert (before, client.get(STOCK, headers=headers).status_code) == (200, 401)


def test_an_expired_key_opens_nothing(client: FlaskClient) -> None:
    headers = key_headers("stock:read")

    change("UPDATE api_keys SET expires_at = now()")

    assert client.get(STOCK, headers=headers).status_code == 401


def test_the_last_use_is_noted_now_and_then_and_not_with_each_request(client: FlaskClient) -> None:
    headers = key_headers("stock:read")
    version = "SELECT xmin::text, last_used_at FROM api_keys"

    client.get(STOCK, headers=headers)
    first = rows(version)
    client.get(STOCK, headers=headers)
    second = rows(version)
    change("UPDATE api_keys SET last_used_at = now() - :gap * interval '1 second'", gap=_gap() + 1)
    client.get(STOCK, headers=headers)

    assert second == first
    assert first[0][1] is not None
    assert rows("SELECT last_used_at > now() - interval '1 minute' FROM api_keys") == [(True,)]


def test_a_use_that_somebody_else_notes_is_not_waited_for(client: FlaskClient) -> None:
    headers = key_headers("stock:read")

    with transaction() as session:
        rows("SELECT id FROM api_keys FOR UPDATE", session)
        answer = client.get(STOCK, headers=headers)

    assert answer.status_code == 200
    assert rows("SELECT last_used_at FROM api_keys") == [(None,)]


def _gap() -> float:
    return USE_NOTED_EVERY.total_seconds()
