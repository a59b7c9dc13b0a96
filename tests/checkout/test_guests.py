"""A guest buys over HTTP, then has an account."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.platform.tokens import hash_of, new_token
from tests.buyers import Buyer, Guest, both_in_one, lines_of, make_buyer, make_guest, shelf
from tests.database import change, count, rows
from tests.factories import PASSWORD, money
from tests.sales import ADDRESS, TOTAL
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain

pytestmark = pytest.mark.usefixtures("stripe")


@pytest.fixture
def guest(client: FlaskClient) -> Guest:
    """Somebody with two units of something for 10.00 in the cart."""
    somebody = make_guest(client)
    somebody.put(shelf())
    return somebody


def placed_by(guest: Buyer, **changes: Any) -> dict[str, Any]:
    answer = guest.check_out(**changes)
    assert answer.status_code == 201
    body: dict[str, Any] = answer.get_json()
    return body


def pay(placed: dict[str, Any], client: FlaskClient, stripe: StandIn) -> None:
    stripe.confirm(placed["payment"]["provider_id"])
    deliver_all(client, stripe)
    drain()


def topics(somebody: Buyer, order_id: str) -> list[str]:
    items = somebody.get(f"/v1/orders/{order_id}/timeline").get_json()["items"]
    return [item["topic"] for item in items]


def test_a_guest_buys_follows_the_order_registers_and_has_it(
    client: FlaskClient, guest: Guest, stripe: StandIn
) -> None:
    placed = placed_by(guest)
    order_id, payment = placed["order"]["id"], placed["payment"]
    assert payment["client_secret"].startswith(payment["provider_id"])

    stripe.confirm(payment["provider_id"])
    assert guest.post(f"/v1/payments/{payment['id']}/confirm").status_code == 202
    drain()

    assert guest.get(f"/v1/payments/{payment['id']}").get_json()["status"] == "succeeded"
    assert guest.get(f"/v1/orders/{order_id}").get_json()["status"] == "paid"
    sold = ["orders.placed", "orders.paid", "orders.finalized", "invoicing.invoice_issued"]
    assert topics(guest, order_id) == sold
    assert [item["id"] for item in guest.get("/v1/orders").get_json()["items"]] == [order_id]
    assert lines_of(guest) == {}

    account = {"email": "new@example.com", "password": PASSWORD, "full_name": "Ada Lovelace"}
    tokens = guest.post("/v1/auth/register", account).get_json()
    assert "carts.merge" in drain()
    user = Buyer(client, {"Authorization": f"Bearer {tokens['access_token']}"})

    assert [item["id"] for item in user.get("/v1/orders").get_json()["items"]] == [order_id]
    assert user.get(f"/v1/orders/{order_id}").get_json()["status"] == "paid"
    assert topics(user, order_id)[-1] == "orders.claimed"
    assert guest.get(f"/v1/orders/{order_id}").status_code == 200
    assert rows("SELECT email, guest_token_hash FROM orders") == [(Guest.EMAIL, hash_of(guest.token))]


def test_a_login_takes_over_what_was_in_the_cart(client: FlaskClient, guest: Guest) -> None:
    lines = lines_of(guest)
    account = {"email": "ada@example.com", "password": PASSWORD, "full_name": "Ada"}
    client.post("/v1/auth/register", json=account)
    who = {"email": "ada@example.com", "password": PASSWORD}

    tokens = guest.post("/v1/auth/login", who).get_json()
    drain()

    assert lines_of(Buyer(client, {"Authorization": f"Bearer {tokens['access_token']}"})) == lines
    assert lines_of(guest) == {}


def test_a_guest_cancels(guest: Guest) -> None:
    order = placed_by(guest)["order"]

    answer = guest.post(f"/v1/orders/{order['number']}/cancel")
    drain()

    assert answer.status_code == 202
    shown = guest.get(f"/v1/orders/{order['id']}").get_json()
    assert (shown["status"], shown["cancel_reason"]) == ("cancelled", "buyer")
    assert rows("SELECT on_hand, reserved FROM stock_levels") == [(5, 0)]


def answers_of(somebody: Buyer, placed: dict[str, Any]) -> list[int]:
    """The status of every call about an order and its payment."""
    order, payment = f"/v1/orders/{placed['order']['id']}", f"/v1/payments/{placed['payment']['id']}"
    read = [somebody.get(path).status_code for path in (order, f"{order}/timeline", payment)]
    return [*read, *(somebody.post(path).status_code for path in (f"{payment}/confirm", f"{order}/cancel"))]


def test_strangers_find_nothing(client: FlaskClient, guest: Guest) -> None:
    placed = placed_by(guest)
    other = make_guest(client)
    other.put(shelf())

    assert answers_of(other, placed) == [404] * 5
    assert answers_of(Buyer(client, {"X-Cart-Token": new_token()}), placed) == [404] * 5
    assert answers_of(make_buyer(client), placed) == [404] * 5
    assert answers_of(Buyer(client, {}), placed) == [401] * 5
    assert answers_of(Buyer(client, guest.headers | {"Authorization": "Bearer x"}), placed) == [401] * 5
    assert other.get("/v1/orders").get_json()["items"] == []
    assert rows("SELECT status FROM orders") == [("pending",)]


def test_a_user_with_the_guests_token_sees_both_their_orders(client: FlaskClient, guest: Guest) -> None:
    user = make_buyer(client)
    user.put(shelf())
    theirs, own = placed_by(guest)["order"]["id"], placed_by(user)["order"]["id"]

    listed = both_in_one(guest, user).get("/v1/orders").get_json()["items"]

    assert [item["id"] for item in listed] == [own, theirs]
    assert both_in_one(guest, user).get(f"/v1/orders/{theirs}").status_code == 200
    assert user.get(f"/v1/orders/{theirs}").status_code == 404


def test_the_token_opens_an_order_for_thirty_days(guest: Guest) -> None:
    placed = placed_by(guest)
    age = "UPDATE orders SET placed_at = now() - interval '30 days' + make_interval(mins => :minutes)"

    change(age, minutes=1)
    assert guest.get(f"/v1/orders/{placed['order']['id']}").status_code == 200
    change(age, minutes=-1)

    assert answers_of(guest, placed) == [404] * 5
    assert guest.get("/v1/orders").get_json()["items"] == []


@pytest.mark.parametrize(
    "email", [None, "", "nobody", "a@b@c.example", "x" * 250 + "@example.com", "größe@example.com"]
)
def test_a_guest_has_to_say_where_to_write_to(guest: Guest, email: str | None) -> None:
    answer = guest.check_out(email=email)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["email"])
    assert (count("orders"), count("idempotency_keys")) == (0, 0)


def test_a_guest_at_a_domain_in_any_letters_can_be_written_to(guest: Guest) -> None:
    assert guest.check_out(email="ada@größe.example").status_code == 201


def test_a_user_says_no_email(client: FlaskClient) -> None:
    user = make_buyer(client)
    user.put(shelf())

    answer = user.check_out(email="other@example.com")

    assert (answer.status_code, answer.get_json()["errors"]) == (422, {"email": ["Only for guests."]})


def test_a_guest_without_a_cart_has_nothing_to_buy(client: FlaskClient) -> None:
    assert make_guest(client).check_out().status_code == 401
    unknown = Guest(client, {"X-Cart-Token": new_token()})
    assert unknown.check_out().get_json()["type"] == "/problems/cart-empty"


def test_the_unchanged_cart_is_the_same_order_unless_another_email_is_given(guest: Guest) -> None:
    first = placed_by(guest)["order"]["id"]

    assert placed_by(guest)["order"]["id"] == first
    assert placed_by(guest, email="  Guest@Example.com ")["order"]["id"] == first
    other = guest.check_out(email="other@example.com")
    assert (other.status_code, other.get_json()["order_id"]) == (409, first)
    assert (count("orders"), count("payments")) == (1, 1)


def test_a_key_is_the_guests_own(client: FlaskClient, guest: Guest) -> None:
    other = make_guest(client)
    other.put(shelf())

    first, again, others = guest.check_out("k"), guest.check_out("k"), other.check_out("k")

    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.get_json() == again.get_json()
    assert first.get_json()["order"]["id"] != others.get_json()["order"]["id"]


def test_a_guest_is_told_of_a_changed_total_and_of_what_went_off_sale(guest: Guest) -> None:
    change("UPDATE variants SET price_amount = 1200")
    dearer = guest.check_out(expected_total=money(TOTAL))
    change("UPDATE products SET status = 'archived'")
    gone = guest.check_out()

    assert (dearer.status_code, dearer.get_json()["total"]) == (409, money(3131))
    (item,) = guest.get("/v1/cart").get_json()["items"]
    assert (gone.status_code, gone.get_json()["unavailable"]) == (409, [item["variant_id"]])
    assert (item["available"], item["line_total"]) == (0, money(0))
    assert count("orders") == 0


def test_two_open_orders_of_a_merged_cart_are_both_kept_and_nothing_is_bought_twice(
    client: FlaskClient, guest: Guest, stripe: StandIn
) -> None:
    user, chair = make_buyer(client), shelf()
    user.put(chair, 1)
    lamp = next(iter(lines_of(guest)))
    own, theirs = placed_by(user), placed_by(guest)
    shopper = both_in_one(guest, user)

    assert len(lines_of(shopper)) == 2
    refused = user.check_out()
    assert refused.get_json()["order_id"] in {own["order"]["id"], theirs["order"]["id"]}
    assert lines_of(user) == {chair.variant_id: 1, lamp: 2}
    pay(theirs, client, stripe)
    assert lines_of(user) == {chair.variant_id: 1}
    again = placed_by(user)
    pay(own, client, stripe)

    assert again["order"]["id"] == own["order"]["id"]
    assert lines_of(user) == {}
    assert rows("SELECT status FROM orders") == [("paid",)] * 2
    assert rows("SELECT on_hand, reserved FROM stock_levels ORDER BY on_hand") == [(3, 0), (4, 0)]


def test_an_open_order_goes_along_with_its_cart(client: FlaskClient, guest: Guest) -> None:
    lines, order_id = lines_of(guest), placed_by(guest)["order"]["id"]
    user = make_buyer(client)
    shopper = both_in_one(guest, user)

    same = placed_by(shopper, email=None)
    another = shopper.check_out(email=None, shipping_address=ADDRESS | {"line1": "1 Elsewhere"})
    user.post(f"/v1/orders/{order_id}/cancel")
    drain()

    assert same["order"]["id"] == order_id
    assert another.get_json()["order_id"] == order_id
    assert lines_of(user) == lines
    assert placed_by(user)["order"]["id"] != order_id


def test_the_same_goods_that_a_guest_put_aside_before_the_purchase_are_another_order(
    client: FlaskClient, stripe: StandIn
) -> None:
    guest, user, chair = make_guest(client), make_buyer(client), shelf()
    for each in (guest, user):
        each.put(chair)
    bought = placed_by(user)
    pay(bought, client, stripe)
    assert lines_of(both_in_one(guest, user)) == {chair.variant_id: 2}

    another = placed_by(user)

    assert another["order"]["id"] != bought["order"]["id"]
    assert another["order"]["status"] == "pending"
    assert rows("SELECT on_hand, reserved FROM stock_levels") == [(3, 2)]
