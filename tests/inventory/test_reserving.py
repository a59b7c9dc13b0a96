"""Holding, selling and giving back units, in one session."""

from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.inventory import services
from app.inventory.errors import OutOfStock, ReservationConflict
from app.platform.ids import new_id
from tests.database import change, rows
from tests.factories import MadeProduct, make_product


def level(session: Session, product: MadeProduct) -> tuple[int, int]:
    """Units on hand and reserved."""
    statement = "SELECT on_hand, reserved FROM stock_levels WHERE variant_id = :id"
    ((on_hand, reserved),) = rows(statement, session, id=product.variant_id)
    return on_hand, reserved


def held(session: Session, holder_id: UUID) -> list[tuple[str, int]]:
    """Status and units of a holder's reservations."""
    statement = "SELECT status, quantity FROM reservations WHERE holder_id = :id ORDER BY id"
    return [(row[0], row[1]) for row in rows(statement, session, id=holder_id)]


def sales(session: Session) -> list[tuple[int, str]]:
    """Change and reference of each sale."""
    statement = "SELECT change, reference FROM stock_movements WHERE reason = 'sale' ORDER BY id"
    return [(row[0], row[1]) for row in rows(statement, session)]


def test_held_units_stay_on_the_shelf_and_are_promised(session: Session) -> None:
    lamp, holder = make_product(session, stock=5), new_id()

    services.reserve(session, holder_id=holder, quantities={lamp.variant_id: 3})

    assert level(session, lamp) == (5, 3)
    assert held(session, holder) == [("active", 3)]
    assert services.availability(session, [lamp.variant_id]) == {lamp.variant_id: 2}


def test_when_one_line_is_short_nothing_is_held_and_the_shortage_is_exact(session: Session) -> None:
    plenty, scarce, none = (make_product(session, stock=stock) for stock in (10, 1, 0))
    holder = new_id()

    with pytest.raises(OutOfStock) as caught, session.begin_nested():
        services.reserve(
            session,
            holder_id=holder,
            quantities={plenty.variant_id: 1, scarce.variant_id: 2, none.variant_id: 3},
        )

    assert caught.value.extra == {
        "shortage": [
            {"variant_id": str(scarce.variant_id), "sku": scarce.sku, "requested": 2, "available": 1},
            {"variant_id": str(none.variant_id), "sku": none.sku, "requested": 3, "available": 0},
        ]
    }
    assert [level(session, each) for each in (plenty, scarce, none)] == [(10, 0), (1, 0), (0, 0)]
    assert held(session, holder) == []


def test_the_last_unit_is_held_once(session: Session) -> None:
    lamp = make_product(session, stock=1)
    services.reserve(session, holder_id=new_id(), quantities={lamp.variant_id: 1})

    with pytest.raises(OutOfStock), session.begin_nested():
        services.reserve(session, holder_id=new_id(), quantities={lamp.variant_id: 1})

    assert level(session, lamp) == (1, 1)


def test_holding_the_same_again_changes_nothing(session: Session) -> None:
    lamp, pen, holder = make_product(session, stock=5), make_product(session, stock=5), new_id()
    quantities = {lamp.variant_id: 3, pen.variant_id: 1}

    for _ in range(3):
        services.reserve(session, holder_id=holder, quantities=quantities)

    assert (level(session, lamp), level(session, pen)) == ((5, 3), (5, 1))


@pytest.mark.parametrize("other", [{"lamp": 2}, {"lamp": 3, "pen": 1}, {"pen": 3}])
def test_holding_other_quantities_under_the_same_name_is_a_conflict(
    session: Session, other: dict[str, int]
) -> None:
    made = {"lamp": make_product(session, stock=5), "pen": make_product(session, stock=5)}
    holder = new_id()
    services.reserve(session, holder_id=holder, quantities={made["lamp"].variant_id: 3})

    quantities = {made[name].variant_id: units for name, units in other.items()}
    with pytest.raises(ReservationConflict), session.begin_nested():
        services.reserve(session, holder_id=holder, quantities=quantities)

    assert (level(session, made["lamp"]), level(session, made["pen"])) == ((5, 3), (5, 0))


