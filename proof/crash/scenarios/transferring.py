"""Orders that are paid by a transfer to the shop's account, which an operator confirms."""

from dataclasses import replace

from proof.crash.people import TOTAL, UNIT, admin
from proof.crash.scenarios.giving_up import SWEEP
from proof.crash.scenarios.money_back import PARTLY
from proof.crash.scenarios.scenario import EXPIRED, Scenario, begin, ordered, shopper
from proof.crash.world import World

TRANSFER = "manual"
PAID_OUT = replace(PARTLY, intents=(), captured=0, returned=0, stock=(4, 0))
"""Its money is in no provider's books."""
NEVER_PAID = replace(EXPIRED, intents=(), cart=0)
"""What waits for a transfer has left the cart."""


def _transferred(world: World) -> None:
    buyer, operator = shopper(world), admin(world)
    begin(world)
    buyer.check_out(TRANSFER)
    world.report()
    operator.note_transfer(buyer.payment_id, "line 1", TOTAL)
    world.report()
    refund = operator.give_back(buyer.order_id, units=1)
    world.report()
    operator.pay_out(refund["id"], "line 2")
    world.report()


def _never_transferred(world: World) -> None:
    ordered(world, TRANSFER)
    world.let_holds_end()
    begin(world)
    world.tick(SWEEP)
    world.work()


SCENARIOS = (
    Scenario("transfer", f"a transfer is confirmed, {UNIT} of it paid out again", _transferred, PAID_OUT),
    Scenario("no-transfer", "nobody pays to the account: the order expires", _never_transferred, NEVER_PAID),
)
