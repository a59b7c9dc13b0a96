"""Whoever deletes their account is forgotten; what they bought stays in the books."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.ops.services import doctor
from app.platform.db import transaction
from app.settlement import services as settlement
from tests.buyers import Buyer, Guest, Purchase, make_buyer, make_guest, shelf
from tests.database import change, rows
from tests.factories import PASSWORD, bearer, make_user
from tests.leaks import tables_with
from tests.sales import ADDRESS, HOLDS
from tests.stand_in import StandIn
from tests.wallets import save
from tests.webhooks import deliver_all
from tests.work import WITHOUT_MAIL, drain, reach

ME = "/v1/users/me"
JUST_EXPIRED = "status = 'cancelled', cancel_reason = 'expired', cancelled_at = now()"
OVER = "UPDATE orders SET cancelled_at = cancelled_at - interval '31 days'"


def delete(buyer: Buyer) -> int:
    return buyer.client.delete(ME, headers=buyer.headers).status_code


def person_of(buyer: Buyer) -> tuple[str, str]:
    """Id and address of an account."""
    me = buyer.get(ME).get_json()
    return me["id"], me["email"]


def everywhere(text: str) -> list[str]:
    """The tables that hold a text."""
    return sorted(tables_with(rows, {"it": text})["it"])


def test_nothing_but_an_id_is_left_of_an_account(client: FlaskClient) -> None:
    buyer = make_buyer(client)
    user_id, email = person_of(buyer)
    entry = ADDRESS | {"type": "shipping", "line1": "1 Canary Lane"}
    buyer.client.post(
        "/v1/users/me/addresses", json=entry, headers=buyer.headers | {"Idempotency-Key": "first"}
    )
    buyer.post("/v1/auth/password-reset", {"email": email})
    buyer.post("/v1/users/me/exports")
    drain(queues=("email", *WITHOUT_MAIL))
    known_at = everywhere("1 Canary Lane")

    status = delete(buyer)
    drain()

    assert (status, buyer.get(ME).status_code) == (204, 401)
    assert known_at == ["addresses", "data_exports", "idempotency_keys"]
    assert (everywhere(email), everywhere("1 Canary Lane"), everywhere("Ada Lovelace")) == ([], [], [])
    assert rows("SELECT kind, recipient FROM messages ORDER BY kind") == [
        ("export_ready", "erased@deleted.invalid"),
        ("password_reset", "erased@deleted.invalid"),
    ]
    assert rows("SELECT id::text, email, full_name, status FROM users") == [
        (user_id, f"{user_id}@deleted.invalid", "Deleted account", "deleted")
    ]
    assert rows("SELECT id FROM user_sessions UNION SELECT id FROM mail_links") == []
    with transaction() as session:
        make_user(session, email=email)
    assert bearer(client, email)


def test_what_was_saved_at_stripe_is_taken_away_there(client: FlaskClient, stripe: StandIn) -> None:
    buyer = make_buyer(client)
    save(buyer, stripe)
    ((customer,),) = rows("SELECT provider_id FROM provider_customers")
    saved_before = stripe.client.v1.customers.payment_methods.list(customer).data

    delete(buyer)
    drain()

    assert (len(saved_before), stripe.client.v1.customers.payment_methods.list(customer).data) == (1, [])
    assert rows("SELECT id FROM saved_methods") == []


def test_nobody_logs_in_to_a_deleted_account(client: FlaskClient) -> None:
    buyer = make_buyer(client)
    user_id, email = person_of(buyer)
    delete(buyer)

    for address in (email, f"{user_id}@deleted.invalid"):
        body = {"email": address, "password": PASSWORD}
        assert client.post("/v1/auth/login", json=body).status_code in {401, 422}


def test_a_deletion_asks_for_a_recent_password(client: FlaskClient) -> None:
    buyer = make_buyer(client)
    change("UPDATE user_sessions SET authenticated_at = now() - interval '601 seconds'")

    assert (delete(buyer), rows("SELECT status FROM users")) == (403, [("active",)])
    assert buyer.post("/v1/auth/step-up", {"password": PASSWORD}).status_code == 204
    assert delete(buyer) == 204


@pytest.mark.parametrize("role", ["seller", "admin"])
def test_those_whom_the_shop_depends_on_are_not_deleted(client: FlaskClient, role: str) -> None:
    assert delete(make_buyer(client, role)) == 409
    assert rows("SELECT status FROM users") == [("active",)]


@pytest.mark.parametrize("how_it_stands", ["status = 'pending'", JUST_EXPIRED])
def test_an_order_keeps_its_buyer_while_it_is_under_way_and_for_a_month(
    bought: Purchase, how_it_stands: str
) -> None:
    delete(bought.buyer)
    change(f"UPDATE orders SET {how_it_stands}")  # noqa: S608  # our own words

    reach("orders.erase_due")

    assert rows("SELECT erased_at, shipping_address ->> 'name' FROM orders") == [(None, "Ada Lovelace")]


def name_in_orders() -> list[Any]:
    return [name for (name,) in rows("SELECT shipping_address ->> 'name' FROM orders")]


@pytest.mark.parametrize(("age", "name"), [("179 days", "Ada Lovelace"), ("181 days", "")])
def test_an_order_of_a_deleted_account_that_nobody_ends_forgets_its_buyer_with_time(
    bought: Purchase, age: str, name: str
) -> None:
    delete(bought.buyer)
    change(f"UPDATE orders SET status = 'paid', paid_at = now() - interval '{age}'")  # noqa: S608  # our own words

    reach("orders.erase_due")

    assert name_in_orders() == [name]


@pytest.mark.parametrize(("age", "name"), [("179 days", "Ada Lovelace"), ("181 days", "")])
def test_an_order_of_a_guest_forgets_its_buyer_with_time(
    client: FlaskClient, stripe: StandIn, age: str, name: str
) -> None:
    guest = make_guest(client)
    guest.put(shelf())
    guest.check_out()
    drain(queues=("email", *WITHOUT_MAIL))
    change(f"UPDATE orders SET status = 'paid', paid_at = now() - interval '{age}'")  # noqa: S608  # our own words

    reach("orders.erase_due")
    drain()

    assert name_in_orders() == [name]
    assert everywhere(Guest.EMAIL) == ([] if name == "" else ["messages", "orders"])


def test_the_orders_of_somebody_with_an_account_stay_theirs(bought: Purchase) -> None:
    long_ago = "now() - interval '9 years'"
    change(f"UPDATE orders SET status = 'delivered', paid_at = {long_ago}, delivered_at = {long_ago}")  # noqa: S608  # our own words

    reach("orders.erase_due")

    assert name_in_orders() == ["Ada Lovelace"]


def test_an_order_that_is_long_over_forgets_its_buyer_and_keeps_the_books(bought: Purchase) -> None:
    bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel")
    drain(queues=("email", *WITHOUT_MAIL))
    change("UPDATE orders SET gift_message = 'for Canary', billing_address = shipping_address")
    _, email = person_of(bought.buyer)
    before = rows("SELECT number, total_amount, tax_amount, status FROM orders")
    delete(bought.buyer)
    change(OVER)

    reach("orders.erase_due")
    drain()

    assert rows("SELECT number, total_amount, tax_amount, status FROM orders") == before
    ((address, billing, erased),) = rows(
        "SELECT shipping_address, billing_address, erased_at IS NOT NULL FROM orders"
    )
    assert (address["country"], address["name"], address["line1"], erased) == ("GB", "", "", True)
    assert billing == address
    assert (everywhere(email), everywhere("for Canary")) == ([], [])
    assert rows("SELECT DISTINCT recipient FROM messages") == [("erased@deleted.invalid",)]
    with transaction() as session:
        assert doctor.broken(doctor.examine(session)) == []


def test_late_money_for_an_erased_order_goes_back(bought: Purchase) -> None:
    change(f"UPDATE orders SET {JUST_EXPIRED}, erased_at = now()")  # noqa: S608  # our own words

    with transaction() as session:
        settlement.settle(session, bought.seen("succeeded"), holds=HOLDS)

    assert rows("SELECT status FROM orders") == [("cancelled",)]
    assert rows("SELECT status FROM refunds") == [("owed",)]


def test_what_operators_wrote_about_its_money_goes_with_the_buyer(
    client: FlaskClient, bought: Purchase, stripe: StandIn
) -> None:
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    wanted = {"amount": {"amount": 100, "currency": "USD"}, "reason": "other", "note": "For Canary."}
    admin = make_buyer(client, "admin")
    refunded = admin.post(f"/v1/admin/orders/{bought.order_id}/refunds", wanted, key="first")
    change(
        "INSERT INTO payment_reviews"
        " (id, order_id, payment_id, concerns, object_id, reason, amount, currency, note)"
        " SELECT id, order_id, id, 'payment', 'pi_2', 'amount', 1, currency, 'Of Canary.' FROM payments"
    )
    delete(bought.buyer)
    before = everywhere("Canary.")
    change("UPDATE orders SET paid_at = now() - interval '181 days'")

    reach("orders.erase_due")
    drain()

    assert refunded.status_code == 201
    assert before == ["idempotency_keys", "payment_reviews", "refunds"]  # neither events nor the audit log
    assert everywhere("Canary.") == ["idempotency_keys"]  # for a day
