"""What becomes of the provider's events, and what operators see of it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.platform.db import SessionFactory
from app.platform.ids import new_id
from tests.buyers import Buyer, Purchase, make_buyer
from tests.carts.statements import counted
from tests.database import change, count, rows
from tests.sales import PAID, PENDING, object_of, state, topics
from tests.stand_in import StandIn
from tests.webhooks import deliver, deliver_all, event_about, intent_of
from tests.work import drain, make_due, reach


def inbox() -> list[tuple[Any, ...]]:
    """Type and state of the kept events, in the order of their arrival."""
    return rows("SELECT type, status FROM provider_events ORDER BY received_at, id")


def work() -> list[tuple[Any, ...]]:
    """State and failures of their deliveries."""
    statement = (
        "SELECT state, failures FROM deliveries WHERE consumer = 'settlement.process_event' ORDER BY id"
    )
    return rows(statement)


def listed(admin: Buyer, query: str = "") -> list[tuple[str, str]]:
    """Type and state as operators see them."""
    answer = admin.get(f"/v1/admin/webhook-events{query}")
    assert answer.status_code == 200
    return [(item["id"], item["status"]) for item in answer.get_json()["items"]]


@pytest.fixture
def unknown(client: FlaskClient) -> dict[str, Any]:
    """An event about money that no payment of ours waits for."""
    seen = object_of(new_id(), new_id(), "pi_unknown", "succeeded", {})
    event = event_about(intent_of(seen), "payment_intent.succeeded", "evt_unknown")
    deliver(client, event)
    return event


def test_every_event_of_a_purchase_is_accounted_for(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()

    assert state(bought) == PAID
    assert rows("SELECT DISTINCT payment_id FROM provider_events") == [(bought.payment_id,)]
    assert sorted(inbox()) == [
        ("charge.succeeded", "applied"),
        ("payment_intent.created", "unchanged"),
        ("payment_intent.succeeded", "applied"),
    ]
    assert work() == [("done", 0)] * 3


def test_the_charge_tells_what_was_paid_with(bought: Purchase, client: FlaskClient, stripe: StandIn) -> None:
    stripe.confirm(bought.provider_id, "pm_card_mastercard")
    for event in stripe.books()["events"]:
        if event["type"] == "charge.succeeded":
            deliver(client, event)

    assert drain() == ["settlement.process_event"]

    paid_with = rows("SELECT method_kind, method_brand, method_last4, status FROM payments")
    assert paid_with == [("card", "mastercard", "4444", "open")]


@pytest.mark.parametrize(
    "thing",
    [
        {"id": "cus_1", "object": "customer"},
        {"id": "ch_1", "object": "charge", "status": "failed", "payment_intent": "pi_1"},
        {"id": "ch_1", "object": "charge", "status": "succeeded", "payment_intent": "pi_foreign"},
        {"id": "ch_1", "object": "charge", "status": "succeeded", "payment_intent": None, "metadata": {}},
        {},
    ],
)
def test_an_event_about_something_else_is_kept_and_ignored(
    bought: Purchase, client: FlaskClient, thing: dict[str, Any]
) -> None:
    deliver(client, event_about(thing, "something.happened"))

    assert drain() == ["settlement.process_event"]

    assert inbox() == [("something.happened", "ignored")]
    assert (state(bought), work()) == (PENDING, [("done", 0)])


@pytest.mark.usefixtures("unknown")
def test_an_unknown_payment_is_tried_again_and_seen_as_unmatched(client: FlaskClient) -> None:
    admin = make_buyer(client, role="admin")

    drain()
    make_due()
    drain()

    assert listed(admin, "?status=unmatched") == [("evt_unknown", "unmatched")]
    assert listed(admin, "?status=applied") == []
    assert work() == [("pending", 2)]


def test_an_unknown_payment_that_is_not_final_is_unmatched_without_asking_the_provider(
    client: FlaskClient, stripe: StandIn
) -> None:
    gone = object_of(new_id(), new_id(), "pi_unknown", "processing", {})
    deliver(client, event_about(intent_of(gone), "payment_intent.processing"))

    drain()

    assert inbox() == [("payment_intent.processing", "unmatched")]
    assert rows("SELECT last_error FROM deliveries") == [("NotYet: no payment of ours is behind this event",)]


def test_a_payment_of_somebody_else_in_the_same_account_is_ignored_at_once(client: FlaskClient) -> None:
    foreign = {"id": "pi_foreign", "object": "payment_intent", "status": "succeeded", "currency": "usd"}
    deliver(client, event_about(foreign | {"amount": 1, "metadata": {}}, "payment_intent.succeeded"))

    drain()

    assert (inbox(), work()) == ([("payment_intent.succeeded", "ignored")], [("done", 0)])


@pytest.mark.usefixtures("unknown")
def test_an_unknown_payment_is_given_up_after_a_day_and_stays_visible(client: FlaskClient) -> None:
    drain()
    change("UPDATE provider_events SET received_at = now() - interval '24 hours 1 second'")
    make_due()
    drain()

    assert inbox() == [("payment_intent.succeeded", "unmatched")]
    assert [row[0] for row in work()] == ["done"]
    make_due()
    assert drain() == []


def test_an_event_that_comes_before_its_payment_is_settled_when_that_is_there(
    bought: Purchase, client: FlaskClient
) -> None:
    """The payment is hidden behind another id meanwhile, as if its transaction had not committed.

    A webhook that came before the order was answered 200 and forgotten: statamic-cargo #191,
    woocommerce-payments #3783.
    """
    hidden = new_id()
    change("UPDATE payments SET id = :hidden, provider_id = NULL", hidden=hidden)
    deliver(client, event_about(intent_of(bought.seen("succeeded")), "payment_intent.succeeded"))
    drain()
    assert (inbox(), state(bought)) == ([("payment_intent.succeeded", "unmatched")], PENDING)

    change("UPDATE payments SET id = :id", id=bought.payment_id)
    make_due()
    drain()

    assert (inbox(), state(bought)) == ([("payment_intent.succeeded", "applied")], PAID)


def test_an_operator_has_an_event_processed_again_and_nothing_happens_twice(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    admin = make_buyer(client, role="admin")
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    before = topics(bought)

    for event in stripe.books()["events"]:
        answer = admin.post(f"/v1/admin/webhook-events/{event['id']}/replay")
        assert (answer.status_code, answer.get_json()) == (202, {"received": True})
    assert drain() == ["settlement.process_event"] * 3

    assert (state(bought), topics(bought), count("stock_movements")) == (PAID, before, 2)


def test_an_event_that_was_given_up_is_settled_by_a_replay(
    bought: Purchase, client: FlaskClient, unknown: dict[str, Any]
) -> None:
    change("UPDATE provider_events SET received_at = now() - interval '25 hours'")
    drain()
    seen = bought.seen("succeeded")
    change("UPDATE payments SET provider_id = :id", id=seen.provider_id)
    event = unknown | {"data": {"object": intent_of(seen)}}
    change("UPDATE provider_events SET payload = CAST(:payload AS jsonb)", payload=json.dumps(event))

    make_buyer(client, role="admin").post("/v1/admin/webhook-events/evt_unknown/replay")
    drain()

    assert state(bought) == PAID


def test_only_admins_see_the_inbox(client: FlaskClient, unknown: dict[str, Any]) -> None:
    for role, expected in (("customer", 403), ("seller", 403), ("admin", 200)):
        somebody = make_buyer(client, role=role)
        assert somebody.get("/v1/admin/webhook-events").status_code == expected
        replayed = somebody.post(f"/v1/admin/webhook-events/{unknown['id']}/replay")
        assert replayed.status_code == (202 if expected == 200 else 403)
    assert client.get("/v1/admin/webhook-events").status_code == 401
    assert make_buyer(client, "admin").post("/v1/admin/webhook-events/evt_none/replay").status_code == 404


def test_the_inbox_is_read_in_pages_newest_first(client: FlaskClient) -> None:
    admin = make_buyer(client, role="admin")
    for number in range(5):
        deliver(client, event_about({}, "something.happened", f"evt_{number}"))
    change("UPDATE provider_events SET received_at = now()")  # as several in one moment

    seen, query = [], "?limit=2"
    while query:
        page = admin.get(f"/v1/admin/webhook-events{query}").get_json()
        seen += [item["id"] for item in page["items"]]
        query = f"?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""

    assert seen == ["evt_4", "evt_3", "evt_2", "evt_1", "evt_0"]
    assert admin.get("/v1/admin/webhook-events?cursor=nonsense").status_code == 422
    assert admin.get("/v1/admin/webhook-events?status=strange").status_code == 422


def test_the_amount_in_an_event_is_compared_to_ours(bought: Purchase, client: FlaskClient) -> None:
    short = bought.seen("succeeded", amount=1, amount_received=1)

    deliver(client, event_about(intent_of(short), "payment_intent.succeeded"))
    drain()

    assert state(bought) == replace(PENDING, order=("pending", "review", None), payments=["review"])
    assert inbox() == [("payment_intent.succeeded", "applied")]


def test_a_report_asks_the_database_at_most_five_times(bought: Purchase, client: FlaskClient) -> None:
    event = event_about(intent_of(bought.seen("succeeded")), "payment_intent.succeeded")

    with counted(SessionFactory.kw["bind"]) as asked:
        deliver(client, event)
    with counted(SessionFactory.kw["bind"]) as again:
        deliver(client, event)

    assert (len(asked) <= 5, len(again)) == (True, 1), (asked, again)


def test_what_an_event_tells_about_people_is_not_kept(client: FlaskClient) -> None:
    buyer = {"email": "ann@example.com", "name": "Ann", "phone": None, "address": {"city": "Oslo"}}
    charge = {"id": "ch_1", "object": "charge", "billing_details": buyer, "receipt_email": "ann@example.com"}
    card = {"type": "card", "card": {"brand": "visa", "last4": "4242"}}
    intent = {"id": "pi_1", "object": "payment_intent", "client_secret": "pi_1_secret", "amount": 5}
    error = {"code": "card_declined", "payment_method": {"id": "pm_1", "billing_details": buyer}}
    event = event_about(intent | {"last_payment_error": error}, "payment_intent.payment_failed", "evt_1")
    event["data"]["object"]["charges"] = [charge | {"payment_method_details": card}]

    deliver(client, event)

    (payload,) = rows("SELECT payload -> 'data' -> 'object' FROM provider_events")[0]
    assert payload == {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 5,
        "last_payment_error": {"code": "card_declined", "payment_method": {"id": "pm_1"}},
        "charges": [{"id": "ch_1", "object": "charge", "payment_method_details": card}],
    }


def test_old_events_keep_their_ids_and_forget_what_they_said(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    change("UPDATE provider_events SET received_at = now() - interval '89 days'")
    ((young,), (old,), *_) = rows("SELECT id FROM provider_events")
    change("UPDATE provider_events SET received_at = now() - interval '91 days' WHERE id = :old", old=old)

    reach("payments.forget_events")

    assert rows("SELECT id FROM provider_events WHERE payload = '{}'") == [(old,)]
    before = count("provider_events")
    deliver_all(client, stripe)
    drain()
    assert (count("provider_events"), state(bought)) == (before, PAID)
    admin = make_buyer(client, "admin")
    answers = [admin.post(f"/v1/admin/webhook-events/{each}/replay").status_code for each in (young, old)]
    assert answers == [202, 404]


def test_an_old_event_that_is_not_processed_is_kept(unknown: dict[str, Any]) -> None:
    change("UPDATE provider_events SET received_at = now() - interval '91 days'")

    reach("payments.forget_events")

    assert rows("SELECT payload <> '{}' FROM provider_events") == [(True,)]
