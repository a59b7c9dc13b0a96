"""Many buyers at the same moment, each on a connection of their own."""

from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from app.inventory import services
from app.inventory.errors import OutOfStock
from app.platform.ids import new_id
from config import Settings
from tests.buyers import shelf
from tests.database import count, rows
from tests.threads import together

pytestmark = pytest.mark.usefixtures("client")  # for its database: these commit


@pytest.fixture
def reserve(settings: Settings) -> Callable[[UUID, Mapping[UUID, int]], bool]:
    """Reserve on a new connection; whether there was enough."""
    engine = create_engine(settings.database_url, poolclass=NullPool)

    def attempt(holder_id: UUID, quantities: Mapping[UUID, int]) -> bool:
        try:
            with Session(engine) as session, session.begin():
                session.execute(text("SET LOCAL deadlock_timeout = '100ms'"))
                services.reserve(session, holder_id=holder_id, quantities=quantities)
        except OutOfStock:
            return False
        return True

    return attempt


def test_twenty_four_buyers_of_five_units_get_exactly_five(
    reserve: Callable[[UUID, Mapping[UUID, int]], bool],
) -> None:
    """Two buyers got the last unit.

    vendure #3508, vendure #1738, django-shop #888, saleor #543, magento2 #6363, nopCommerce #4184,
    openfoodnetwork #4018.
    """
    lamp = shelf(stock=5)

    got = together(*[lambda: reserve(new_id(), {lamp.variant_id: 1}) for _ in range(24)])

    assert (got.count(True), got.count(False)) == (5, 19)
    assert rows("SELECT on_hand, reserved FROM stock_levels") == [(5, 5)]
    assert count("reservations") == 5


def test_carts_that_list_the_same_things_in_opposite_order_do_not_deadlock(
    reserve: Callable[[UUID, Mapping[UUID, int]], bool],
) -> None:
    products = [shelf(stock=100) for _ in range(4)]
    there = {each.variant_id: 1 for each in products}
    back = {each.variant_id: 1 for each in reversed(products)}

    for _ in range(4):
        assert all(together(*[partial(reserve, new_id(), order) for order in [there, back] * 6]))

    assert rows("SELECT DISTINCT on_hand, reserved FROM stock_levels") == [(100, 48)]


def test_one_holder_from_many_sides_is_held_once(
    reserve: Callable[[UUID, Mapping[UUID, int]], bool],
) -> None:
    lamp, holder = shelf(stock=5), new_id()

    assert all(together(*[lambda: reserve(holder, {lamp.variant_id: 2}) for _ in range(8)]))

    assert rows("SELECT on_hand, reserved FROM stock_levels") == [(5, 2)]
