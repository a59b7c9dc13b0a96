"""Orders that end without being sold."""

from proof.crash.scenarios.scenario import CANCELLED, EXPIRED, PAID, Scenario, begin, ordered
from proof.crash.world import World

SWEEP = "settlement.expire_due"


def _expires(world: World) -> None:
    ordered(world)
    begin(world)
    world.let_holds_end()
    world.tick(SWEEP)
    world.report()
    world.report()


def _expiry_meets_payment(world: World) -> None:
    buyer = ordered(world)
    begin(world)
    world.let_holds_end()
    buyer.pay()
    world.tick(SWEEP)
    world.work()
    world.report()


def _cancelled(world: World) -> None:
    buyer = ordered(world)
    begin(world)
    buyer.post(f"/v1/orders/{buyer.order_id}/cancel")
    world.work()
    world.report()


SCENARIOS = (
    Scenario("expires", "nobody pays: the sweep ends the hold", _expires, EXPIRED),
    Scenario("expiry-meets-payment", "paid when the hold ends: paid stands", _expiry_meets_payment, PAID),
    Scenario("cancelled", "the buyer gives up a pending order", _cancelled, CANCELLED),
)
