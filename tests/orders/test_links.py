"""The link in a mail opens one order, to be looked at."""

from io import StringIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.orders.models import Order
from app.orders.queries import link_token
from app.platform.db import transaction
from app.platform.settings import settings
from tests.buyers import Purchase, purchase
from tests.database import change

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


def test_a_wrong_token_does_not_take_from_the_buyer_what_is_theirs(bought: Purchase) -> None:
    assert bought.buyer.get(f"/v1/orders/{bought.order_id}?token=x").status_code == 200


def test_no_log_line_has_a_token(client: FlaskClient, bought: Purchase, logged: StringIO) -> None:
    token = token_of(bought)
    for path in (f"/v1/orders/{bought.order_id}", "/v1/orders/x", "/v1/nothing"):
        client.get(f"{path}?token={token}")
    client.get(f"/v1/orders/{bought.order_id}?token={token}&more=1")

    assert logged.getvalue().count('"event": "request"') == 4
    assert token not in logged.getvalue()
