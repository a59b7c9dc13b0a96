from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.events.models import DeliveryRecord
from app.orders import services as orders
from app.platform.db import transaction
from app.platform.ids import new_id
from sandbox.mail.faults import Fault
from tests.factories import signed_in
from tests.notifications.orders import pay, place
from tests.notifications.post import Post, deliver, only_message

MESSAGES = "/v1/admin/messages"


@pytest.fixture
def admin(client: FlaskClient) -> dict[str, str]:
    """The headers of an operator."""
    return signed_in(client, "admin")


def listed(client: FlaskClient, admin: dict[str, str], query: str = "") -> Any:
    answer = client.get(MESSAGES + query, headers=admin)
    assert answer.status_code == 200
    return answer.get_json()


def test_operators_see_what_was_sent_newest_first_and_page_by_page(
    client: FlaskClient, admin: dict[str, str], post: Post
) -> None:
    order = place()
    pay(order)
    deliver("order_received")
    deliver("order_paid")

    first = listed(client, admin, "?limit=1")
    second = listed(client, admin, f"?limit=1&cursor={first['next_cursor']}")

    newest, oldest = first["items"][0], second["items"][0]
    assert (newest["kind"], oldest["kind"], second["next_cursor"]) == ("order_paid", "order_received", None)
    assert newest == {
        "id": newest["id"],
        "kind": "order_paid",
        "order_id": str(order.id),
        "refund_id": None,
        "parcel_id": None,
        "return_id": None,
        "user_id": None,
        "channel": "email",
        "recipient": "ada@example.com",
        "locale": "en",
        "message_id": post.mails()[1]["Message-ID"],
        "status": "sent",
        "attempts": 1,
        "started_at": newest["started_at"],
        "sent_at": newest["sent_at"],
        "provider_answer": "250 2.0.0 Kept",
        "last_error": None,
        "created_at": newest["created_at"],
    }


def test_the_list_can_be_of_one_status(client: FlaskClient, admin: dict[str, str], post: Post) -> None:
    pay(place())
    deliver("order_received")
    post.faults.order(Fault.REFUSE, count=1)
    deliver("order_paid")

    assert [each["kind"] for each in listed(client, admin, "?status=dead")["items"]] == ["order_paid"]
    assert listed(client, admin, "?status=queued") == {"items": [], "next_cursor": None}
    assert client.get(f"{MESSAGES}?status=lost", headers=admin).status_code == 422


def test_a_dead_message_is_sent_again_to_the_address_that_the_order_has_now(
    client: FlaskClient, admin: dict[str, str], post: Post
) -> None:
    order = place(email="adda@example.com")
    post.faults.order(Fault.REFUSE, count=1)
    deliver("order_received")
    with transaction() as session:
        orders.lock(session, order.id).email = "ada@example.com"

    answer = client.post(f"{MESSAGES}/{only_message().id}/resend", headers=admin)

    assert (answer.status_code, answer.get_json()["status"]) == (202, "queued")
    assert deliver("resend").state == "done"
    message = only_message()
    assert (message.status, message.attempts, message.recipient) == ("sent", 2, "ada@example.com")
    assert (post.only_mail()["To"], post.only_mail()["Message-ID"]) == ("ada@example.com", message.message_id)


def test_a_sent_message_can_be_sent_again_even_when_its_first_delivery_is_forgotten(
    client: FlaskClient, admin: dict[str, str], post: Post
) -> None:
    place()
    first = deliver("order_received")
    with transaction() as session:
        session.delete(session.get_one(DeliveryRecord, first.id))

    client.post(f"{MESSAGES}/{only_message().id}/resend", headers=admin)
    deliver("resend")

    assert len(post.mails()) == 2
    assert {mail["Message-ID"] for mail in post.mails()} == {only_message().message_id}


def test_asking_twice_for_a_message_that_is_on_its_way_sends_it_once(
    client: FlaskClient, admin: dict[str, str], post: Post
) -> None:
    place()
    deliver("order_received")

    url = f"{MESSAGES}/{only_message().id}/resend"
    answers = [client.post(url, headers=admin) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    with transaction() as session:
        owed = session.scalars(select(DeliveryRecord).filter_by(consumer="notifications.resend")).all()
    assert len(owed) == 1


def test_a_message_that_nobody_knows_is_not_found(client: FlaskClient, admin: dict[str, str]) -> None:
    answer = client.post(f"{MESSAGES}/{new_id()}/resend", headers=admin)

    assert (answer.status_code, answer.get_json()["type"]) == (404, "/problems/not-found")


@pytest.mark.parametrize("role", ["customer", "seller"])
def test_only_operators_see_messages(client: FlaskClient, role: str) -> None:
    headers = signed_in(client, role)

    assert client.get(MESSAGES, headers=headers).status_code == 403
    assert client.post(f"{MESSAGES}/{new_id()}/resend", headers=headers).status_code == 403
    assert client.get(MESSAGES).status_code == 401
