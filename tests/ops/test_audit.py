"""What admins change is written down by the database, in the same transaction, and stays so."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.platform import context
from app.platform.db import transaction
from tests.buyers import Buyer, Purchase, make_buyer, shelf
from tests.database import change, rows
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import WITHOUT_MAIL, drain

LOG = "/v1/admin/audit-log"
COLUMNS = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, role="admin")


def entries(admin: Buyer, query: str = "") -> list[dict[str, Any]]:
    answer = admin.get(f"{LOG}{query}")
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def test_a_change_by_an_admin_is_told_with_who_what_before_and_after(admin: Buyer) -> None:
    lamp = shelf(stock=5)
    sku = rows("SELECT sku FROM variants")[0][0]

    answer = admin.post(f"/v1/admin/inventory/{sku}/adjustments", {"change": -2, "reason": "damaged"})

    level, movement = sorted(entries(admin), key=lambda entry: entry["thing"])
    user_id = rows("SELECT id FROM users WHERE role = 'admin'")[0][0]
    assert (level["actor"], level["call"], level["request_id"], level["act"]) == (
        f"user:{user_id}",
        "POST /v1/admin/inventory/<sku>/adjustments",
        answer.headers["X-Request-Id"],
        "update",
    )
    assert (level["thing"], level["thing_id"]) == ("stock_levels", str(lamp.variant_id))
    assert (level["before"], level["after"]) == ({"on_hand": 5}, {"on_hand": 3})
    assert (movement["thing"], movement["act"], movement["before"]) == ("stock_movements", "insert", None)
    assert (movement["after"]["change"], movement["after"]["reason"]) == (-2, "damaged")


def test_what_buyers_and_workers_change_is_not_in_it(bought: Purchase, admin: Buyer) -> None:
    bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel")
    admin.get("/v1/admin/refunds")

    assert entries(admin) == []


def test_an_admin_who_cancels_somebodys_order_is_told(bought: Purchase, admin: Buyer) -> None:
    admin.post(f"/v1/orders/{bought.order_id}/cancel")

    (entry,) = entries(admin, f"?thing=orders&thing_id={bought.order_id}")
    assert entry["before"] == {"cancel_requested_at": None, "cancel_requested_reason": None}
    assert entry["after"]["cancel_requested_reason"] == "admin"


def test_what_is_refused_leaves_nothing(bought: Purchase, admin: Buyer) -> None:
    body = {"reason": "requested_by_customer", "amount": {"amount": 100, "currency": "USD"}}

    answer = admin.post(f"/v1/admin/orders/{bought.order_id}/refunds", body, key="once")

    assert (answer.status_code, entries(admin)) == (409, [])


def test_it_is_searched_by_all_that_an_entry_tells(admin: Buyer) -> None:
    shelf(stock=5)
    sku = rows("SELECT sku FROM variants")[0][0]
    for units in (-2, 1):
        admin.post(
            f"/v1/admin/inventory/{sku}/adjustments",
            {"change": units, "reason": "damaged" if units < 0 else "received"},
        )
    newest = entries(admin)[0]

    for name in ("actor", "call", "thing", "thing_id", "request_id"):
        assert newest in entries(admin, f"?{name}={newest[name].replace('<', '%3C').replace('>', '%3E')}")
        assert entries(admin, f"?{name}=other") == []
    assert len(entries(admin, f"?request_id={newest['request_id']}")) == 2
    assert entries(admin, "?until=2020-01-01T00:00:00Z") == []
    assert entries(admin, "?since=2099-01-01T00:00:00Z") == []
    assert len(entries(admin, "?since=2020-01-01T00:00:00Z&until=2099-01-01T00:00:00Z")) == 4


def test_it_is_read_in_pages_newest_first(admin: Buyer) -> None:
    shelf(stock=5)
    sku = rows("SELECT sku FROM variants")[0][0]
    for _ in range(2):
        admin.post(f"/v1/admin/inventory/{sku}/adjustments", {"change": 1, "reason": "received"})

    page = admin.get(f"{LOG}?limit=3").get_json()
    rest = admin.get(f"{LOG}?limit=3&cursor={page['next_cursor']}").get_json()

    assert rest["next_cursor"] is None
    ids = [entry["id"] for entry in page["items"] + rest["items"]]
    assert (len(ids), ids) == (4, sorted(ids, reverse=True))


def test_secrets_and_personal_data_are_only_told_to_have_changed(admin: Buyer) -> None:
    context.begin(operator="operator:root", call="flask shell")
    with transaction() as session:
        session.execute(text("UPDATE users SET email = 'b@example.com', phone = '+1', role = 'seller'"))
    context.begin()

    assert rows("SELECT actor, call, before, after FROM audit_log") == [
        (
            "operator:root",
            "flask shell",
            {"email": "hidden", "phone": None, "role": "admin"},
            {"email": "hidden", "phone": "hidden", "role": "seller"},
        )
    ]


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET actor = 'nobody'", "DELETE FROM audit_log"])
def test_nobody_rewrites_it(admin: Buyer, statement: str) -> None:
    shelf(stock=5)
    sku = rows("SELECT sku FROM variants")[0][0]
    admin.post(f"/v1/admin/inventory/{sku}/adjustments", {"change": 1, "reason": "received"})
    before = entries(admin)

    with pytest.raises(ProgrammingError, match="only ever added to"), transaction() as session:
        session.execute(text(statement))

    assert entries(admin) == before


def test_only_admins_who_may_see_users_see_it(client: FlaskClient) -> None:
    assert make_buyer(client).get(LOG).status_code == 403
    assert client.get(LOG).status_code == 401


def test_no_secret_and_nothing_about_people_is_in_it(client: FlaskClient) -> None:
    triggers = rows(
        "SELECT tgrelid::regclass::text, encode(tgargs, 'escape') FROM pg_trigger WHERE tgname = 'audit'"
    )

    hidden = {table: set(args.split("\\000")[1].split(", ")) - {""} for table, args in triggers}
    assert {table: columns for table, columns in hidden.items() if columns} == {
        "users": {"email", "password_hash", "full_name", "phone", "shop_name"},
        "api_keys": {"secret_hash"},
        "addresses": {"name", "company", "line1", "line2", "city", "region", "postal_code", "phone"},
        "orders": {
            "email",
            "shipping_address",
            "billing_address",
            "gift_message",
            "guest_token_hash",
            "tax_number",
        },
        "order_exports": {"criteria"},
        "returns": {"note", "comment"},
        "stores": {"place"},
        "undeliverable_addresses": {"email", "reason"},
        "webhook_endpoints": {"url"},
        "webhook_messages": {"data"},
        "payments": {"client_secret", "redirect_url", "parameters"},
        "refunds": {"note"},
        "payment_reviews": {"note"},
        "messages": {"recipient", "provider_answer", "last_error"},
        "reviews": {"title", "comment"},
        "seller_applications": {"text", "shop_name"},
    }
    known = {(table, column) for table, column in rows(COLUMNS)}
    assert {(table, column) for table in hidden for column in hidden[table]} - known == set()


def test_an_event_whose_work_is_forgotten_is_processed_again_under_a_name(
    bought: Purchase, client: FlaskClient, stripe: StandIn, admin: Buyer
) -> None:
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    change("DELETE FROM deliveries")
    event_id = rows("SELECT id FROM provider_events LIMIT 1")[0][0]

    admin.post(f"/v1/admin/webhook-events/{event_id}/replay")

    (entry,) = entries(admin, "?thing=deliveries")
    assert (entry["act"], entry["after"]["dedupe_key"]) == ("insert", event_id)


def test_a_mail_that_is_sent_again_is_told_without_its_reader(bought: Purchase, admin: Buyer) -> None:
    drain(queues=("email", *WITHOUT_MAIL))
    change("UPDATE messages SET status = 'sent', sent_at = now()")
    message_id, reader = rows("SELECT id, recipient FROM messages LIMIT 1")[0]

    admin.post(f"/v1/admin/messages/{message_id}/resend")

    (entry,) = entries(admin, f"?thing=messages&thing_id={message_id}")
    assert (entry["before"]["status"], entry["after"]["status"]) == ("sent", "queued")
    assert reader not in str(entry)
