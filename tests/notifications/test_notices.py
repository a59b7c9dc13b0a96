"""Told once that a variant is low on stock, or back, whatever is repeated."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.inventory import services as inventory
from app.notifications.services import notices
from app.ops.services import doctor
from app.platform.db import transaction
from app.platform.ids import new_id
from tests.buyers import make_buyer, shelf
from tests.database import change, rows
from tests.factories import MadeProduct, add_stock, make_user
from tests.notifications.post import Post, text_of
from tests.threads import AT_ONCE, at_once
from tests.work import ALL, drain

WAITING = "SELECT count(*) FROM stock_notices WHERE told_at IS NULL"


def take(lamp: MadeProduct, units: int) -> UUID:
    """Reserve units; who holds them."""
    holder = new_id()
    with transaction() as session:
        inventory.reserve(session, holder_id=holder, quantities={lamp.variant_id: units})
    return holder


def give_back(holder: UUID) -> None:
    with transaction() as session:
        inventory.release(session, holder_id=holder)


def restock(lamp: MadeProduct, units: int = 1) -> None:
    with transaction() as session:
        add_stock(session, lamp.sku, units)


def path(lamp: MadeProduct) -> str:
    return f"/v1/variants/{lamp.variant_id}/back-in-stock"


def told(post: Post, subject: str) -> list[str]:
    """Who got mails of this subject."""
    return sorted(mail["To"] for mail in post.mails() if mail["Subject"] == subject)


def healthy() -> bool:
    """Whether messages and work add up; who holds units here is nobody, which is I26."""
    with transaction() as session:
        return {each.invariant.id for each in doctor.broken(doctor.examine(session))} <= {"I26"}


def test_the_seller_and_who_keeps_the_catalog_are_told_once_per_crossing(
    client: FlaskClient, post: Post
) -> None:
    lamp = shelf(stock=5)
    change("UPDATE stock_levels SET low_stock_threshold = 2")
    with transaction() as session:
        keeper, other = (make_user(session, role="admin") for _ in range(2))
        other.permissions = ["orders"]
    ((seller,),) = rows("SELECT email FROM users WHERE id = :id", id=lamp.seller_id)

    first = take(lamp, 3)
    take(lamp, 1)
    drain(queues=ALL)

    assert told(post, "Low on stock") == sorted([seller, keeper.email])
    assert f"Garden chair ({lamp.sku}) is low on stock: 1 can still be sold." in " ".join(
        text_of(post.mails()[0]).split()
    )
    assert healthy()

    give_back(first)
    take(lamp, 2)
    drain(queues=ALL)

    assert told(post, "Low on stock") == sorted([seller, keeper.email] * 2)


def test_a_crossing_that_is_announced_twice_is_one(client: FlaskClient) -> None:
    lamp, crossing = shelf(stock=1), new_id()

    def announce(_: int) -> None:
        with transaction() as session:
            notices.announce_low_stock(session, lamp.variant_id, crossing_id=crossing)

    at_once(announce)

    assert rows("SELECT user_id, kind FROM stock_notices") == [(lamp.seller_id, "low_stock")]
    assert rows("SELECT count(*) FROM deliveries WHERE consumer = 'notifications.low_stock'") == [(1,)]


def test_what_is_restocked_before_the_mail_is_written_is_not_told(client: FlaskClient, post: Post) -> None:
    lamp = shelf(stock=1)
    holder = take(lamp, 1)
    drain()
    give_back(holder)

    drain(queues=ALL)

    assert (told(post, "Low on stock"), healthy()) == ([], True)


def test_who_waits_is_told_when_it_is_back_and_not_again(client: FlaskClient, post: Post) -> None:
    lamp, ada, bob = shelf(stock=0), make_buyer(client), make_buyer(client)
    for buyer in (ada, ada, bob):
        assert buyer.post(path(lamp)).status_code == 201
    assert client.delete(path(lamp), headers=bob.headers).status_code == 204
    assert client.delete(path(lamp), headers=bob.headers).status_code == 404

    restock(lamp)
    drain(queues=ALL)
    give_back(take(lamp, 1))
    drain(queues=ALL)

    assert told(post, "Back in stock") == [ada.get("/v1/users/me").get_json()["email"]]
    assert rows(WAITING) == [(0,)]
    assert healthy()


def test_there_is_nothing_to_wait_for_while_it_can_be_had_or_is_not_sold(client: FlaskClient) -> None:
    ada, lamp, draft = make_buyer(client), shelf(stock=2), shelf(status="draft")

    answer = ada.post(path(lamp))

    assert (answer.status_code, answer.get_json()["available"]) == (409, 2)
    assert ada.post(path(draft)).status_code == 404
    assert rows(WAITING) == [(0,)]


def test_who_is_not_reached_before_it_is_sold_out_again_goes_on_waiting(client: FlaskClient) -> None:
    lamp, ada = shelf(stock=0), make_buyer(client)
    ada.post(path(lamp))
    restock(lamp)
    take(lamp, 1)

    drain()

    assert rows(WAITING) == [(1,)]


def test_many_are_told_in_steps_and_each_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "STEP", 2)
    lamp = shelf(stock=0)
    for _ in range(5):
        make_buyer(client).post(path(lamp))
    restock(lamp)

    def tell(_: int) -> None:
        with transaction() as session:
            notices.tell_waiting(session, lamp.variant_id)

    at_once(tell)
    ran = drain(only=["notifications.tell_waiting"])

    assert len(ran) >= 1
    assert rows(WAITING) == [(0,)]
    noticed = "SELECT count(*), count(DISTINCT dedupe_key) FROM deliveries WHERE consumer = :name"
    assert rows(noticed, name="notifications.back_in_stock") == [(5, 5)]


def test_a_wish_and_a_unit_that_come_at_once_do_not_miss_each_other(client: FlaskClient) -> None:
    lamp = shelf(stock=0)
    people = [make_buyer(client) for _ in range(AT_ONCE)]

    def come(number: int) -> int:
        if number == AT_ONCE - 1:
            restock(lamp)
            return 0
        return people[number].post(path(lamp)).status_code

    answers = at_once(come)
    drain()

    assert set(answers) <= {0, 201, 409}
    assert rows(WAITING) == [(0,)]


def test_who_deletes_their_account_waits_no_more(client: FlaskClient, post: Post) -> None:
    lamp, ada = shelf(stock=0), make_buyer(client)
    ada.post(path(lamp))

    assert client.delete("/v1/users/me", headers=ada.headers).status_code == 204
    restock(lamp)
    drain(queues=ALL)

    assert (told(post, "Back in stock"), rows("SELECT 1 FROM stock_notices")) == ([], [])
