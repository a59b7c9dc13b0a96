import time
from collections.abc import Callable

import pytest
import stripe

from sandbox.ready import wait_until
from tests.sandbox.stripe.shop import Shop
from tests.stand_in import StandIn


def wait(condition: Callable[[], bool]) -> None:
    wait_until(condition, within=8, failure="The webhooks did not come as expected")


def pending(stand_in: StandIn) -> int:
    return sum(delivery["state"] == "pending" for delivery in stand_in.books()["deliveries"])


def pay(stand_in: StandIn) -> stripe.PaymentIntent:
    return stand_in.confirm(stand_in.new_intent().id)


def test_a_payment_is_told_by_signed_webhooks(stand_in: StandIn, shop: Shop) -> None:
    intent = pay(stand_in)

    wait(lambda: len(shop.events) == 3)

    assert shop.types() == {
        "payment_intent.created": 1,
        "payment_intent.succeeded": 1,
        "charge.succeeded": 1,
    }
    assert shop.forged == 0
    told = next(event for event in shop.events if event.type == "payment_intent.succeeded")
    assert told.api_version == stripe.api_version
    assert (told.data.object["id"], told.data.object["status"]) == (intent.id, "succeeded")
    wait(lambda: pending(stand_in) == 0)


def test_a_decline_and_a_cancellation_are_told(stand_in: StandIn, shop: Shop) -> None:
    intent = stand_in.new_intent()
    with pytest.raises(stripe.CardError):
        stand_in.confirm(intent.id, "pm_card_chargeDeclined")
    stand_in.client.v1.payment_intents.cancel(intent.id)

    wait(lambda: len(shop.events) == 4)

    assert set(shop.types()) == {
        "payment_intent.created",
        "payment_intent.payment_failed",
        "charge.failed",
        "payment_intent.canceled",
    }


def test_a_refused_webhook_is_tried_again_until_it_is_taken(stand_in: StandIn, shop: Shop) -> None:
    shop.answers = [500, 302, 404]

    stand_in.new_intent()
    wait(lambda: len(shop.events) == 4 and pending(stand_in) == 0)

    (delivery,) = stand_in.books()["deliveries"]
    assert len(shop.ids()) == 1
    assert (delivery["state"], delivery["attempts"], delivery["last_status"]) == ("delivered", 4, 200)


def test_a_webhook_without_an_answer_in_time_is_tried_again(stand_in: StandIn, shop: Shop) -> None:
    shop.gate.clear()
    stand_in.new_intent()
    wait(lambda: stand_in.books()["deliveries"][0]["last_error"] == "ReadTimeout")

    shop.gate.set()
    wait(lambda: pending(stand_in) == 0)

    assert stand_in.books()["deliveries"][0]["attempts"] >= 2


def test_a_webhook_is_given_up_after_three_days(stand_in: StandIn, shop: Shop) -> None:
    stand_in.order("webhooks", {"hold": True})
    stand_in.new_intent()
    stand_in.in_books("UPDATE deliveries SET created_at = created_at - 259201")
    shop.answers = [500]

    stand_in.order("webhooks", {})
    wait(lambda: pending(stand_in) == 0)

    (delivery,) = stand_in.books()["deliveries"]
    assert (delivery["state"], delivery["attempts"]) == ("failed", 1)
    assert len(stand_in.client.v1.events.list({"delivery_success": False}).data) == 1


def test_held_webhooks_wait_until_they_are_let_go(stand_in: StandIn, shop: Shop) -> None:
    stand_in.order("webhooks", {"hold": True})
    pay(stand_in)

    assert (pending(stand_in), shop.events) == (3, [])
    stand_in.order("webhooks", {})
    wait(lambda: len(shop.events) == 3)


def test_delayed_webhooks_come_late(stand_in: StandIn, shop: Shop) -> None:
    stand_in.order("webhooks", {"delay_seconds": 0.4})
    start = time.monotonic()
    stand_in.new_intent()

    wait(lambda: len(shop.events) == 1)

    assert time.monotonic() - start >= 0.4


def test_dropped_webhooks_never_come_but_are_listed_as_undelivered(stand_in: StandIn, shop: Shop) -> None:
    stand_in.order("webhooks", {"drop": True})
    stand_in.new_intent()
    stand_in.order("webhooks", {})
    marker = stand_in.new_intent()

    wait(lambda: len(shop.events) == 1 and pending(stand_in) == 0)

    undelivered = stand_in.client.v1.events.list({"delivery_success": False}).data
    assert [event.data.object["id"] for event in shop.events] == [marker.id]
    assert [event.type for event in undelivered] == ["payment_intent.created"]


def test_doubled_webhooks_come_as_often_as_ordered_and_at_once(stand_in: StandIn, shop: Shop) -> None:
    stand_in.order("webhooks", {"copies": 5})
    shop.gate.clear()
    stand_in.new_intent()
    wait(lambda: shop.most_at_once == 5)

    shop.gate.set()
    wait(lambda: pending(stand_in) == 0)

    assert len(shop.ids()) == 1
    assert len(shop.events) >= 5


def test_an_old_event_can_be_sent_again(stand_in: StandIn, shop: Shop) -> None:
    stand_in.new_intent()
    wait(lambda: len(shop.events) == 1)

    stand_in.order(f"events/{shop.events[0].id}/resend", {"copies": 2})
    wait(lambda: len(shop.events) == 3)

    assert len(shop.ids()) == 1


def test_shuffled_webhooks_lose_their_order(stand_in: StandIn, shop: Shop) -> None:
    stand_in.order("webhooks", {"shuffle": True, "delay_seconds": 0.6})
    made = [stand_in.new_intent().id for _ in range(12)]

    wait(lambda: len(shop.events) == 12)

    told = [str(event.data.object["id"]) for event in shop.events]
    assert sorted(told) == sorted(made)
    assert told != made  # by chance they agree once in 12!, some 480 million, times


def test_only_a_share_of_the_events_is_dropped_or_doubled(stand_in: StandIn, shop: Shop) -> None:
    stand_in.order("webhooks", {"drop": True, "drop_share": 0.5, "copies": 2, "copy_share": 0.5})
    made = [stand_in.new_intent().id for _ in range(40)]

    wait(lambda: pending(stand_in) == 0)

    told = [str(event.data.object["id"]) for event in shop.events]
    # By chance all or none is dropped or doubled once in hundreds of millions of times.
    assert 0 < len(set(told)) < len(made)
    assert len(set(told)) < len(told) < 2 * len(set(told))


def test_an_unknown_disorder_is_refused(stand_in: StandIn) -> None:
    with pytest.raises(OSError, match="400"):
        stand_in.order("webhooks", {"chaos": True})

    assert stand_in.order("webhooks", method="GET")["copies"] == 1
