"""What users may know about themselves."""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.platform.db import transaction
from app.reporting import services
from tests.buyers import Purchase, make_buyer
from tests.database import change, lock_waiters, rows
from tests.invoicing.making import filed
from tests.keys import key_headers
from tests.notifications.conftest import post as post  # a fixture of these tests, too
from tests.notifications.post import Post
from tests.waiting import wait
from tests.work import ALL, drain, reach

EXPORTS = "/v1/users/me/exports"


def test_a_user_gets_all_that_is_theirs_and_nothing_secret(bought: Purchase, post: Post) -> None:
    bought.buyer.post(f"/v1/products/{bought.product.id}/reviews", {"rating": 4, "comment": "Bright"})
    document_id = filed(bought.buyer.client.application, str(bought.order_id))
    asked = bought.buyer.post(EXPORTS)
    again = bought.buyer.post(EXPORTS)

    drain(queues=ALL)

    assert (asked.status_code, asked.get_json()["status"]) == (202, "pending")
    assert again.get_json()["id"] == asked.get_json()["id"]
    body = bought.buyer.get(f"{EXPORTS}/{asked.get_json()['id']}").get_json()
    assert body["status"] == "ready"
    content = body["content"]
    assert [order["id"] for order in content["orders"]] == [str(bought.order_id)]
    assert [line["quantity"] for line in content["order_lines"]] == [2]
    assert [payment["id"] for payment in content["payments"]] == [str(bought.payment_id)]
    assert [document["id"] for document in content["documents"]] == [document_id]
    assert [review["comment"] for review in content["reviews"]] == ["Bright"]
    assert [item["quantity"] for item in content["cart"]] == [2]
    assert content["account"][0]["full_name"] == "Ada Lovelace"
    assert len(content["logins"]) == 1
    assert "Your data is ready" in [mail["Subject"] for mail in post.mails()]
    told = json.dumps(content)
    for secret in rows("SELECT password_hash, refresh_jti::text FROM users, user_sessions"):
        assert not any(value in told for value in secret)
    assert "client_secret" not in told


def test_who_gets_no_more_mails_is_told_why(client: FlaskClient) -> None:
    buyer, other = make_buyer(client), make_buyer(client)
    for who, kind in ((buyer, "complaint"), (other, "bounce")):
        told = {"email": who.get("/v1/users/me").get_json()["email"].upper(), "kind": kind}
        answer = client.post("/v1/mail/bounces", json=told, headers=key_headers("mail:bounce"))
        assert answer.status_code == 204
    export_id = buyer.post(EXPORTS).get_json()["id"]
    drain(only=["reporting.build_export"])

    (found,) = buyer.get(f"{EXPORTS}/{export_id}").get_json()["content"]["undeliverable_addresses"]

    assert found.keys() == {"id", "email", "kind", "reason", "noted_at"}
    assert (found["kind"], found["email"]) == (
        "complaint",
        buyer.get("/v1/users/me").get_json()["email"].lower(),
    )


def test_an_export_is_its_owners_alone_and_kept_for_a_week(client: FlaskClient, bought: Purchase) -> None:
    export_id = bought.buyer.post(EXPORTS).get_json()["id"]
    drain()

    assert make_buyer(client).get(f"{EXPORTS}/{export_id}").status_code == 404
    assert bought.buyer.get(f"{EXPORTS}/{export_id}").status_code == 200
    change("UPDATE data_exports SET requested_at = now() - interval '8 days'")
    reach("reporting.forget_exports")
    assert bought.buyer.get(f"{EXPORTS}/{export_id}").status_code == 404


def test_nobody_elses_rows_are_in_it(client: FlaskClient, bought: Purchase) -> None:
    stranger = make_buyer(client)
    export_id = stranger.post(EXPORTS).get_json()["id"]
    drain(only=["reporting.build_export"])

    content = stranger.get(f"{EXPORTS}/{export_id}").get_json()["content"]

    assert {name: len(found) for name, found in content.items() if found} == {"account": 1, "logins": 1}


@pytest.mark.usefixtures("bought")
def test_an_export_that_is_asked_for_again_is_a_new_one(client: FlaskClient) -> None:
    buyer = make_buyer(client)
    first = buyer.post(EXPORTS).get_json()["id"]
    drain()

    assert buyer.post(EXPORTS).get_json()["id"] != first


def test_an_export_that_is_asked_for_while_the_last_becomes_ready_is_a_new_one(client: FlaskClient) -> None:
    buyer = make_buyer(client)
    first = UUID(buyer.post(EXPORTS).get_json()["id"])
    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            services.build_export(session, first)
            session.flush()
            asking = pool.submit(buyer.twin().post, EXPORTS)
            wait(lambda: lock_waiters() == 1)
        answer = asking.result(timeout=20)

    assert (answer.status_code, answer.get_json()["status"]) == (202, "pending")
    assert UUID(answer.get_json()["id"]) != first
    assert rows("SELECT id FROM data_exports WHERE ready_at IS NOT NULL") == [(first,)]
