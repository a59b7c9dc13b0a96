"""Orders that are paid by a payment that replaced another."""

from dataclasses import replace

from proof.crash.scenarios.scenario import PAID, Scenario, begin, ordered
from proof.crash.world import World

REPLACED = replace(PAID, payments=("cancelled", "succeeded"))


def _new_attempt(world: World) -> None:
    buyer = ordered(world)
    begin(world)
    payment = buyer.attempt("checkout_session")
    world.stripe.pay_hosted(payment["redirect_url"])
    world.report()


SCENARIOS = (
    Scenario(
        "new-attempt",
        "a hosted page replaces the open intent",
        _new_attempt,
        replace(REPLACED, intents=("canceled", "succeeded")),
    ),
)
