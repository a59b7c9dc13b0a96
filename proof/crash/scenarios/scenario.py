"""What a scenario is, and the endings that several have."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from proof.crash import life
from proof.crash.ending import Ending
from proof.crash.people import TOTAL, Buyer, guest, make_goods, user
from proof.crash.world import World


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story with one right ending. `play` arranges, begins to count, and leaves nothing undone."""

    name: str
    title: str
    play: Callable[[World], None]
    ending: Ending


PAID = Ending(
    orders=("paid paid",),
    payments=("succeeded",),
    reservations=("committed",),
    stock=(3, 0),
    mails=("order_paid", "order_received"),
    intents=("succeeded",),
    captured=TOTAL,
    documents=(f"invoice {TOTAL}",),
)
CANCELLED = Ending(
    orders=("cancelled unpaid buyer",),
    payments=("cancelled",),
    reservations=("released",),
    stock=(5, 0),
    mails=("order_cancelled", "order_received"),
    intents=("canceled",),
    captured=0,
    documents=(),
    cart=2,
)
EXPIRED = replace(CANCELLED, orders=("cancelled unpaid expired",))


def begin(world: World) -> None:
    """From here on each edge has its number."""
    world.tell(life.count)


def shopper(world: World) -> Buyer:
    """A customer with two units in the cart."""
    buyer = user(world)
    buyer.fill_cart(world.tell(make_goods))
    return buyer


def ordered(world: World, flow: str = "payment_intent", **more: Any) -> Buyer:
    """A customer with an open order, for `more` at its checkout; what follows from placing it is done."""
    buyer = shopper(world)
    buyer.check_out(flow, **more)
    world.report()
    return buyer


def paid(world: World, **more: Any) -> Buyer:
    """A customer who has paid; all that follows is done."""
    buyer = ordered(world, **more)
    buyer.pay()
    world.report()
    return buyer


def passer_by(world: World) -> Buyer:
    """A guest with two units in the cart."""
    buyer = guest(world)
    buyer.fill_cart(world.tell(make_goods))
    return buyer
