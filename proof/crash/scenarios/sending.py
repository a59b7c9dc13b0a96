"""Orders on their way to their buyers."""

from dataclasses import replace

from proof.crash.people import admin
from proof.crash.scenarios.scenario import PAID, Scenario, begin, paid, shopper
from proof.crash.world import World

ON_ITS_WAY = ("order_paid", "order_received", "order_shipped")
DELIVERED = replace(PAID, orders=("delivered paid",), mails=("order_delivered", *ON_ITS_WAY))
PICKED_UP_TOTAL = 2160
"""Two units at 10.00 and 8 percent of tax, without shipping."""
PICKED_UP = replace(
    DELIVERED,
    mails=("order_delivered", "order_paid", "order_ready", "order_received"),
    captured=PICKED_UP_TOTAL,
    documents=(f"invoice {PICKED_UP_TOTAL}",),
)
IN_PARTS = replace(PAID, orders=("shipped paid",), mails=(*ON_ITS_WAY, "order_shipped"))


def _sent(world: World) -> None:
    buyer, operator = paid(world), admin(world)
    (parcel,) = operator.parcels(buyer.order_id)
    begin(world)
    for step in ("pack", "ship", "deliver"):
        operator.move(parcel["id"], step)
        world.work()


def _picked_up(world: World) -> None:
    buyer, operator = shopper(world), admin(world)
    buyer.pick_up(operator.open_store())
    buyer.pay()
    world.report()
    (parcel,) = operator.parcels(buyer.order_id)
    begin(world)
    for step in ("pack", "ready", "deliver"):
        operator.move(parcel["id"], step)
        world.work()


def _sent_in_parts(world: World) -> None:
    buyer, operator = paid(world), admin(world)
    (parcel,) = operator.parcels(buyer.order_id)
    one = [{"line_id": parcel["lines"][0]["line_id"], "quantity": 1}]
    begin(world)
    operator.move(parcel["id"], "pack", {"lines": one})
    for each in operator.parcels(buyer.order_id):
        operator.move(each["id"], "pack")
        operator.move(each["id"], "ship")
    world.work()


SCENARIOS = (
    Scenario("sent", "packed, sent and delivered", _sent, DELIVERED),
    Scenario("picked-up", "packed, ready in the store and handed over", _picked_up, PICKED_UP),
    Scenario("sent-in-parts", "two parcels of one order are sent", _sent_in_parts, IN_PARTS),
)
