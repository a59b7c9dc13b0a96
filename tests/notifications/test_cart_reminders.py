"""Reminded once of what was left in a cart, by who agreed to it, and no more once it is not so."""

import re
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from app.carts import services as carts
from app.platform.db import transaction
from app.platform.settings import settings
from tests.buyers import Buyer, make_buyer, make_guest, purchase, shelf
from tests.database import change, rows
from tests.expiry import let_carts_lie
from tests.notifications.post import Post, html_of, text_of
from tests.work import ALL, drain, reach

ME = "/v1/users/me"


def agree(buyer: Buyer, *, agrees: bool = True) -> None:
    answer = buyer.client.patch(ME, json={"cart_reminders": agrees}, headers=buyer.headers)
    assert answer.get_json()["cart_reminders"] is agrees


def look_after() -> list[str]:
    """What the job leads to, up to the mail."""
    with transaction() as session:
        carts.tend(session, after=None, remind_after=settings().cart_reminder_after)
    return drain(queues=ALL)


@pytest.fixture
def ada(client: FlaskClient, post: Post) -> Buyer:
    """A buyer with a proved address, who agreed to be reminded and left two lamps in her cart."""
    buyer = make_buyer(client)
    change("UPDATE users SET email_verified_at = now()")
    agree(buyer)
    buyer.put(shelf(name="Lamp <of brass>"))
    drain()
    return buyer


def reminders(post: Post) -> list[str]:
    return [mail["To"] for mail in post.mails() if mail["Subject"] == "You left something in your cart"]


def test_who_agreed_is_reminded_once_each_time_and_stops_it_without_a_login(ada: Buyer, post: Post) -> None:
    let_carts_lie(22)
    early = look_after()
    let_carts_lie(2)
    ran, again = look_after(), look_after()

    mail = post.only_mail()
    assert (early, ran, again) == ([], ["notifications.cart_reminder"], [])
    assert "2 × Lamp <of brass>." in text_of(mail)
    assert "2 × Lamp &lt;of brass&gt;." in html_of(mail)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip("<>")
    assert link in text_of(mail).replace("\r\n", "")
    assert link in html_of(mail)

    ada.put(shelf())
    let_carts_lie(24)
    look_after()
    assert len(reminders(post)) == 2

    anybody = ada.client.application.test_client()
    parts = urlsplit(link)
    page = anybody.get(f"{parts.path}?{parts.query}")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert ada.get(ME).get_json()["cart_reminders"] is True
    form = {"List-Unsubscribe": "One-Click"}
    done = [anybody.post(f"{parts.path}?{parts.query}", data=form).status_code for _ in range(2)]
    forged = anybody.post(re.sub(r".$", "!", f"{parts.path}?{parts.query}"), data=form)
    assert (done, forged.status_code) == ([200, 200], 404)
    assert ada.get(ME).get_json()["cart_reminders"] is False
    ada.put(shelf())
    let_carts_lie(24)
    assert (look_after(), len(reminders(post))) == ([], 2)


@pytest.mark.parametrize("what", ["empty", "touch", "order", "stop", "off sale"])
def test_a_reminder_that_is_on_its_way_is_not_sent_when_it_is_not_so_any_more(
    ada: Buyer, post: Post, what: str
) -> None:
    let_carts_lie(24)
    reach("carts.tend")
    item = rows("SELECT id FROM cart_items")[0][0]

    if what == "empty":
        ada.client.delete("/v1/cart", headers=ada.headers)
    elif what == "touch":
        ada.client.patch(f"/v1/cart/items/{item}", json={"quantity": 1}, headers=ada.headers)
    elif what == "order":
        assert ada.check_out(payment_flow="manual").status_code == 201
    elif what == "stop":
        agree(ada, agrees=False)
    else:
        change("UPDATE products SET status = 'archived'")
    ran = drain(queues=("email",), only=["notifications.cart_reminder"])

    assert (ran, reminders(post)) == (["notifications.cart_reminder"], [])


def test_nobody_else_is_reminded(client: FlaskClient, post: Post) -> None:
    """No guest, nobody who did not agree, who has not proved the address, whose cart is empty or ordered."""
    guest, silent, unproved, emptied = make_guest(client), *(make_buyer(client) for _ in range(3))
    for somebody in (guest, silent, unproved, emptied):
        somebody.put(shelf())
    for somebody in (unproved, emptied):
        agree(somebody)
    bought = purchase(client, payment_flow="manual")
    agree(bought.buyer)
    emptied.client.delete("/v1/cart", headers=emptied.headers)
    second = "(SELECT id FROM users ORDER BY id OFFSET 1 LIMIT 1)"
    change(f"UPDATE users SET email_verified_at = now() WHERE id <> {second}")  # noqa: S608  # is ours
    drain(queues=ALL)
    let_carts_lie(24)
    change("UPDATE orders SET placed_at = placed_at - interval '24 days'")

    assert (look_after(), reminders(post)) == ([], [])
