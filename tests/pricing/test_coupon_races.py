"""Many buyers want the same coupon at the same moment, each on a connection of their own."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from app.inventory import services as inventory
from app.platform.db import transaction
from app.platform.ids import new_id
from app.platform.money import Money
from app.pricing.errors import CouponUsedUp
from app.pricing.services import coupons
from config import Settings
from tests.buyers import purchase, shelf
from tests.coupons import counters, make_coupon
from tests.database import change, rows
from tests.stand_in import StandIn
from tests.threads import together

SO_MANY = 64
MORE_ORDERS = """
  INSERT INTO orders SELECT (jsonb_populate_record(made, jsonb_build_object(
    'id', gen_random_uuid(), 'number', 'ORD-' || nth, 'cart_id', NULL))).*
  FROM orders made, generate_series(1, :more) AS nth"""
USES = "SELECT status, count(*) FROM coupon_uses GROUP BY 1 ORDER BY 1"

InOwn = Callable[[Callable[[Session], None]], bool]


@pytest.fixture
def in_own(settings: Settings) -> InOwn:
    """Do something in a transaction on a new connection; whether there was a use left."""
    engine = create_engine(settings.database_url, poolclass=NullPool)

    def attempt(work: Callable[[Session], None]) -> bool:
        try:
            with Session(engine) as session, session.begin():
                session.execute(text("SET LOCAL deadlock_timeout = '100ms'"))
                work(session)
        except CouponUsedUp:
            return False
        return True

    return attempt


@pytest.fixture
def order_ids(client: FlaskClient, stripe: StandIn) -> list[UUID]:
    """As many orders as there are buyers."""
    purchase(client)
    change(MORE_ORDERS, more=SO_MANY)
    return [row[0] for row in rows("SELECT id FROM orders WHERE cart_id IS NULL ORDER BY id")]


def coupon(code: str, **values: int) -> UUID:
    """A committed one."""
    with transaction() as session:
        return make_coupon(session, code, **values).id


def test_of_64_buyers_of_the_last_use_exactly_one_has_it(in_own: InOwn, order_ids: list[UUID]) -> None:
    """Limited coupons were used more often than allowed. saleor #544, saleor #8219."""
    last = coupon("LAST", uses_limit=1)

    got = together(
        *[
            partial(in_own, partial(_reserve, coupon_id=last, order_id=order_id, customer=f"user:{order_id}"))
            for order_id in order_ids
        ]
    )

    assert (got.count(True), got.count(False)) == (1, SO_MANY - 1)
    assert (counters(code="LAST"), rows(USES)) == ((1, 0), [("reserved", 1)])
    assert rows("SELECT sum(reserved) FROM coupon_customers") == [(1,)]


def test_one_customer_in_many_windows_has_the_uses_of_one(in_own: InOwn, order_ids: list[UUID]) -> None:
    mine = coupon("MINE", customer_limit=2)

    got = together(
        *[
            partial(in_own, partial(_reserve, coupon_id=mine, order_id=order_id, customer="user:1"))
            for order_id in order_ids[:16]
        ]
    )

    assert got.count(True) == 2
    assert (counters(code="MINE"), rows(USES)) == ((2, 0), [("reserved", 2)])


def test_uses_that_are_taken_sold_and_given_back_at_once_neither_deadlock_nor_get_lost(
    in_own: InOwn, order_ids: list[UUID]
) -> None:
    """Stock first, then coupons, by everybody; several by id, whatever order they were asked for in."""
    first, second = coupon("FIRST"), coupon("SECOND")
    lamp = shelf(stock=SO_MANY)
    held, free = order_ids[:24], order_ids[24:48]
    for number, order_id in enumerate(held):
        chosen = (first, second)[number % 2]
        in_own(partial(_buy, variant_id=lamp.variant_id, coupon_id=chosen, order_id=order_id))

    works = [
        *[partial(_expire, order_ids=held[at : at + 8]) for at in (0, 8)],
        *[partial(_sell, order_id=order_id) for order_id in held[16:]],
        *[
            partial(_buy, variant_id=lamp.variant_id, coupon_id=(first, second)[at % 2], order_id=order_id)
            for at, order_id in enumerate(free[:16])
        ],
    ]
    assert all(together(*[partial(in_own, work) for work in works]))

    assert rows(USES) == [("released", 16), ("reserved", 16), ("used", 8)]
    assert (counters(code="FIRST"), counters(code="SECOND")) == ((8, 4), (8, 4))
    assert rows("SELECT sum(reserved), sum(used) FROM coupon_customers") == [(16, 8)]


def _reserve(session: Session, *, coupon_id: UUID, order_id: UUID, customer: str) -> None:
    coupons.reserve(
        session,
        coupon_id=coupon_id,
        order_id=order_id,
        cart_id=new_id(),
        customer=customer,
        discount=Money(200, "USD"),
    )


def _buy(session: Session, *, variant_id: UUID, coupon_id: UUID, order_id: UUID) -> None:
    inventory.reserve(session, holder_id=order_id, quantities={variant_id: 1})
    _reserve(session, coupon_id=coupon_id, order_id=order_id, customer="user:1")


def _sell(session: Session, *, order_id: UUID) -> None:
    inventory.commit(session, holder_id=order_id)
    coupons.use(session, order_id=order_id)


def _expire(session: Session, *, order_ids: list[UUID]) -> None:
    inventory.release_all(session, order_ids)
    coupons.release_all(session, list(reversed(order_ids)))
