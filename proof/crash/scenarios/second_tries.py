"""Orders that are paid by a payment that replaced another."""

from dataclasses import replace

from proof.crash.people import TOTAL
from proof.crash.scenarios.scenario import PAID, Scenario, begin, ordered
from proof.crash.world import World

REPLACED = replace(PAID, payments=("cancelled", "succeeded"))
PAID_TWICE = replace(
    PAID,
    payments=("succeeded", "succeeded"),
    mails=("order_paid", "order_received", "order_refunded"),
    intents=("succeeded", "succeeded"),
    captured=2 * TOTAL,
    refunds=(f"succeeded {TOTAL} surplus",),
    returned=TOTAL,
)
# What our calls cannot bring about: its object is still open, and the shop believes that it is not.
_BELIEVE_CLOSED = "UPDATE payments SET status = 'cancelled'"


def _new_attempt(world: World) -> None:
    buyer = ordered(world)
    begin(world)
    payment = buyer.attempt("checkout_session")
    world.stripe.pay_hosted(payment["redirect_url"])
    world.report()


def _surplus(world: World) -> None:
    buyer = ordered(world)
    first = buyer.payment()["provider_id"]
    world.change(_BELIEVE_CLOSED)
    buyer.attempt()
    begin(world)
    buyer.pay()
    world.stripe.confirm(first)
    world.report()


SCENARIOS = (
    Scenario(
        "new-attempt",
        "a hosted page replaces the open intent",
        _new_attempt,
        replace(REPLACED, intents=("canceled", "succeeded")),
    ),
    Scenario("surplus", "two payments of one order succeed: one goes back", _surplus, PAID_TWICE),
)
