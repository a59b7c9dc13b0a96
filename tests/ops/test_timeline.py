"""The whole timeline, as operators see it."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.inventory import services as inventory
from app.payments.services import payments, refunds
from app.platform.db import SessionFactory, transaction
from tests.buyers import Buyer, Purchase, make_buyer
from tests.database import change, rows
from tests.fulfillment.sending import handed
from tests.fulfillment.sending_back import asked, decide, delivered, take_in
from tests.sales import TOTAL
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain

Item = dict[str, Any]
SOLD = ("orders.placed", "orders.paid", "orders.finalized", "invoicing.invoice_issued")


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    """Somebody who may see everything."""
    return make_buyer(client, role="admin")


@pytest.fixture
def paid(bought: Purchase, client: FlaskClient, stripe: StandIn) -> Purchase:
    """The order, paid, with all that follows but the mails."""
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    return bought


def story(admin: Buyer, order: Purchase, query: str = "") -> list[Item]:
    """Everything about an order."""
    answer = admin.get(f"/v1/orders/{order.order_id}/timeline?limit=100{query}")
    assert answer.status_code == 200
    found: list[Item] = answer.get_json()["items"]
    return found


def of_kind(items: list[Item], kind: str) -> list[Item]:
    return [item for item in items if item["kind"] == kind]


def test_a_purchase_is_one_story_from_the_request_to_the_last_attempt(paid: Purchase, admin: Buyer) -> None:
    items = story(admin, paid)

    assert [(item["kind"], item["title"]) for item in items if item["kind"] not in ("attempt", "fact")] == [
        ("request", "POST /v1/checkout"),
        ("stock", f"reserved 2 of {paid.product.sku}"),
        ("request", "POST /v1/webhooks/stripe"),
        ("stripe_event", "payment_intent.created"),
        ("request", "POST /v1/webhooks/stripe"),
        ("stripe_event", "charge.succeeded"),
        ("request", "POST /v1/webhooks/stripe"),
        ("stripe_event", "payment_intent.succeeded"),
        ("stock", f"sale 2 of {paid.product.sku}"),
    ]
    assert [item["topic"] for item in of_kind(items, "fact")] == [
        "orders.placed",
        "payments.opened",
        "payments.succeeded",
        "orders.paid",
        "orders.finalized",
        "invoicing.invoice_issued",
    ]
    assert [item["title"] for item in of_kind(items, "attempt")] == [
        "attempt 1 of payments.open: done",
        *["attempt 1 of settlement.process_event: done"] * 3,
        "attempt 1 of orders.finalize: done",
        "attempt 1 of carts.remove_ordered: done",
        "attempt 1 of invoicing.issue: done",
    ]


def test_it_is_sorted_by_time_and_each_item_has_an_id_and_a_sequence(paid: Purchase, admin: Buyer) -> None:
    items = story(admin, paid)

    times, sequences = [item["at"] for item in items], [item["sequence"] for item in items]
    assert times == sorted(times)
    assert sequences == sorted(sequences)
    assert len({item["id"] for item in items}) == len(items)
    facts = [(item["sequence"], item["topic"]) for item in items if item["kind"] in ("fact", "stripe_event")]
    assert facts == rows(
        "SELECT sequence, topic FROM events WHERE topic NOT LIKE 'inventory.%' ORDER BY sequence"
    )


def test_each_kind_names_what_it_is_about(paid: Purchase, admin: Buyer) -> None:
    items = story(admin, paid)

    ((inbox_id,),) = rows("SELECT id FROM provider_events WHERE type = 'charge.succeeded'")
    event = next(item for item in items if item["title"] == "charge.succeeded")["details"]
    assert (event["provider_event_id"], event["status"]) == (inbox_id, "applied")
    assert event["payment_id"] == str(paid.payment_id)
    finalized = next(item for item in items if item["topic"] == "orders.finalized")["details"]
    attempt = next(item for item in items if item["topic"] == "orders.finalize")["details"]
    assert finalized["delivery_id"] == attempt["delivery_id"]
    assert (attempt["attempt"], attempt["outcome"], attempt["consumer"]) == (1, "done", "orders.finalize")
    assert {"worker", "ended_at", "event_id", "token"} <= attempt.keys()
    assert "error" not in attempt
    sale = of_kind(items, "stock")[-1]["details"]
    assert (sale["units"], sale["sku"], sale["variant_id"]) == (
        -2,
        paid.product.sku,
        str(paid.product.variant_id),
    )


def test_everything_that_followed_from_a_request_is_found_by_its_id(
    bought: Purchase, admin: Buyer, client: FlaskClient
) -> None:
    (placed,) = of_kind(story(admin, bought), "request")
    cancel = bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel")
    asked = cancel.headers["X-Request-Id"]
    drain()

    followed = story(admin, bought, f"&request_id={asked}")

    assert [item["topic"] for item in followed] == [
        "request",
        "orders.cancel_requested",
        "payments.close_requested",
        "settlement.close_payment",
        "payments.cancelled",
        "orders.cancelled",
    ]
    assert placed["request_id"] not in {item["request_id"] for item in followed}
    assert {item["actor"] for item in followed} >= {placed["actor"], "worker"}


def test_requests_that_were_given_one_id_by_their_caller_are_items_of_their_own(
    bought: Purchase, admin: Buyer
) -> None:
    page = Buyer(bought.buyer.client, bought.buyer.headers | {"X-Request-Id": "the-page"})
    page.post(f"/v1/payments/{bought.payment_id}/confirm")
    page.post(f"/v1/orders/{bought.order_id}/cancel")

    items = story(admin, bought)

    asked = [item["title"] for item in of_kind(items, "request") if item["request_id"] == "the-page"]
    assert asked == ["POST /v1/payments/<uuid:payment_id>/confirm", "POST /v1/orders/<id_or_number>/cancel"]
    assert len({item["id"] for item in items}) == len(items)


def test_only_operators_may_ask_for_a_request(bought: Purchase) -> None:
    answer = bought.buyer.get(f"/v1/orders/{bought.order_id}/timeline?request_id=r1")

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["request_id"])


def test_buyers_get_the_four_fields_that_they_always_got(paid: Purchase) -> None:
    items = paid.buyer.get(f"/v1/orders/{paid.order_id}/timeline").get_json()["items"]

    assert [item["topic"] for item in items] == list(SOLD)
    assert {frozenset(item) for item in items} == {frozenset({"sequence", "at", "topic", "title"})}


def test_messages_and_units_that_come_back_are_in_it(paid: Purchase, admin: Buyer) -> None:
    with transaction() as session:
        payment = payments.lock(session, paid.payment_id)
        refunds.owe(session, payment, amount=TOTAL, currency="USD", reason="cancelled")
    ((refund_id,),) = rows("SELECT id FROM refunds")
    with transaction() as session:
        units = {paid.product.variant_id: 1}
        inventory.take_back(session, holder_id=paid.order_id, quantities=units, reference=str(refund_id))
    change(
        "INSERT INTO messages (id, kind, order_id, dedupe_key, recipient, locale, message_id, last_error)"
        " VALUES (gen_random_uuid(), 'order_paid', :order, 'k', 'ada@example.com', 'en', '<m>', 'ada@x.y')",
        order=paid.order_id,
    )

    items = story(admin, paid)

    assert [(item["kind"], item["title"]) for item in items[-3:]] == [
        ("fact", "Refund started"),
        ("stock", f"returned 1 of {paid.product.sku}"),
        ("message", "email order_paid: queued"),
    ]
    assert items[-2]["details"]["refund_id"] == str(refund_id)
    assert "return_id" not in items[-2]["details"]
    assert "ada@" not in str(items)


def test_units_that_came_back_in_a_return_without_a_refund_are_in_it(
    client: FlaskClient, stripe: StandIn, admin: Buyer
) -> None:
    sent = handed(client)
    delivered(sent)
    back = asked(sent, _0=1)
    assert decide(admin, back, "approve").status_code == 200
    assert take_in(admin, sent, back, refund=False).status_code == 200

    items = admin.get(f"{sent.path}/timeline?limit=100").get_json()["items"]

    sku, stock = sent.things[0].sku, of_kind(items, "stock")
    assert [item["title"] for item in stock] == [
        f"reserved 2 of {sku}",
        f"sale 2 of {sku}",
        f"returned 1 of {sku}",
    ]
    assert stock[-1]["details"]["return_id"] == back["id"]
    assert "refund_id" not in stock[-1]["details"]


def test_stock_that_was_given_up_is_told_twice_held_and_free_again(bought: Purchase, admin: Buyer) -> None:
    bought.buyer.post(f"/v1/orders/{bought.order_id}/cancel")
    drain()

    sku = bought.product.sku
    told = [item["title"] for item in of_kind(story(admin, bought), "stock")]
    assert told == [f"reserved 2 of {sku}", f"released 2 of {sku}"]


@pytest.mark.parametrize(
    ("lease", "outcome"), [("now() + interval '9 s'", "running"), ("now() - interval '1 s'", "no_answer")]
)
def test_an_attempt_without_an_outcome_is_under_way_until_its_lease_ends(
    paid: Purchase, admin: Buyer, lease: str, outcome: str
) -> None:
    change("UPDATE delivery_attempts SET outcome = NULL, ended_at = NULL")
    running = f"state = 'running', done_at = NULL, lease_until = {lease}"
    change(f"UPDATE deliveries SET {running} WHERE state = 'done'")  # noqa: S608  # the two moments above

    attempts = of_kind(story(admin, paid), "attempt")

    assert {item["details"]["outcome"] for item in attempts} == {outcome}


def test_orders_of_the_release_before_have_a_story_too(paid: Purchase, admin: Buyer) -> None:
    change("DELETE FROM delivery_attempts")
    change("UPDATE events SET call = NULL, delivery_id = NULL")
    change("UPDATE provider_events SET payment_id = NULL")

    kinds = {item["kind"] for item in story(admin, paid)}

    assert kinds == {"fact", "stock"}


def pages(admin: Buyer, order: Purchase, limit: int) -> Iterator[Item]:
    path, cursor = f"/v1/orders/{order.order_id}/timeline?limit={limit}", ""
    while True:
        page = admin.get(path + cursor).get_json()
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


@pytest.mark.parametrize("limit", [1, 7])
def test_its_pages_have_everything_once(paid: Purchase, admin: Buyer, limit: int) -> None:
    assert list(pages(admin, paid, limit)) == story(admin, paid)


def test_a_page_ends_before_what_may_still_get_a_predecessor(paid: Purchase, admin: Buyer) -> None:
    """A worker's transaction, which began before the last things happened, has not committed."""
    whole = story(admin, paid)
    with SessionFactory() as late:
        late.execute(text("SELECT 1"))
        change(
            "UPDATE delivery_attempts SET started_at = clock_timestamp() FROM deliveries"
            " WHERE deliveries.id = delivery_id AND consumer IN ('orders.finalize', 'carts.remove_ordered')"
        )
        page = admin.get(f"/v1/orders/{paid.order_id}/timeline?limit={len(whole) - 1}").get_json()

    assert [item["id"] for item in page["items"]] == [
        item["id"] for item in whole if item["topic"] not in ("orders.finalize", "carts.remove_ordered")
    ]
    assert page["next_cursor"] is not None


@pytest.mark.parametrize("cursor", ["Wzk5XQ", "WyIyMDI2IiwxLCJhIl0x", "WyIyMDI2LTAxLTAxIiw5OTksImEiXQ"])
def test_a_cursor_of_anything_else_is_refused(paid: Purchase, admin: Buyer, cursor: str) -> None:
    answer = admin.get(f"/v1/orders/{paid.order_id}/timeline?cursor={cursor}")

    assert answer.status_code == 422