def test_selling_takes_the_units_off_the_shelf_once(session: Session) -> None:
    lamp, holder = make_product(session, stock=5), new_id()
    services.reserve(session, holder_id=holder, quantities={lamp.variant_id: 3})

    for _ in range(2):
        services.commit(session, holder_id=holder)

    assert level(session, lamp) == (2, 0)
    assert held(session, holder) == [("committed", 3)]
    assert sales(session) == [(-3, str(holder))]


def test_giving_back_frees_the_units_once(session: Session) -> None:
    lamp, holder, other = make_product(session, stock=5), new_id(), new_id()
    services.reserve(session, holder_id=holder, quantities={lamp.variant_id: 3})
    services.reserve(session, holder_id=other, quantities={lamp.variant_id: 2})

    for _ in range(2):
        services.release(session, holder_id=holder)

    assert level(session, lamp) == (5, 2)
    assert (held(session, holder), held(session, other)) == ([("released", 3)], [("active", 2)])
    assert sales(session) == []


def test_what_was_sold_is_not_given_back(session: Session) -> None:
    lamp, holder = make_product(session, stock=5), new_id()
    services.reserve(session, holder_id=holder, quantities={lamp.variant_id: 3})
    services.commit(session, holder_id=holder)

    services.release(session, holder_id=holder)

    assert (level(session, lamp), held(session, holder)) == ((2, 0), [("committed", 3)])


def test_what_was_given_back_or_never_held_is_not_sold(session: Session) -> None:
    lamp, holder = make_product(session, stock=5), new_id()
    services.reserve(session, holder_id=holder, quantities={lamp.variant_id: 3})
    services.release(session, holder_id=holder)

    for nobody in (holder, new_id()):
        with pytest.raises(ReservationConflict):
            services.commit(session, holder_id=nobody)

    assert (level(session, lamp), sales(session)) == ((5, 0), [])


def test_what_was_given_back_can_be_held_and_sold_once_more(session: Session) -> None:
    lamp, holder = make_product(session, stock=5), new_id()
    services.reserve(session, holder_id=holder, quantities={lamp.variant_id: 3})
    services.release(session, holder_id=holder)

    services.reserve(session, holder_id=holder, quantities={lamp.variant_id: 4})
    services.commit(session, holder_id=holder)

    assert level(session, lamp) == (1, 0)
    assert held(session, holder) == [("released", 3), ("committed", 4)]


REFUSED = [
    "UPDATE stock_levels SET reserved = on_hand + 1",
    "UPDATE stock_levels SET reserved = -1",
    "UPDATE stock_levels SET on_hand = -1",
    "UPDATE stock_levels SET low_stock_threshold = -1",
    "UPDATE reservations SET quantity = 0",
    "UPDATE reservations SET status = 'sold'",
    "UPDATE stock_movements SET change = 0",
    "UPDATE stock_movements SET reason = 'theft'",
    """INSERT INTO reservations (id, holder_id, variant_id, quantity)
       SELECT gen_random_uuid(), holder_id, variant_id, 1 FROM reservations""",
    """INSERT INTO stock_movements (variant_id, change, reason, reference)
       SELECT variant_id, 1, reason, reference FROM stock_movements""",
]


@pytest.mark.parametrize("statement", REFUSED, ids=range(len(REFUSED)))
def test_the_database_itself_refuses_what_must_not_be(session: Session, statement: str) -> None:
    lamp = make_product(session, stock=5)
    services.reserve(session, holder_id=new_id(), quantities={lamp.variant_id: 3})

    with pytest.raises(IntegrityError), session.begin_nested():
        change(statement, session)

    assert level(session, lamp) == (5, 3)
