"""An order that costs nothing: a coupon takes all of it off, and it is sent for nothing."""

from dataclasses import replace

from app.platform.db import transaction
from app.pricing.services import coupons, zones
from proof.crash.life import Life
from proof.crash.scenarios.scenario import CANCELLED, PAID, Scenario, begin, ordered, shopper
from proof.crash.world import World

CODE = "ALL-OF-IT"
HAD = replace(
    PAID,
    payments=(),
    mails=("order_paid",),
    intents=(),
    captured=0,
    coupons=(f"{CODE} 0 1",),
    documents=("invoice 0",),
)
GIVEN_BACK = replace(
    HAD,
    orders=("cancelled paid buyer",),
    reservations=("released",),
    stock=CANCELLED.stock,
    mails=("order_cancelled", "order_paid"),
    coupons=(f"{CODE} 0 0",),
)


def _make_it_free(_: Life) -> None:
    with transaction() as session:
        coupons.create(session, code=CODE, kind="percentage", basis_points=10_000, uses_limit=1)
        here = {"country": "GB", "region": "", "postal_prefix": ""}
        zone = zones.add_zone(session, {"name": "Here", "is_default": True, "places": [here]})
        rate = {"code": "standard", "name": "Post", "currency": "USD", "amount": 0}
        zones.add_rate(session, zone.id, rate | {"fewest_days": 1, "most_days": 2})


def _had(world: World) -> None:
    buyer = shopper(world)
    world.tell(_make_it_free)
    begin(world)
    buyer.check_out(coupon=CODE)
    world.report()


def _cancelled(world: World) -> None:
    world.tell(_make_it_free)
    buyer = ordered(world, coupon=CODE)
    begin(world)
    buyer.post(f"/v1/orders/{buyer.order_id}/cancel")
    world.report()


SCENARIOS = (
    Scenario("costs-nothing", "nothing to pay: paid as it is placed", _had, HAD),
    Scenario("costless-cancelled", "such an order is cancelled: nothing goes back", _cancelled, GIVEN_BACK),
)
