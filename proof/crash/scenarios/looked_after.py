"""Orders that need somebody to look again: a comparison with the provider, or an operator."""

from dataclasses import replace

from proof.crash.people import TOTAL, admin
from proof.crash.scenarios.scenario import PAID, Scenario, begin, ordered
from proof.crash.world import World

TOO_MUCH = 301
ACCEPTED = replace(
    PAID,
    orders=("paid paid",),
    captured=TOTAL + TOO_MUCH,
    refunds=(f"succeeded {TOO_MUCH} overpaid",),
    returned=TOO_MUCH,
    mails=("order_paid", "order_received", "order_refunded"),
)
_COMPARISONS = {"recent": 300, "open": 60, "deep": 24 * 3600}
"""What beat starts to compare with the provider, and how often. What one of them misses another one sees."""


def _unreported(world: World) -> None:
    buyer = ordered(world)
    begin(world)
    buyer.pay()
    world.lose_events()
    for kind, seconds in _COMPARISONS.items():
        world.tick("events.reach_slot", f"settlement.reconcile_{kind}", seconds)
        world.work()
        world.let_time_pass()


def _reviewed(world: World) -> None:
    buyer, operator = ordered(world), admin(world)
    intent = buyer.payment()["provider_id"]
    world.stripe.post(f"/v1/payment_intents/{intent}", {"amount": TOTAL + TOO_MUCH})
    begin(world)
    buyer.pay()
    world.report()
    operator.decide(buyer.payment_id, "accept")
    world.report()


SCENARIOS = (
    Scenario("unreported", "no webhook ever comes: the comparison heals it", _unreported, PAID),
    Scenario("reviewed", "too much is paid: an operator accepts it", _reviewed, ACCEPTED),
)
