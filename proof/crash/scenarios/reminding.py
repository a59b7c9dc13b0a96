"""Carts that were left, and whose owners want to be reminded of that."""

from dataclasses import replace

from proof.crash.scenarios.scenario import CANCELLED, Scenario, begin, shopper
from proof.crash.world import World

REMINDED = replace(CANCELLED, orders=(), payments=(), reservations=(), intents=(), mails=("cart_reminder",))
_SLOTS = (24 * 3600, 12 * 3600)
"""Two slots of the job: what the first has reminded the second leaves alone."""
_AGREE = "UPDATE users SET email_verified_at = now(), cart_reminders_at = now() WHERE role = 'customer'"
_LEAVE = "UPDATE carts SET updated_at = now() - interval '24 days'"


def _reminded(world: World) -> None:
    shopper(world)
    world.change(_AGREE)
    world.change(_LEAVE)
    begin(world)
    for seconds in _SLOTS:
        world.tick("events.reach_slot", "carts.tend", seconds)
        world.work()


SCENARIOS = (Scenario("cart-left", "a cart is left: one reminder", _reminded, REMINDED),)
