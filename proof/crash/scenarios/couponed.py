"""Orders with the last use of a coupon: used once they are paid, given back when they are not."""

from dataclasses import replace

from app.platform.db import transaction
from app.pricing.services import coupons
from proof.crash.life import Life
from proof.crash.scenarios.giving_up import SWEEP
from proof.crash.scenarios.money_back import CANCELLED_PAID, LATE, cancels_paid, late
from proof.crash.scenarios.scenario import EXPIRED, PAID, Scenario, begin, shopper
from proof.crash.world import World

CODE = "SPRING-10"
LESS = 2483
"""Two units at 10.00 less ten percent, 4.99 for shipping, and 8 percent of tax on both."""
INVOICED = (f"invoice {LESS}",)
USED = replace(PAID, captured=LESS, coupons=(f"{CODE} 0 1",), documents=INVOICED)
FREE = replace(EXPIRED, coupons=(f"{CODE} 0 0",))
GIVEN_BACK = replace(
    CANCELLED_PAID,
    captured=LESS,
    returned=LESS,
    refunds=(f"succeeded {LESS} cancelled",),
    coupons=(f"{CODE} 0 0",),
    documents=(f"credit_note {LESS}", *INVOICED),
)
LATE_USE = replace(LATE, captured=LESS, coupons=(f"{CODE} 0 1",), documents=INVOICED)


def _make_coupon(_: Life) -> None:
    with transaction() as session:
        coupons.create(
            session, code=CODE, kind="percentage", basis_points=1000, uses_limit=1, customer_limit=1
        )


def _paid(world: World) -> None:
    world.tell(_make_coupon)
    buyer = shopper(world)
    begin(world)
    buyer.check_out(coupon=CODE)
    buyer.pay()
    world.report()


def _expires(world: World) -> None:
    world.tell(_make_coupon)
    buyer = shopper(world)
    begin(world)
    buyer.check_out(coupon=CODE)
    world.report()
    world.let_holds_end()
    world.tick(SWEEP)
    world.report()
    world.report()


def _cancels_paid(world: World) -> None:
    world.tell(_make_coupon)
    cancels_paid(world, coupon=CODE)


def _late(world: World) -> None:
    world.tell(_make_coupon)
    late(world, coupon=CODE)


SCENARIOS = (
    Scenario("coupon-used", "the last use of a coupon is paid for", _paid, USED),
    Scenario("coupon-expires", "nobody pays: the last use is free again", _expires, FREE),
    Scenario("coupon-cancels-paid", "a paid order is cancelled: the use is free", _cancels_paid, GIVEN_BACK),
    Scenario("coupon-late", "paid after the end: the use is had once more", _late, LATE_USE),
)
