import threading

import stripe

from sandbox.ready import wait_until
from tests.sandbox.stripe.shop import Shop
from tests.stand_in import StandIn


def test_kill_9_loses_no_acknowledged_effect_and_doubles_none(own: tuple[StandIn, Shop]) -> None:
    stand_in, shop = own
    acknowledged: list[str] = []
    buyers = [threading.Thread(target=buy, args=(stand_in, number, acknowledged)) for number in range(4)]
    for buyer in buyers:
        buyer.start()
    wait_until(lambda: len(acknowledged) >= 40, within=10, failure="Too few purchases")

    stand_in.child.kill()
    for buyer in buyers:
        buyer.join()
    stand_in.start()

    books = stand_in.books()
    statuses = {intent["id"]: intent["status"] for intent in books["payment_intents"]}
    assert {statuses.get(intent_id) for intent_id in acknowledged} == {"succeeded"}
    charged = [charge["payment_intent"] for charge in books["charges"]]
    assert len(charged) == len(set(charged)) == list(statuses.values()).count("succeeded")
    wait_until(lambda: told(shop) >= set(charged), within=15, failure="Webhooks were lost")


def test_keys_and_waiting_webhooks_survive_kill_9(own: tuple[StandIn, Shop]) -> None:
    stand_in, shop = own
    stand_in.order("webhooks", {"hold": True})
    create = stand_in.client.v1.payment_intents.create
    first = create({"amount": 1999, "currency": "usd"}, {"idempotency_key": "once"})

    stand_in.child.kill()
    stand_in.start()
    again = create({"amount": 1999, "currency": "usd"}, {"idempotency_key": "once"})

    assert again.id == first.id
    assert shop.events == []
    stand_in.order("webhooks", {})
    wait_until(lambda: len(shop.events) == 1, within=5, failure="The webhook did not resume")


def test_it_stops_soon_with_a_slow_shop_and_an_open_connection(own: tuple[StandIn, Shop]) -> None:
    stand_in, shop = own
    shop.gate.clear()
    stand_in.new_intent()
    wait_until(lambda: shop.most_at_once == 1, within=5, failure="No webhook came")

    stand_in.child.ask_to_stop()
    stand_in.child.finish(within=5)

    assert stand_in.child.exit_code == 0


def buy(stand_in: StandIn, number: int, acknowledged: list[str]) -> None:
    """Buy until the stand-in dies."""
    for attempt in range(10_000):
        key: stripe.RequestOptions = {"idempotency_key": f"{number}-{attempt}"}
        try:
            intent = stand_in.client.v1.payment_intents.create(
                {"amount": 1999, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}, key
            )
        except stripe.APIConnectionError:
            return
        acknowledged.append(intent.id)


def told(shop: Shop) -> set[str]:
    return {
        str(event.data.object["id"])
        for event in list(shop.events)
        if event.type == "payment_intent.succeeded"
    }
