"""The one table by which an order follows its parcels."""

from itertools import combinations_with_replacement

import pytest

from app.fulfillment.states import MOVES, Standing, standing

ROWS = [
    ((), "paid", "unfulfilled"),
    (("pending",), "paid", "unfulfilled"),
    (("pending", "processing"), "paid", "unfulfilled"),
    (("cancelled",), "paid", "unfulfilled"),
    (("packed",), "packed", "unfulfilled"),
    (("packed", "pending"), "packed", "unfulfilled"),
    (("packed", "cancelled"), "packed", "unfulfilled"),
    (("shipped", "pending"), "packed", "partial"),
    (("shipped", "packed"), "packed", "partial"),
    (("delivered", "processing"), "packed", "partial"),
    (("shipped",), "shipped", "shipped"),
    (("shipped", "delivered"), "shipped", "shipped"),
    (("shipped", "cancelled"), "shipped", "shipped"),
    (("delivered",), "delivered", "delivered"),
    (("delivered", "delivered", "cancelled"), "delivered", "delivered"),
]


@pytest.mark.parametrize(("parcels", "status", "sent"), ROWS)
def test_an_order_stands_as_its_parcels_do(parcels: tuple[str, ...], status: str, sent: str) -> None:
    assert standing(parcels) == standing(parcels[::-1]) == Standing(status, sent)


def test_no_move_of_a_parcel_but_unpacking_takes_an_order_back() -> None:
    order = ("paid", "packed", "shipped", "delivered")
    others = [(), *((each,) for each in MOVES), *combinations_with_replacement(MOVES, 2)]
    back = {
        (current, target)
        for current, targets in MOVES.items()
        for target in targets
        for beside in others
        if order.index(standing((*beside, target)).order_status)
        < order.index(standing((*beside, current)).order_status)
    }

    assert back == {("packed", "processing"), ("packed", "cancelled")}
