"""Whatever is done with stock, in whatever order: the counters are the sums of their rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as some
from sqlalchemy.orm import Session

from app.inventory import services
from app.inventory.errors import OutOfStock, ReservationConflict, StockIsPromised
from app.platform.db import SessionFactory
from app.platform.ids import new_id
from tests.database import rows
from tests.factories import MadeProduct, make_product

STOCK = 6
HOLDERS = 3
STEPS = some.lists(
    some.tuples(
        some.sampled_from(["reserve", "commit", "release", "adjust", "count"]),
        some.integers(0, HOLDERS - 1),
        some.integers(0, 1),
        some.integers(-4, 8).filter(bool),
    ),
    max_size=25,
)
WRONG_COUNTERS = """
    SELECT sku FROM stock_levels
    WHERE on_hand <> (SELECT coalesce(sum(change), 0) FROM stock_movements AS moved
                      WHERE moved.variant_id = stock_levels.variant_id)
       OR reserved <> (SELECT coalesce(sum(quantity), 0) FROM reservations AS held
                       WHERE held.variant_id = stock_levels.variant_id AND status = 'active')
       OR reserved NOT BETWEEN 0 AND on_hand
"""


@contextmanager
def undone() -> Iterator[Session]:
    """A session of this example alone, rolled back."""
    with SessionFactory() as session:
        yield session
        session.rollback()


def act(
    session: Session, products: list[MadeProduct], holders: list[UUID], step: tuple[str, int, int, int]
) -> None:
    """One step; what is refused is undone, as a request's transaction is."""
    what, holder, index, units = step
    product, holder_id = products[index], holders[holder]
    try:
        with session.begin_nested():
            if what == "reserve":
                quantities = {each.variant_id: abs(units) for each in products[: index + 1]}
                services.reserve(session, holder_id=holder_id, quantities=quantities)
            elif what == "commit":
                services.commit(session, holder_id=holder_id)
            elif what == "release":
                services.release(session, holder_id=holder_id)
            elif what == "adjust":
                services.adjust(session, sku=product.sku, change=units, reason="correction", note=None)
            else:
                services.count(session, sku=product.sku, on_hand=abs(units), note=None)
    except (OutOfStock, ReservationConflict, StockIsPromised):
        pass


@given(steps=STEPS)
@hypothesis(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_counters_are_sums_after_any_steps(app: Flask, steps: list[tuple[str, int, int, int]]) -> None:
    with undone() as session:
        products = [make_product(session, stock=STOCK) for _ in range(2)]
        holders = [new_id() for _ in range(HOLDERS)]

        for step in steps:
            act(session, products, holders, step)

            assert rows(WRONG_COUNTERS, session) == []
