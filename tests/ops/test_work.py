"""Failed work over HTTP."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.platform.db import transaction
from tests.buyers import Buyer, Purchase, make_buyer
from tests.database import change, rows
from tests.fulfillment.sending import handed
from tests.fulfillment.sending_back import asked, delivered
from tests.ops.conftest import Scrape
from tests.orders.test_routes import shown
from tests.refunds import owe
from tests.sales import TOTAL
from tests.stand_in import StandIn
from tests.webhooks import deliver, deliver_all, event_about, intent_of
from tests.work import ALL, drain, make_due

Json = dict[str, Any]


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    """Somebody who may repair."""
    return make_buyer(client, role="admin")


def listed(admin: Buyer, query: str = "") -> list[Json]:
    answer = admin.get(f"/v1/admin/work{query}")
    assert answer.status_code == 200
    found: list[Json] = answer.get_json()["items"]
    return found


def consumers(admin: Buyer, query: str = "") -> list[str]:
    return [item["consumer"] for item in listed(admin, query)]


@pytest.fixture
def dead(bought: Purchase) -> int:
    """The mail about the order, given up."""
    change("UPDATE deliveries SET state = 'dead', failures = 12, last_error = 'no' WHERE queue = 'email'")
    ((delivery_id,),) = rows("SELECT id FROM deliveries WHERE queue = 'email'")
    return int(delivery_id)


def test_without_a_wish_it_lists_what_does_not_go_on(bought: Purchase, admin: Buyer) -> None:
    assert listed(admin) == []

    for trouble in ("failures = 1", "run_after = now() - interval '2 minutes'", "state = 'dead'"):
        change(f"UPDATE deliveries SET {trouble} WHERE queue = 'email'")  # noqa: S608  # the three above
        assert consumers(admin) == ["notifications.order_received"]
        change("UPDATE deliveries SET failures = 0, run_after = now() WHERE queue = 'email'")
    change(
        "UPDATE deliveries SET dropped_at = now(), dropped_by = 'x', drop_reason = 'y' WHERE state = 'dead'"
    )
    assert listed(admin) == []


def test_work_is_listed_by_state_queue_consumer_and_order(bought: Purchase, dead: int, admin: Buyer) -> None:
    number = shown(bought.buyer, bought.order_id)["number"]

    assert set(consumers(admin, "?state=done")) >= {"payments.open", "catalog.refresh_listing"}
    assert consumers(admin, "?state=dead") == ["notifications.order_received"]
    assert consumers(admin, "?state=pending") == consumers(admin, "?state=dropped") == []
    assert consumers(admin, "?state=done&queue=email") == []
    assert consumers(admin, "?state=done&consumer=payments.open") == ["payments.open"]
    assert consumers(admin, f"?order={number}") == consumers(admin, f"?order={bought.order_id}")
    assert admin.get("/v1/admin/work?order=ORD-1").status_code == 404
    assert admin.get("/v1/admin/work?state=lost").status_code == 422


def test_it_is_read_in_pages(bought: Purchase, admin: Buyer) -> None:
    change("DELETE FROM deliveries WHERE queue NOT IN ('critical', 'email')")
    change("UPDATE deliveries SET state = 'dead', done_at = NULL")

    first = admin.get("/v1/admin/work?limit=1").get_json()
    second = admin.get(f"/v1/admin/work?limit=1&cursor={first['next_cursor']}").get_json()

    ids = [item["id"] for page in (first, second) for item in page["items"]]
    assert ids == [each for (each,) in rows("SELECT id FROM deliveries ORDER BY id DESC")]
    assert second["next_cursor"] is None


def test_work_shows_why_it_failed_and_what_it_belongs_to(bought: Purchase, dead: int, admin: Buyer) -> None:
    work = admin.get(f"/v1/admin/work/{dead}").get_json()

    assert (work["state"], work["failures"], work["last_error"]) == ("dead", 12, "no")
    assert work["order_id"] == str(bought.order_id)
    assert work["order_number"] == shown(bought.buyer, bought.order_id)["number"]
    assert work["payment_id"] == str(bought.payment_id)
    assert (work["event"]["subject"], work["event"]["call"]) == (str(bought.order_id), "POST /v1/checkout")
    assert (work["tries"], work["message"], work["provider_event"]) == ([], None, None)
    assert "example.com" not in str(work)


def test_a_stripe_event_is_reached_through_its_work_with_each_attempt(
    bought: Purchase, client: FlaskClient, admin: Buyer
) -> None:
    """The event comes while the payment is gone from our books; then it is back."""
    event = event_about(intent_of(bought.seen("succeeded")), "payment_intent.succeeded", "evt_1")
    change("UPDATE payments SET provider_id = NULL, status = 'open'")
    deliver(client, event)
    ((delivery_id,),) = rows("SELECT id FROM deliveries WHERE consumer = 'settlement.process_event'")
    change("UPDATE deliveries SET lease_until = now(), state = 'running' WHERE id = :id", id=delivery_id)
    make_due()
    drain()

    work = admin.get(f"/v1/admin/work/{delivery_id}").get_json()

    assert work["provider_event"]["id"] == work["provider_event_id"] == "evt_1"
    assert work["provider_event"]["status"] == "applied"
    assert (work["order_id"], work["payment_id"]) == (str(bought.order_id), str(bought.payment_id))
    assert [(each["attempt"], each["outcome"]) for each in work["tries"]] == [(1, "done")]
    by_order = listed(admin, f"?state=done&order={bought.order_id}")
    assert delivery_id in [item["id"] for item in by_order]


def test_a_message_is_reached_through_its_work(bought: Purchase, dead: int, admin: Buyer) -> None:
    change(
        "INSERT INTO messages (id, kind, order_id, dedupe_key, recipient, locale, message_id)"
        " SELECT gen_random_uuid(), 'order_received', id, 'order_received:' || id, email, locale, 'm'"
        " FROM orders"
    )

    work = admin.get(f"/v1/admin/work/{dead}").get_json()

    assert (work["message"]["kind"], work["message"]["status"]) == ("order_received", "queued")
    assert work["message"]["id"] == work["message_id"]
    assert "recipient" not in work["message"]


def test_a_mail_about_a_refund_is_reached_through_its_work(
    bought: Purchase, client: FlaskClient, stripe: StandIn, admin: Buyer
) -> None:
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    with transaction() as session:
        refund_id = owe(session, bought, TOTAL)
    drain(queues=ALL)
    ((delivery_id,),) = rows("SELECT id FROM deliveries WHERE consumer = 'notifications.order_refunded'")

    work = admin.get(f"/v1/admin/work/{delivery_id}").get_json()

    about = rows("SELECT id::text FROM messages WHERE refund_id = :id", id=refund_id)
    assert [(work["message_id"],)] == about
    assert work["message"]["kind"] == "order_refunded"


def test_a_mail_about_a_return_is_reached_through_its_work(
    client: FlaskClient, stripe: StandIn, admin: Buyer
) -> None:
    sent = handed(client)
    delivered(sent)
    back = asked(sent, _0=1)
    drain(queues=("email",), only=["notifications.return_requested"])
    ((delivery_id,),) = rows("SELECT id FROM deliveries WHERE consumer = 'notifications.return_requested'")

    work = admin.get(f"/v1/admin/work/{delivery_id}").get_json()

    about = rows("SELECT id::text, kind FROM messages WHERE return_id = :id", id=back["id"])
    assert about == [(work["message_id"], "return_requested")]


def test_a_stripe_event_that_does_not_go_on_says_which_order_it_belongs_to(
    bought: Purchase, client: FlaskClient, stripe: StandIn, admin: Buyer
) -> None:
    silent = {"path": f"/v1/payment_intents/{bought.provider_id}", "method": "GET", "outcome": 500}
    stripe.order("faults", silent | {"calls": None})
    declined = intent_of(bought.seen("requires_payment_method"))
    deliver(client, event_about(declined, "payment_intent.payment_failed"))
    drain()

    (work,) = listed(admin, f"?order={bought.order_id}")

    assert (work["consumer"], work["failures"]) == ("settlement.process_event", 1)
    assert (work["order_id"], work["payment_id"]) == (str(bought.order_id), str(bought.payment_id))
    story = admin.get(f"/v1/orders/{bought.order_id}/timeline?limit=100").get_json()["items"]
    titles = [item["title"] for item in story]
    assert "payment_intent.payment_failed" in titles
    assert "attempt 1 of settlement.process_event: failed" in titles


def test_work_whose_workers_are_killed_again_and_again_is_listed(bought: Purchase, admin: Buyer) -> None:
    later = "run_after = now() + interval '9 min'"
    killed = f"UPDATE deliveries SET attempts = :times, {later} WHERE queue = 'email'"  # noqa: S608  # ours

    change(killed, times=2)
    assert listed(admin) == []

    change(killed, times=3)
    assert consumers(admin) == ["notifications.order_received"]


def test_an_admin_has_work_tried_again_and_it_stands_in_the_orders_story(
    bought: Purchase, dead: int, admin: Buyer
) -> None:
    answer = admin.post(f"/v1/admin/work/{dead}/retry")

    assert (answer.status_code, answer.get_json()["state"]) == (202, "pending")
    assert rows("SELECT state, failures FROM deliveries WHERE id = :id", id=dead) == [("pending", 0)]
    story = admin.get(f"/v1/orders/{bought.order_id}/timeline?limit=100").get_json()["items"]
    (act,) = (item for item in story if item["topic"] == "events.work_retried")
    assert act["actor"].startswith("user:")
    assert act["details"]["delivery_id"] == dead
    assert story[-2]["title"].startswith("POST /v1/admin/work/")


def test_work_under_way_or_done_is_refused(bought: Purchase, dead: int, admin: Buyer) -> None:
    ((done,),) = rows("SELECT id FROM deliveries WHERE state = 'done' AND queue = 'critical'")
    change(
        "UPDATE deliveries SET state = 'running', lease_until = now() + interval '9 s' WHERE id = :id",
        id=dead,
    )

    for delivery_id, state in ((dead, "running"), (done, "done")):
        for act, body in (("retry", None), ("drop", {"reason": "x"})):
            answer = admin.post(f"/v1/admin/work/{delivery_id}/{act}", body)
            assert (answer.status_code, answer.get_json()["work_state"]) == (409, state)


def test_dropped_work_alarms_no_more(bought: Purchase, dead: int, admin: Buyer, scrape: Scrape) -> None:
    gauge = {"queue": "email", "state": "dead"}
    assert scrape().get("backroom_deliveries_open", **gauge) == 1

    answer = admin.post(f"/v1/admin/work/{dead}/drop", {"reason": "sent by hand"})

    dropped = answer.get_json()
    assert (answer.status_code, dropped["state"], dropped["drop_reason"]) == (200, "dropped", "sent by hand")
    assert dropped["dropped_by"].startswith("user:")
    assert scrape().get("backroom_deliveries_open", **gauge) == 0
    assert consumers(admin, "?state=dropped") == ["notifications.order_received"]
    assert admin.post(f"/v1/admin/work/{dead}/drop", {"reason": " "}).status_code == 422


def test_all_dead_work_of_a_consumer_is_tried_again(bought: Purchase, dead: int, admin: Buyer) -> None:
    body = {"consumer": "notifications.order_received"}

    first, second = (admin.post("/v1/admin/work/retry", body) for _ in range(2))

    assert (first.status_code, first.get_json()) == (202, {"retried": [dead]})
    assert second.get_json() == {"retried": []}


@pytest.mark.parametrize("work_id", ["9", "99999999999999999999", "x"])
def test_there_is_no_such_work(admin: Buyer, work_id: str) -> None:
    assert admin.get(f"/v1/admin/work/{work_id}").status_code == 404
    assert admin.post(f"/v1/admin/work/{work_id}/retry").status_code == 404


def test_nobody_but_admins_may_look(bought: Purchase, client: FlaskClient) -> None:
    assert bought.buyer.get("/v1/admin/work").status_code == 403
    assert client.get("/v1/admin/work").status_code == 401
