"""Goods that come back, and their money with them."""

from dataclasses import replace

from proof.crash.people import TOTAL, UNIT, admin
from proof.crash.scenarios.scenario import PAID, Scenario, begin, paid
from proof.crash.world import World

ONE_BACK = replace(
    PAID,
    orders=("delivered partially_refunded",),
    stock=(4, 0),
    mails=(
        "order_delivered",
        "order_paid",
        "order_received",
        "order_refunded",
        "order_shipped",
        "return_approved",
        "return_received",
        "return_requested",
    ),
    refunds=(f"succeeded {UNIT} returned",),
    returned=UNIT,
    documents=(f"credit_note {UNIT}", f"invoice {TOTAL}"),
)


def _sent_back(world: World) -> None:
    buyer, operator = paid(world), admin(world)
    (parcel,) = operator.parcels(buyer.order_id)
    for step in ("pack", "ship", "deliver"):
        operator.move(parcel["id"], step)
    world.report()
    begin(world)
    back = buyer.send_back(units=1)
    world.work()
    operator.take_in(back)
    world.report()


SCENARIOS = (
    Scenario(
        "sent-back", "a unit is returned: to the shelf, and its money to the buyer", _sent_back, ONE_BACK
    ),
)
