"""Carts of people without an account, over HTTP."""

import re

import pytest
from flask.testing import FlaskClient

from app.platform.db import SessionFactory
from app.platform.tokens import hash_of, new_token
from tests.buyers import Guest, both_in_one, lines_of, make_buyer, make_guest, shelf
from tests.carts.statements import counted
from tests.database import change, count, rows
from tests.factories import money


@pytest.fixture
def guest(client: FlaskClient) -> Guest:
    return make_guest(client)


@pytest.mark.parametrize("headers", [{}, {"X-Cart-Token": "nonsense"}, {"X-Cart-Token": "a" * 43}])
def test_a_guest_who_has_added_nothing_has_an_empty_cart(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    answer = client.get("/v1/cart", headers=headers)

    assert answer.status_code == 200
    assert (answer.get_json()["id"], answer.get_json()["items"]) == (None, [])
    assert "X-Cart-Token" not in answer.headers
    assert count("carts") == 0


def test_the_first_add_gives_the_token_once_and_only_its_hash_is_kept(guest: Guest) -> None:
    lamp = shelf()
    line = {"variant_id": str(lamp.variant_id), "quantity": 1}

    first = guest.post("/v1/cart/items", line)
    token = first.headers["X-Cart-Token"]
    guest.headers["X-Cart-Token"] = token
    second = guest.post("/v1/cart/items", line)

    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert first.headers["Cache-Control"] == "no-store"
    assert (second.status_code, "X-Cart-Token" in second.headers) == (201, False)
    assert lines_of(guest) == {lamp.variant_id: 2}
    assert rows("SELECT user_id, token_hash FROM carts") == [(None, hash_of(token))]


@pytest.mark.parametrize("brought", ["nonsense", "a" * 43])
def test_nobody_chooses_their_own_token(guest: Guest, brought: str) -> None:
    lamp = shelf()
    guest.headers["X-Cart-Token"] = brought

    guest.put(lamp)

    assert guest.token != brought
    assert rows("SELECT token_hash FROM carts") == [(hash_of(guest.token),)]
    assert lines_of(guest) == {lamp.variant_id: 2}


def test_a_guest_changes_and_removes_and_clears(guest: Guest) -> None:
    lamp, chair = shelf(), shelf()
    guest.put(lamp)
    guest.put(chair)
    first, second = (item["id"] for item in guest.get("/v1/cart").get_json()["items"])

    client, headers = guest.client, guest.headers
    changed = client.patch(f"/v1/cart/items/{first}", json={"quantity": 5}, headers=headers)
    removed = client.delete(f"/v1/cart/items/{second}", headers=headers)

    assert (changed.status_code, removed.status_code) == (200, 200)
    assert lines_of(guest) == {lamp.variant_id: 5}
    assert client.delete("/v1/cart", headers=headers).status_code == 204
    assert lines_of(guest) == {}


def test_another_guest_can_neither_see_nor_touch_a_cart(client: FlaskClient, guest: Guest) -> None:
    lamp = shelf()
    guest.put(lamp)
    (item,) = guest.get("/v1/cart").get_json()["items"]
    stranger = make_guest(client)
    stranger.put(shelf())
    path = f"/v1/cart/items/{item['id']}"

    for headers in (stranger.headers, {"X-Cart-Token": new_token()}):
        assert client.patch(path, json={"quantity": 9}, headers=headers).status_code == 404
        assert client.delete(path, headers=headers).status_code == 404
    assert client.delete(path).status_code == 401
    assert lines_of(guest) == {lamp.variant_id: 2}


def test_an_add_is_repeated_by_its_key_for_the_guest_who_made_it_only(
    client: FlaskClient, guest: Guest
) -> None:
    lamp = shelf()
    line = {"variant_id": str(lamp.variant_id), "quantity": 1}
    unknown = [make_guest(client).post("/v1/cart/items", line, key="k") for _ in range(2)]
    guest.put(lamp, 1)
    stranger = make_guest(client)
    stranger.put(lamp, 1)

    known = [each.post("/v1/cart/items", line, key="k") for each in (guest, guest, stranger)]

    assert len({answer.headers["X-Cart-Token"] for answer in unknown}) == 2
    replayed = [answer.headers.get("Idempotent-Replayed") for answer in known]
    assert replayed == [None, "true", None]
    assert (lines_of(guest), lines_of(stranger)) == ({lamp.variant_id: 2}, {lamp.variant_id: 2})
    assert sorted(rows("SELECT scope FROM idempotency_keys")) == sorted(
        (f"guest:{hash_of(each.token)}",) for each in (guest, stranger)
    )


def test_a_guests_first_add_asks_the_database_five_times_as_any_other(guest: Guest) -> None:
    lamp, asked = shelf(), []

    for _ in range(2):
        with counted(SessionFactory.kw["bind"]) as statements:
            guest.put(lamp, 1)
        asked.append(len(statements))

    assert asked == [5, 5]


def test_an_add_with_a_token_that_is_spent_and_a_key_asks_the_database_eight_times(
    guest: Guest, client: FlaskClient
) -> None:
    lamp, buyer = shelf(), make_buyer(client)
    guest.put(lamp, 1)
    both = both_in_one(guest, buyer)
    both.get("/v1/cart")  # where the guest's cart is merged
    body = {"variant_id": str(lamp.variant_id), "quantity": 1}

    with counted(SessionFactory.kw["bind"]) as asked:
        answer = both.post("/v1/cart/items", body, key="spent")

    assert (answer.status_code, lines_of(buyer)) == (201, {lamp.variant_id: 2})
    assert len(asked) == 8, "\n".join(asked)


def test_a_changed_price_is_shown_to_a_guest(guest: Guest) -> None:
    lamp = shelf(price=1000)
    guest.put(lamp)
    change("UPDATE variants SET price_amount = 1200 WHERE id = :id", id=lamp.variant_id)

    (item,) = guest.get("/v1/cart").get_json()["items"]

    assert (item["unit_price"], item["previous_unit_price"]) == (money(1200), money(1000))


@pytest.mark.parametrize("call", ["show", "add", "change", "clear"])
def test_whatever_a_user_does_with_a_guests_token_merges_first(
    client: FlaskClient, guest: Guest, call: str
) -> None:
    lamp, chair, user = shelf(), shelf(), make_buyer(client)
    guest.put(lamp, 3)
    user.put(chair, 1)
    (item,) = guest.get("/v1/cart").get_json()["items"]
    shopper = both_in_one(guest, user)

    if call == "show":
        assert len(shopper.get("/v1/cart").get_json()["items"]) == 2
    elif call == "add":
        shopper.put(chair, 1)
    elif call == "change":
        path = f"/v1/cart/items/{item['id']}"
        assert client.patch(path, json={"quantity": 7}, headers=shopper.headers).status_code == 200
    else:
        assert client.delete("/v1/cart", headers=shopper.headers).status_code == 204

    expected = {
        "show": {chair.variant_id: 1, lamp.variant_id: 3},
        "add": {chair.variant_id: 2, lamp.variant_id: 3},
        "change": {chair.variant_id: 1, lamp.variant_id: 7},
        "clear": {},
    }
    assert lines_of(user) == expected[call]
    assert rows("SELECT token_hash FROM carts") == [(None,)]
    assert lines_of(guest) == {}
