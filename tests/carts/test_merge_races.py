"""Merges, adds and checkouts at one moment: no line is lost or doubled, and one order is open."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.carts import services
from app.platform.db import transaction
from tests.buyers import both_in_one, lines_of, make_buyer, make_guest, shelf
from tests.database import change, lock_waiters, rows
from tests.factories import MadeProduct
from tests.stand_in import StandIn
from tests.threads import AT_ONCE, at_once
from tests.waiting import wait

pytestmark = pytest.mark.usefixtures("stripe")


@pytest.fixture
def lamp(client: FlaskClient) -> MadeProduct:
    return shelf(stock=500)


def units(variant_id: UUID) -> int:
    """How many units lie in all carts."""
    statement = "SELECT coalesce(sum(quantity), 0) FROM cart_items WHERE variant_id = :id"
    return int(rows(statement, id=variant_id)[0][0])


def queued(number: int) -> bool:
    return lock_waiters() >= number


def behind_a_lock(table_row: str, *work: Callable[[], TestResponse]) -> list[TestResponse]:
    """Have the pieces of work queue, in this order, behind a row that is then let go."""
    with ThreadPoolExecutor(len(work)) as pool:
        started: list[Future[TestResponse]] = []
        with transaction() as session:
            session.connection().exec_driver_sql(f"{table_row} FOR UPDATE")
            for number, piece in enumerate(work, start=1):
                started.append(pool.submit(piece))
                wait(partial(queued, number))
        return [each.result(timeout=20) for each in started]


CARTS = "SELECT id FROM carts ORDER BY id"


def test_one_user_merges_a_cart_once(client: FlaskClient, lamp: MadeProduct) -> None:
    guest, user = make_guest(client), make_buyer(client)
    guest.put(lamp, 3)
    user.put(lamp, 2)
    shopper = both_in_one(guest, user)

    shown = at_once(lambda _: shopper.twin().get("/v1/cart").status_code)

    assert shown == [200] * AT_ONCE
    assert lines_of(user) == {lamp.variant_id: 5}
    assert rows("SELECT token_hash FROM carts") == [(None,)]


def test_of_several_users_one_gets_the_guests_cart_and_orders(client: FlaskClient, lamp: MadeProduct) -> None:
    guest = make_guest(client)
    guest.put(lamp, 3)
    assert guest.check_out().status_code == 201
    users = [make_buyer(client) for _ in range(AT_ONCE)]

    at_once(lambda number: both_in_one(guest, users[number]).twin().get("/v1/cart"))

    kept = [lines_of(user) for user in users]
    assert Counter(map(len, kept)) == {1: 1, 0: AT_ONCE - 1}
    assert units(lamp.variant_id) == 3
    (winner,) = (user for user, lines in zip(users, kept, strict=True) if lines)
    assert len(winner.get("/v1/orders").get_json()["items"]) == 1
    assert rows("SELECT count(*) FROM events WHERE topic = 'orders.claimed'") == [(1,)]


def test_an_order_whose_cart_is_gone_goes_to_one_user_too(client: FlaskClient, lamp: MadeProduct) -> None:
    guest, users = make_guest(client), [make_buyer(client) for _ in range(2)]
    guest.put(lamp, 3)
    assert guest.check_out().status_code == 201
    change("DELETE FROM carts")
    first, second = (both_in_one(guest.twin(), user) for user in users)

    behind_a_lock("SELECT id FROM orders", lambda: first.get("/v1/cart"), lambda: second.get("/v1/cart"))

    assert [len(user.get("/v1/orders").get_json()["items"]) for user in users] == [1, 0]
    assert rows("SELECT count(*) FROM events WHERE topic = 'orders.claimed'") == [(1,)]


def test_several_guests_carts_all_go_into_one(client: FlaskClient, lamp: MadeProduct) -> None:
    user, chair = make_buyer(client), shelf()
    guests = [make_guest(client) for _ in range(AT_ONCE)]
    for guest in guests:
        guest.put(lamp, 2)
        guest.put(chair, 1)

    shown = at_once(lambda number: both_in_one(guests[number], user).twin().get("/v1/cart").status_code)

    assert shown == [200] * AT_ONCE
    assert lines_of(user) == {lamp.variant_id: 2 * AT_ONCE, chair.variant_id: AT_ONCE}


def test_checkouts_of_a_guests_cart_at_once_are_one_order(
    client: FlaskClient, lamp: MadeProduct, stripe: StandIn
) -> None:
    guest = make_guest(client)
    guest.put(lamp, 3)

    answers = at_once(lambda _: guest.twin().check_out())

    assert {answer.status_code for answer in answers} <= {201, 202}
    assert len({answer.get_json()["order"]["id"] for answer in answers}) == 1
    assert rows("SELECT status FROM orders") == [("pending",)]
    assert rows("SELECT reserved FROM stock_levels") == [(3,)]
    assert len(stripe.books()["payment_intents"]) == 1


def test_first_adds_without_a_token_are_carts_of_their_own(client: FlaskClient, lamp: MadeProduct) -> None:
    guests = [make_guest(client) for _ in range(AT_ONCE)]

    at_once(lambda number: guests[number].put(lamp, 1))

    assert [lines_of(guest) for guest in guests] == [{lamp.variant_id: 1}] * AT_ONCE
    assert len({guest.token for guest in guests}) == AT_ONCE


def test_a_guests_checkout_before_the_merge_is_the_users_order(
    client: FlaskClient, lamp: MadeProduct
) -> None:
    guest, user = make_guest(client), make_buyer(client)
    guest.put(lamp, 3)
    shopper = both_in_one(guest.twin(), user)

    placed, shown = behind_a_lock(CARTS, guest.check_out, lambda: shopper.get("/v1/cart"))

    assert (placed.status_code, shown.status_code) == (201, 200)
    assert [order["id"] for order in user.get("/v1/orders").get_json()["items"]] == [
        placed.get_json()["order"]["id"]
    ]
    assert lines_of(user) == {lamp.variant_id: 3}


def test_a_guests_checkout_after_the_merge_finds_nothing_to_buy(
    client: FlaskClient, lamp: MadeProduct
) -> None:
    guest, user = make_guest(client), make_buyer(client)
    guest.put(lamp, 3)
    shopper = both_in_one(guest.twin(), user)

    shown, refused = behind_a_lock(CARTS, lambda: shopper.get("/v1/cart"), guest.check_out)

    assert (shown.status_code, refused.get_json()["type"]) == (200, "/problems/cart-empty")
    assert lines_of(user) == {lamp.variant_id: 3}
    assert rows("SELECT count(*) FROM orders") == [(0,)]


@pytest.mark.parametrize("order", ["add first", "merge first"])
def test_what_a_guest_adds_during_a_merge_is_not_lost(
    client: FlaskClient, lamp: MadeProduct, order: str
) -> None:
    guest, user = make_guest(client), make_buyer(client)
    guest.put(lamp, 3)
    shopper = both_in_one(guest.twin(), user)
    line = {"variant_id": str(lamp.variant_id), "quantity": 1}
    work = [lambda: guest.post("/v1/cart/items", line), lambda: shopper.get("/v1/cart")]

    answers = behind_a_lock(CARTS, *(work if order == "add first" else work[::-1]))

    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert units(lamp.variant_id) == 4
    shopper.get("/v1/cart")
    assert lines_of(user) == {lamp.variant_id: 4}


@pytest.mark.parametrize("kind", ["patch", "delete", "add"])
def test_a_change_during_checkout_waits_and_leaves_the_order_as_it_was(
    client: FlaskClient, lamp: MadeProduct, kind: str
) -> None:
    guest = make_guest(client)
    guest.put(lamp, 3)
    (item,) = guest.get("/v1/cart").get_json()["items"]
    path, other = f"/v1/cart/items/{item['id']}", guest.twin()
    line = {"variant_id": str(lamp.variant_id), "quantity": 2}
    changes: dict[str, Callable[[], TestResponse]] = {
        "patch": lambda: other.client.patch(path, json={"quantity": 9}, headers=other.headers),
        "delete": lambda: other.client.delete(path, headers=other.headers),
        "add": lambda: other.post("/v1/cart/items", line),
    }

    placed, changed = behind_a_lock(CARTS, guest.check_out, changes[kind])

    assert (placed.status_code, changed.status_code) == (201, 201 if kind == "add" else 200)
    (ordered,) = placed.get_json()["order"]["lines"]
    assert ordered["quantity"] == 3
    assert sum(lines_of(guest).values()) == {"patch": 9, "delete": 0, "add": 5}[kind]
    assert rows("SELECT count(*) FROM orders") == [(1,)]


def test_what_was_bought_leaves_the_cart_that_it_was_merged_into_meanwhile(
    client: FlaskClient, lamp: MadeProduct
) -> None:
    guest, user = make_guest(client), make_buyer(client)
    guest.put(lamp, 3)
    order_id = UUID(guest.check_out().get_json()["order"]["id"])

    def remove() -> None:
        with transaction() as session:
            services.remove_bought(session, order_id, {lamp.variant_id: 3})

    (found,) = rows("SELECT u.id, c.token_hash FROM users u, carts c WHERE u.role = 'customer'")
    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            services.merge(session, user_id=found[0], token_hash=found[1])
            removing = pool.submit(remove)
            wait(lambda: lock_waiters() == 1)
        removing.result(timeout=20)

    assert lines_of(user) == {}


def test_what_was_bought_leaves_the_cart_once_when_two_remove_it_at_one_moment(
    client: FlaskClient, lamp: MadeProduct
) -> None:
    user = make_buyer(client)
    user.put(lamp, 3)
    order_id = UUID(user.check_out().get_json()["order"]["id"])
    user.put(lamp, 5)

    def remove() -> None:
        with transaction() as session:
            services.remove_bought(session, order_id, {lamp.variant_id: 3})

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            services.remove_bought(session, order_id, {lamp.variant_id: 3})
            removing = pool.submit(remove)
            wait(lambda: lock_waiters() == 1)
        removing.result(timeout=20)

    assert lines_of(user) == {lamp.variant_id: 5}
    assert rows("SELECT cart_id, joined_cart_id FROM orders") == [(None, None)]
