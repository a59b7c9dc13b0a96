"""Tables of orders, which a worker writes for an operator."""

from dataclasses import replace

from proof.crash.people import TOTAL, admin
from proof.crash.scenarios.scenario import PAID, Scenario, begin, paid
from proof.crash.world import World

EXPORTED = replace(PAID, exports=(f"done paid {TOTAL}",))


def _exported(world: World) -> None:
    paid(world)
    operator = admin(world)
    begin(world)
    operator.post("/v1/admin/order-exports", {})
    world.work()


SCENARIOS = (Scenario("orders-exported", "an operator has a table of orders", _exported, EXPORTED),)
