"""What others are told: third parties by webhooks, buyers by text messages."""

from dataclasses import replace

from proof.crash.people import admin
from proof.crash.scenarios.scenario import PAID, Scenario, begin, ordered, paid
from proof.crash.scenarios.sending import ON_ITS_WAY
from proof.crash.world import World

_TYPES = ("ORDER_PAID", "PAYMENT_SUCCEEDED")
_AGREE = "UPDATE users SET phone = '+442079460123', text_messages_at = now() WHERE role = 'customer'"
_LOOK_INTO_DOUBT = """
  UPDATE deliveries SET state = 'done', done_at = now()
  WHERE state = 'dead' AND consumer = 'notifications.order_shipped_text'"""
"""What an operator does about a text that nobody knows of; whether there was a doubt, the ending judges."""
TEXTED = replace(PAID, orders=("shipped paid",), mails=ON_ITS_WAY, texts=("order_shipped_text",))
HEARD = replace(PAID, webhooks=_TYPES)


def _heard(world: World) -> None:
    buyer, operator = ordered(world), admin(world)
    world.let_log_settle()
    operator.listen(world.receiver.url, *_TYPES)
    buyer.pay()
    world.report()
    world.let_log_settle()
    begin(world)
    world.tick("webhooks.feed")
    world.work()


def _texted(world: World) -> None:
    buyer, operator = paid(world), admin(world)
    world.change(_AGREE)
    (parcel,) = operator.parcels(buyer.order_id)
    operator.move(parcel["id"], "pack")
    world.work()
    begin(world)
    operator.move(parcel["id"], "ship")
    world.work()
    world.change(_LOOK_INTO_DOUBT)


SCENARIOS = (
    Scenario("webhooks", "a third party hears of an order and its money", _heard, HEARD),
    Scenario("texted", "a parcel is sent, and its buyer told by a text", _texted, TEXTED),
)
