"""Money that comes too late, goes back, or is taken back."""

from dataclasses import replace
from typing import Any

from proof.crash import life
from proof.crash.people import TOTAL, UNIT, admin, lose_stock
from proof.crash.scenarios.giving_up import SWEEP
from proof.crash.scenarios.scenario import PAID, Scenario, begin, ordered, paid
from proof.crash.world import World

CANCELLED_PAID = replace(
    PAID,
    orders=("cancelled refunded buyer",),
    reservations=("released",),
    stock=(5, 0),
    mails=("order_paid", "order_received", "order_refunded", "paid_order_cancelled"),
    refunds=(f"succeeded {TOTAL} cancelled",),
    returned=TOTAL,
    documents=(f"credit_note {TOTAL}", f"invoice {TOTAL}"),
)
LATE = replace(
    PAID,
    reservations=("committed", "released"),
    timely=("order_cancelled",),
)
UNAVAILABLE = replace(
    PAID,
    orders=("cancelled refunded unavailable",),
    reservations=("released",),
    stock=(1, 0),
    cart=2,
    mails=("order_received", "order_refunded", "order_unavailable"),
    timely=("order_cancelled",),
    refunds=(f"succeeded {TOTAL} unavailable",),
    returned=TOTAL,
    documents=(),
)
LOST = replace(PAID, orders=("paid disputed",))
PARTLY = replace(
    PAID,
    orders=("paid partially_refunded",),
    mails=("order_paid", "order_received", "order_refunded"),
    refunds=(f"succeeded {UNIT} requested_by_customer",),
    returned=UNIT,
    documents=(f"credit_note {UNIT}", f"invoice {TOTAL}"),
)
UNIT_BACK = replace(PARTLY, stock=(4, 0))
PAST_THE_SHOP = replace(PARTLY, refunds=(f"succeeded {UNIT} provider",))


def cancels_paid(world: World, **more: Any) -> None:
    """A paid order is cancelled; `more` is what it had at its checkout."""
    buyer = paid(world, **more)
    begin(world)
    buyer.post(f"/v1/orders/{buyer.order_id}/cancel")
    world.report()


def late(world: World, **more: Any) -> None:
    """An order is paid, and the shop hears of that when it has ended; `more` is as above."""
    buyer = ordered(world, **more)
    buyer.pay()
    world.let_holds_end(hours=25)
    begin(world)
    world.tick(SWEEP)
    world.work()
    world.report()


def _late_without_stock(world: World) -> None:
    buyer = ordered(world)
    buyer.pay()
    world.let_holds_end(hours=25)
    world.tick(SWEEP)
    world.tell(life.work, 1)
    world.tell(lose_stock, 4)
    begin(world)
    world.report()


def _disputed(world: World) -> None:
    buyer = ordered(world)
    buyer.pay("pm_card_createDispute")
    dispute = world.stripe.dispute()
    begin(world)
    world.report()
    world.stripe.post(f"/v1/disputes/{dispute['id']}/close")
    world.report()


def _unit_back(world: World) -> None:
    buyer, operator = paid(world), admin(world)
    begin(world)
    operator.give_back(buyer.order_id, units=1)
    world.report()


def _dashboard(world: World) -> None:
    buyer = paid(world)
    begin(world)
    intent = buyer.payment()["provider_id"]
    world.stripe.post("/v1/refunds", {"payment_intent": intent, "amount": UNIT})
    world.report()


SCENARIOS = (
    Scenario("cancels-paid", "a paid order is cancelled: refund and restock", cancels_paid, CANCELLED_PAID),
    Scenario("late-money", "paid after the end: the stock is had once more", late, LATE),
    Scenario("late-no-stock", "paid after the end, nothing left: refunded", _late_without_stock, UNAVAILABLE),
    Scenario("unit-back", "an operator gives one unit back: money and shelf", _unit_back, UNIT_BACK),
    Scenario("dashboard", "a part is given back in Stripe's dashboard", _dashboard, PAST_THE_SHOP),
    Scenario("disputed", "a bank takes the money back, and keeps it", _disputed, LOST),
)
