"""Sold out, back, low: told once per crossing, by the change that crosses."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from app.inventory import services
from app.inventory.errors import OutOfStock
from app.inventory.services import stock
from app.platform.ids import new_id
from config import Settings
from tests.buyers import shelf
from tests.database import count, rows
from tests.factories import MadeProduct, make_product
from tests.inventory.till import Till
from tests.threads import together

CROSSINGS = "('inventory.sold_out', 'inventory.back_in_stock', 'inventory.low')"


def crossed(session: Session | None = None, product: MadeProduct | None = None) -> list[str]:
    """The crossings since the product came into stock, oldest first, without the package's name."""
    found = rows(
        f"SELECT topic, subject, payload FROM events WHERE topic IN {CROSSINGS} ORDER BY sequence",  # noqa: S608  # own words
        session,
    )
    assert all(
        {"listed": False} | payload == {"variant_id": subject, "listed": False}
        for _, subject, payload in found
    )
    told = [(topic, subject) for topic, subject, _ in found]
    wanted = [topic for topic, subject in told if product is None or subject == str(product.variant_id)]
    return [topic.removeprefix("inventory.") for topic in wanted][1:]


def make_lamp(session: Session, *, units: int, threshold: int) -> MadeProduct:
    """A product with a threshold, come into stock."""
    lamp = make_product(session, stock=units)
    services.set_threshold(session, sku=lamp.sku, threshold=threshold)
    return lamp


def reserve(session: Session, product: MadeProduct, units: int) -> UUID:
    """Who holds so many."""
    holder = new_id()
    services.reserve(session, holder_id=holder, quantities={product.variant_id: units})
    return holder


def adjust(session: Session, product: MadeProduct, change: int) -> None:
    """Units come or go."""
    services.adjust(session, sku=product.sku, change=change, reason="correction", note=None)


def test_the_first_units_of_a_variant_are_told(session: Session) -> None:
    lamp = make_product(session, stock=0)
    before = rows(f"SELECT 1 FROM events WHERE topic IN {CROSSINGS}", session)  # noqa: S608  # own words

    adjust(session, lamp, 3)

    topics = rows("SELECT topic FROM events ORDER BY sequence", session)
    assert before == []
    assert topics == [("inventory.stock_adjusted",), ("inventory.back_in_stock",)]


def test_each_line_is_told_when_it_is_crossed_and_not_again_before_it_was_crossed_back(
    session: Session,
) -> None:
    lamp = make_lamp(session, units=5, threshold=2)
    first = reserve(session, lamp, 2)
    assert crossed(session) == []

    second = reserve(session, lamp, 1)
    reserve(session, lamp, 1)
    assert crossed(session) == ["low"]
    third = reserve(session, lamp, 1)
    assert crossed(session) == ["low", "sold_out"]

    services.release(session, holder_id=third)
    assert crossed(session) == ["low", "sold_out", "back_in_stock"]
    reserve(session, lamp, 1)
    assert crossed(session) == ["low", "sold_out", "back_in_stock", "sold_out"]

    services.release(session, holder_id=first)
    services.release(session, holder_id=second)
    reserve(session, lamp, 1)
    assert crossed(session) == ["low", "sold_out", "back_in_stock", "sold_out", "back_in_stock", "low"]


def test_a_sale_changes_nothing_that_is_available(session: Session) -> None:
    lamp = make_lamp(session, units=3, threshold=1)
    holder = reserve(session, lamp, 2)

    services.commit(session, holder_id=holder)

    assert crossed(session) == ["low"]


def test_what_comes_back_from_a_buyer_is_back_in_stock(session: Session) -> None:
    lamp = make_lamp(session, units=1, threshold=0)
    holder = reserve(session, lamp, 1)
    services.commit(session, holder_id=holder)

    services.take_back(session, holder_id=holder, quantities={lamp.variant_id: 1}, reference="r1")

    assert crossed(session) == ["low", "sold_out", "back_in_stock"]


def test_counting_and_writing_off_cross_as_selling_does(session: Session) -> None:
    lamp = make_lamp(session, units=5, threshold=1)

    services.count(session, sku=lamp.sku, on_hand=1, note=None)
    services.count(session, sku=lamp.sku, on_hand=1, note=None)
    adjust(session, lamp, -1)
    adjust(session, lamp, 9)

    assert crossed(session) == ["low", "sold_out", "back_in_stock"]


def test_holds_that_end_together_tell_of_a_variant_once(session: Session) -> None:
    lamp = make_lamp(session, units=2, threshold=0)
    holders = [reserve(session, lamp, 1) for _ in range(2)]

    stock.release_all(session, holders)

    assert crossed(session) == ["low", "sold_out", "back_in_stock"]


def test_a_threshold_that_is_moved_is_no_crossing(session: Session) -> None:
    lamp = make_lamp(session, units=5, threshold=0)

    services.set_threshold(session, sku=lamp.sku, threshold=8)
    reserve(session, lamp, 1)

    assert crossed(session) == []


def test_who_gets_nothing_has_not_taken_the_last_unit(session: Session) -> None:
    lamp, desk = make_lamp(session, units=1, threshold=0), make_lamp(session, units=1, threshold=0)

    with pytest.raises(OutOfStock):
        services.reserve(session, holder_id=new_id(), quantities={lamp.variant_id: 1, desk.variant_id: 2})

    assert crossed(session, lamp) == crossed(session, desk) == []


def test_a_till_that_takes_the_last_unit_and_lets_it_go_tells_both(till: Till) -> None:
    lamp = shelf(stock=1)

    till.reserve({lamp: 1})
    till.release()

    assert crossed() == ["low", "sold_out", "back_in_stock"]


@pytest.fixture
def take_one(settings: Settings) -> Callable[[UUID], bool]:
    """Reserve a unit on a new connection; whether there was one."""
    engine = create_engine(settings.database_url, poolclass=NullPool)

    def attempt(variant_id: UUID) -> bool:
        try:
            with Session(engine) as session, session.begin():
                services.reserve(session, holder_id=new_id(), quantities={variant_id: 1})
        except OutOfStock:
            return False
        return True

    return attempt


@pytest.mark.usefixtures("client")  # for its database: these commit
def test_of_sixty_four_buyers_one_makes_it_low_and_one_sells_it_out(
    take_one: Callable[[UUID], bool],
) -> None:
    lamp = shelf(stock=40)
    with_threshold = "UPDATE stock_levels SET low_stock_threshold = 10 RETURNING 1"
    assert rows(with_threshold) == [(1,)]

    got = together(*[lambda: take_one(lamp.variant_id) for _ in range(64)])

    assert got.count(True) == 40
    assert crossed() == ["low", "sold_out"]
    assert count("reservations") == 40
