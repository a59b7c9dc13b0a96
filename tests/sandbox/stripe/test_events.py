import pytest
import stripe

from sandbox.ready import wait_until
from tests.sandbox.stripe.shop import Shop
from tests.stand_in import StandIn


def types(events: stripe.ListObject[stripe.Event]) -> list[str]:
    return [event.type for event in events.data]


def test_events_are_listed_newest_first_with_their_request(stand_in: StandIn) -> None:
    intent = stand_in.client.v1.payment_intents.create(
        {"amount": 1999, "currency": "usd"}, {"idempotency_key": "order-7"}
    )
    stand_in.confirm(intent.id)

    listed = stand_in.client.v1.events.list()

    assert types(listed) == ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]
    oldest = listed.data[-1]
    assert oldest.id.startswith("evt_")
    assert oldest.request is not None
    assert oldest.request.idempotency_key == "order-7"
    assert intent.last_response is not None
    assert oldest.request.id == intent.last_response.request_id
    assert stand_in.client.v1.events.retrieve(oldest.id).data.object["status"] == "requires_payment_method"


def test_events_are_filtered_by_type(stand_in: StandIn) -> None:
    stand_in.confirm(stand_in.new_intent().id)
    events = stand_in.client.v1.events

    one = events.list({"type": "charge.succeeded"})
    group = events.list({"type": "payment_intent.*"})
    several = events.list({"types": ["charge.succeeded", "payment_intent.created"]})
    none = events.list({"type": "payment_intent.canceled"})

    assert types(one) == ["charge.succeeded"]
    assert types(group) == ["payment_intent.succeeded", "payment_intent.created"]
    assert types(several) == ["charge.succeeded", "payment_intent.created"]
    assert types(none) == []
    with pytest.raises(stripe.InvalidRequestError):
        events.list({"type": "charge.succeeded", "types": ["charge.failed"]})


def test_a_catch_up_reader_reads_on_in_order(stand_in: StandIn) -> None:
    stand_in.new_intent()
    events = stand_in.client.v1.events
    cursor = events.list({"limit": 1}).data[0].id
    made = [stand_in.new_intent().id for _ in range(3)]

    later = events.list({"ending_before": cursor, "limit": 2}).auto_paging_iter()

    assert [event.data.object["id"] for event in later] == made


def test_events_are_filtered_by_delivery(stand_in: StandIn, shop: Shop) -> None:
    events = stand_in.client.v1.events
    stand_in.new_intent()
    wait_until(
        lambda: len(events.list({"delivery_success": True}).data) == 1, within=5, failure="Not delivered"
    )
    stand_in.order("webhooks", {"hold": True})
    waiting = stand_in.new_intent()

    (undelivered,) = events.list({"delivery_success": False}).data
    (delivered,) = events.list({"delivery_success": True}).data

    assert undelivered.data.object["id"] == waiting.id
    assert (undelivered.pending_webhooks, delivered.pending_webhooks) == (1, 0)
