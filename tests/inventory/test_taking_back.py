"""Units that come back from a holder who had bought them."""

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.inventory import services
from app.inventory.errors import ReservationConflict
from app.platform.ids import new_id
from tests.database import rows
from tests.factories import MadeProduct, make_product


def sold(session: Session, product: MadeProduct, units: int) -> UUID:
    """Who has bought so many."""
    holder = new_id()
    services.reserve(session, holder_id=holder, quantities={product.variant_id: units})
    services.commit(session, holder_id=holder)
    return holder


def books(session: Session, product: MadeProduct) -> tuple[object, ...]:
    """Units on hand and reserved; its holder's status, units and returned units; what came back, and why."""
    ((*level,),) = rows(
        "SELECT on_hand, reserved FROM stock_levels WHERE variant_id = :id", session, id=product.variant_id
    )
    held = rows("SELECT status, quantity, returned FROM reservations", session)
    back = rows(
        "SELECT change, reference FROM stock_movements WHERE reason = 'returned' ORDER BY id", session
    )
    return *level, *held, *back


def test_the_same_return_again_changes_nothing(session: Session) -> None:
    lamp = make_product(session, stock=5)
    holder = sold(session, lamp, 3)

    for _ in range(2):
        services.take_back(session, holder_id=holder, quantities={lamp.variant_id: 1}, reference="r1")

    assert books(session, lamp) == (3, 0, ("committed", 3, 1), (1, "r1"))


def test_all_that_was_sold_comes_back_in_parts_and_no_more(session: Session) -> None:
    lamp = make_product(session, stock=5)
    holder = sold(session, lamp, 3)
    services.take_back(session, holder_id=holder, quantities={lamp.variant_id: 1}, reference="r1")
    services.take_back(session, holder_id=holder, quantities={lamp.variant_id: 2}, reference="r2")
    all_back = (5, 0, ("committed", 3, 3), (1, "r1"), (2, "r2"))
    assert books(session, lamp) == all_back

    with pytest.raises(ReservationConflict):
        services.take_back(session, holder_id=holder, quantities={lamp.variant_id: 1}, reference="r3")

    assert books(session, lamp) == all_back


def test_what_another_holder_or_nobody_has_bought_does_not_come_back(session: Session) -> None:
    lamp, desk = make_product(session, stock=5), make_product(session, stock=5)
    holder = sold(session, lamp, 3)
    before = books(session, lamp)

    for who, what in ((new_id(), lamp), (holder, desk)):
        with pytest.raises(ReservationConflict):
            services.take_back(session, holder_id=who, quantities={what.variant_id: 1}, reference="r1")

    assert books(session, lamp) == before == (2, 0, ("committed", 3, 0))


def test_what_is_only_held_does_not_come_back(session: Session) -> None:
    lamp, holder = make_product(session, stock=5), new_id()
    services.reserve(session, holder_id=holder, quantities={lamp.variant_id: 3})

    with pytest.raises(ReservationConflict):
        services.take_back(session, holder_id=holder, quantities={lamp.variant_id: 1}, reference="r1")

    assert books(session, lamp) == (5, 3, ("active", 3, 0))


@pytest.mark.parametrize(("restock", "on_hand"), [(True, 5), (False, 3)])
def test_the_end_of_a_sale_takes_back_what_is_left_of_it_once(
    session: Session, *, restock: bool, on_hand: int
) -> None:
    lamp = make_product(session, stock=5)
    holder = sold(session, lamp, 3)
    services.take_back(session, holder_id=holder, quantities={lamp.variant_id: 1}, reference="r1")

    for _ in range(2):
        services.end_sale(session, holder_id=holder, restock=restock, reference="order", decided={})

    on_shelf, reserved, held, *back = books(session, lamp)
    assert (on_shelf, reserved) == (on_hand, 0)
    assert held == ("released", 3, 3 if restock else 1)
    assert back == [(1, "r1"), (2, "order")][: 2 if restock else 1]
    assert rows("SELECT count(*) FROM reservations WHERE closed_at IS NULL", session) == [(0,)]


@pytest.mark.parametrize(
    ("returned", "decided", "back"), [(0, 1, 2), (1, 2, 1), (2, 1, 1), (0, 3, 0), (0, 4, 0)]
)
def test_units_about_which_somebody_has_decided_before_stay_where_they_are(
    session: Session, returned: int, decided: int, back: int
) -> None:
    lamp = make_product(session, stock=5)
    holder = sold(session, lamp, 3)
    if returned:
        services.take_back(session, holder_id=holder, quantities={lamp.variant_id: returned}, reference="r1")

    services.end_sale(
        session, holder_id=holder, restock=True, reference="order", decided={lamp.variant_id: decided}
    )

    moved = "SELECT coalesce(sum(change), 0) FROM stock_movements WHERE reference = 'order'"
    assert rows(moved, session) == [(back,)]
    assert rows("SELECT status, returned FROM reservations", session) == [("released", returned + back)]
