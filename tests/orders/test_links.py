"""The link in a mail opens one order, to be looked at."""

from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.identity.services import links
from app.orders.models import Order
from app.orders.queries import link_token
from app.orders.services import addressing
from app.platform.db import transaction
from app.platform.settings import settings
from tests.buyers import Buyer, Purchase, purchase
from tests.database import change, rows
from tests.identity.mailed import newest_token
from tests.work import drain

pytestmark = pytest.mark.usefixtures("stripe")


@pytest.fixture
def bought(client: FlaskClient) -> Purchase:
    return purchase(client)


def token_of(bought: Purchase) -> str:
    with transaction() as session:
        order = session.get_one(Order, bought.order_id)
        return link_token(order, secret=settings().jwt_secret_key)


def status(client: FlaskClient, path: str, **headers: Any) -> int:
    return client.get(path, headers=headers).status_code


def move(buyer: Buyer, email: str) -> UUID:
    """Change the address of the buyer's account, by the link that the answer is the id of."""
    assert buyer.post("/v1/users/me/email", {"email": email}).status_code == 202
    token = newest_token(links.CHANGE)
    assert buyer.client.post("/v1/auth/verify-email", json={"token": token}).status_code == 204
    return UUID(token.partition(".")[0])


def test_it_shows_the_order_and_its_timeline(client: FlaskClient, bought: Purchase) -> None:
    order, token = f"/v1/orders/{bought.order_id}", token_of(bought)
    number = client.get(f"{order}?token={token}").get_json()["number"]

    assert status(client, f"/v1/orders/{number}?token={token}") == 200
    items = client.get(f"{order}/timeline?token={token}&limit=5").get_json()["items"]
    assert [item["topic"] for item in items] == ["orders.placed"]


def test_it_opens_nothing_else(client: FlaskClient, bought: Purchase) -> None:
    order, token = f"/v1/orders/{bought.order_id}", token_of(bought)
    other = purchase(client)

    assert status(client, f"/v1/orders/{other.order_id}?token={token}") == 404
    assert client.post(f"{order}/cancel?token={token}").status_code == 401
    assert status(client, f"/v1/payments/{bought.payment_id}?token={token}") == 401
    assert status(client, f"/v1/orders?token={token}") == 401


@pytest.mark.parametrize("token", ["x", "A" * 43, "é", ""])
def test_another_token_finds_nothing(client: FlaskClient, bought: Purchase, token: str) -> None:
    assert status(client, f"/v1/orders/{bought.order_id}?token={token}") in {404, 422}
    assert status(client, f"/v1/orders/{bought.order_id}/timeline?token={token}") in {404, 422}


def test_it_is_for_the_address_that_got_the_mail(client: FlaskClient, bought: Purchase) -> None:
    token = token_of(bought)
    change("UPDATE orders SET email = 'other@example.com'")

    assert status(client, f"/v1/orders/{bought.order_id}?token={token}") == 404


def test_after_a_change_of_address_the_link_in_the_old_mailbox_is_dead(
    client: FlaskClient, bought: Purchase
) -> None:
    order, old = f"/v1/orders/{bought.order_id}", token_of(bought)

    move(bought.buyer, "new@example.com")
    done = drain(only=["orders.follow_change"])

    assert (done, status(client, f"{order}?token={old}")) == (["orders.follow_change"], 404)
    assert status(client, f"{order}?token={token_of(bought)}") == 200
    assert rows("SELECT email FROM orders") == [("new@example.com",)]


def test_a_change_of_address_is_about_the_orders_that_wrote_to_the_old_one(
    client: FlaskClient, bought: Purchase
) -> None:
    elsewhere, strangers, erased = (purchase(client).order_id for _ in range(3))
    ((mine, email),) = rows("SELECT user_id, email FROM orders WHERE id = :id", id=bought.order_id)
    change("UPDATE orders SET user_id = :me WHERE id = :id", me=mine, id=elsewhere)
    change("UPDATE orders SET email = :email WHERE id = :id", email=email, id=strangers)
    change(
        "UPDATE orders SET user_id = :me, email = :email, erased_at = now() WHERE id = :id",
        me=mine,
        email=email,
        id=erased,
    )
    before = rows("SELECT id, email FROM orders ORDER BY id")

    link_id = move(bought.buyer, "new@example.com")
    with transaction() as session:
        counts = [addressing.follow_change(session, link_id) for _ in range(2)]

    assert counts == [1, 0]
    assert rows("SELECT id, email FROM orders ORDER BY id") == [
        (each, "new@example.com" if each == bought.order_id else known) for each, known in before
    ]


def test_of_two_changes_of_address_the_later_one_counts_whichever_is_heard_of_first(
    bought: Purchase,
) -> None:
    changes = [move(bought.buyer, email) for email in ("new@example.com", "newer@example.com")]

    with transaction() as session:
        for each in reversed(changes):
            addressing.follow_change(session, each)

    assert rows("SELECT email FROM orders") == [("newer@example.com",)]


def test_the_orders_of_an_account_that_is_gone_are_left_to_be_forgotten(bought: Purchase) -> None:
    ((email,),) = rows("SELECT email FROM orders")
    link_id = move(bought.buyer, "new@example.com")
    change("UPDATE users SET status = 'deleted', deleted_at = now() WHERE email = 'new@example.com'")

    with transaction() as session:
        assert addressing.follow_change(session, link_id) == 0

    assert rows("SELECT email FROM orders") == [(email,)]


def test_a_wrong_token_does_not_take_from_the_buyer_what_is_theirs(bought: Purchase) -> None:
    assert bought.buyer.get(f"/v1/orders/{bought.order_id}?token=x").status_code == 200


def test_no_log_line_has_a_token(client: FlaskClient, bought: Purchase, logged: StringIO) -> None:
    token = token_of(bought)
    for path in (f"/v1/orders/{bought.order_id}", "/v1/orders/x", "/v1/nothing"):
        client.get(f"{path}?token={token}")
    client.get(f"/v1/orders/{bought.order_id}?token={token}&more=1")

    assert logged.getvalue().count('"event": "request"') == 4
    assert token not in logged.getvalue()
