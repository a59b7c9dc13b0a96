"""Becoming a seller: a user applies, an admin decides, a mail tells."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.identity.errors import ApplicationDecided
from app.identity.services import selling
from app.identity.services.standing import lock_user
from app.platform.db import transaction
from tests.buyers import Buyer, make_buyer
from tests.database import change, lock_waiters, rows
from tests.notifications.conftest import post as post  # a fixture of these tests, too
from tests.notifications.post import Post, deliver, html_of, text_of
from tests.threads import AT_ONCE, at_once
from tests.waiting import wait

APPLICATION = "/v1/seller/application"
WISH = {"shop_name": "Ada's <b>garden</b>", "text": "Chairs"}
KEPT = "SELECT role, shop_name FROM users WHERE full_name = 'Ada Lovelace' AND role <> 'admin'"


@pytest.fixture
def ada(client: FlaskClient) -> Buyer:
    return make_buyer(client)


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, "admin")


def waiting(admin: Buyer, status: str = "pending") -> list[Any]:
    items: list[Any] = admin.get(f"/v1/admin/seller-applications?status={status}").get_json()["items"]
    return items


def decide(admin: Buyer, application_id: str, verdict: str, reason: str | None = None) -> int:
    path = f"/v1/admin/seller-applications/{application_id}/{verdict}"
    return admin.post(path, {"reason": reason} if reason else None).status_code


def test_who_is_approved_sells_by_the_name_of_their_shop_and_is_told(
    ada: Buyer, admin: Buyer, post: Post
) -> None:
    applied = ada.post(APPLICATION, WISH)
    assert (applied.status_code, applied.get_json()["status"]) == (201, "pending")
    assert ada.get("/v1/seller/products").status_code == 403
    (entry,) = waiting(admin)

    assert [decide(admin, entry["id"], "approve") for _ in range(2)] == [200, 200]

    assert ada.get(APPLICATION).get_json()["status"] == "approved"
    made = ada.post("/v1/seller/products", {"name": "Chair", "status": "active"}).get_json()
    assert made["seller"]["name"] == "Ada's <b>garden</b>"
    assert (waiting(admin), len(waiting(admin, "approved"))) == ([], 1)
    deliver("seller_approved")
    mail = post.only_mail()
    assert mail["Subject"] == "You can sell with us now"
    assert "sell with us as Ada's <b>garden</b>." in text_of(mail)
    assert "as Ada&#39;s &lt;b&gt;garden&lt;/b&gt;." in html_of(mail)


def test_a_shops_name_is_one_line_and_turns_nothing_around(ada: Buyer, admin: Buyer) -> None:
    nothing = ada.post(APPLICATION, WISH | {"shop_name": "\u202e\n"})
    applied = ada.post(
        APPLICATION, WISH | {"shop_name": "\u202eAda's\ngarden\x07 ", "text": "Chairs\nTables"}
    )

    assert decide(admin, applied.get_json()["id"], "approve") == 200

    assert (nothing.status_code, nothing.get_json()["errors"].keys()) == (422, {"shop_name"})
    assert (applied.status_code, applied.get_json()["shop_name"]) == (201, "Ada's garden")
    assert applied.get_json()["text"] == "Chairs\nTables"
    assert rows(KEPT) == [("seller", "Ada's garden")]


def test_who_is_rejected_reads_why_and_may_apply_again(ada: Buyer, admin: Buyer, post: Post) -> None:
    ada.post(APPLICATION, WISH)
    (entry,) = waiting(admin)

    assert decide(admin, entry["id"], "reject", "No chairs\nplease") == 200

    seen = ada.get(APPLICATION).get_json()
    assert (seen["status"], seen["reject_reason"]) == ("rejected", "No chairs\nplease")
    assert rows(KEPT) == [("customer", None)]
    deliver("seller_rejected")
    assert "decided not to take it up: No chairs please" in " ".join(text_of(post.only_mail()).split())
    assert ada.post(APPLICATION, WISH).status_code == 201
    assert ada.get(APPLICATION).get_json()["status"] == "pending"


def test_one_application_waits_at_a_time_and_sellers_need_none(client: FlaskClient, ada: Buyer) -> None:
    answers = at_once(lambda _: ada.twin().post(APPLICATION, WISH).status_code)

    assert sorted(answers) == [201, *[409] * (AT_ONCE - 1)]
    problem = make_buyer(client, "seller").post(APPLICATION, WISH).get_json()["type"]
    assert problem == "/problems/may-sell-already"


def test_of_two_who_decide_differently_one_does(ada: Buyer) -> None:
    application_id = UUID(ada.post(APPLICATION, WISH).get_json()["id"])

    def approve() -> str:
        with transaction() as session:
            return selling.approve(session, application_id).status

    def reject() -> str:
        with transaction() as session:
            return selling.reject(session, application_id, reason="no").status

    def outcome(work: Any) -> str:
        try:
            return str(work())
        except ApplicationDecided as error:
            return f"not, {error.extra['application_status']}"

    with ThreadPoolExecutor(2) as pool:
        with transaction() as session:
            lock_user(session, UUID(ada.get("/v1/users/me").get_json()["id"]))
            works = [pool.submit(outcome, approve), pool.submit(outcome, reject)]
            wait(lambda: lock_waiters() == 2)
        first, second = (work.result() for work in works)

    assert (first, second) in {("approved", "not, approved"), ("not, rejected", "rejected")}
    assert rows(KEPT)[0][0] == ("seller" if first == "approved" else "customer")
    assert len(rows("SELECT 1 FROM events WHERE topic = 'identity.seller_decided'")) == 1


def test_who_is_an_admin_by_now_stays_one(ada: Buyer, admin: Buyer) -> None:
    entry = ada.post(APPLICATION, WISH).get_json()
    change("UPDATE users SET role = 'admin'")

    assert decide(admin, entry["id"], "approve") == 200
    assert rows("SELECT DISTINCT role FROM users") == [("admin",)]


def test_a_decision_is_in_the_audit_log(ada: Buyer, admin: Buyer) -> None:
    entry = ada.post(APPLICATION, WISH).get_json()

    decide(admin, entry["id"], "approve")

    told = (
        "SELECT thing, coalesce(after ->> 'status', after ->> 'role', after ->> 'shop_name') FROM audit_log"
    )
    assert set(rows(told)) == {
        ("seller_applications", "approved"),
        ("users", "seller"),
        ("users", "hidden"),  # it may be a person's, and what the log keeps cannot be deleted
    }


def test_who_deletes_their_account_has_never_applied(ada: Buyer) -> None:
    ada.post(APPLICATION, WISH)

    assert ada.client.delete("/v1/users/me", headers=ada.headers).status_code == 204
    assert rows("SELECT 1 FROM seller_applications") == []


def test_who_deletes_their_account_before_the_mail_is_written_to_no_more(
    ada: Buyer, admin: Buyer, post: Post
) -> None:
    application = ada.post(APPLICATION, WISH).get_json()
    decide(admin, application["id"], "reject", "No chairs")
    ada.client.delete("/v1/users/me", headers=ada.headers)

    delivery = deliver("seller_rejected")

    assert (delivery.state, delivery.failures, delivery.last_error) == ("done", 0, None)
    assert post.mails() == []
