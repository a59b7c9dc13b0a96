"""What buyers do, and the proof that it was really done."""

from collections.abc import Sequence
from uuid import UUID

import psycopg

from bench.buyers import Buyer, Crowd
from bench.errors import BenchFailed
from bench.paths import Operation
from bench.requests import Request, post

_ADDRESS = {
    "name": "Bea Buyer",
    "line1": "1 Main Street",
    "city": "Springfield",
    "region": "IL",
    "postal_code": "62701",
    "country": "US",
}
_WISH = {"shipping_address": _ADDRESS, "shipping_method": "standard", "payment_flow": "payment_intent"}
_LINES_ADDED = """
SELECT count(*) FILTER (WHERE lines = 2), max(lines)
FROM (SELECT count(*) AS lines FROM cart_items WHERE cart_id = ANY (%(carts)s) GROUP BY cart_id) carts
"""
_ORDERS_PLACED = """
SELECT (SELECT count(*) FROM payments WHERE order_id = ANY (ids) AND status = 'open'),
  (SELECT count(*) FROM reservations WHERE holder_id = ANY (ids) AND status = 'active')
FROM (SELECT array_agg(id) AS ids FROM orders WHERE cart_id = ANY (%(carts)s) AND status = 'pending') made
"""


class Adds:
    """A line for a cart that has one already. Each cart gets one: carts that grow would cost ever more."""

    expected: Sequence[int] = (201,)
    once = True

    def __init__(self, connection: psycopg.Connection, crowd: Crowd) -> None:
        self._connection = connection
        self._crowd = crowd

    def operations(self, count: int) -> Sequence[Operation]:
        """One for each of so many new buyers."""
        buyers = self._crowd.buyers(count, lines=1)
        self.carts = [buyer.cart_id for buyer in buyers]
        return [(_adding(buyer, buyer.wanted[0].variant_id),) for buyer in buyers]

    def verify(self, answered: int) -> None:
        """Each answer is a second line in a cart, and no cart has more."""
        found = self._connection.execute(_LINES_ADDED, {"carts": self.carts}).fetchone()
        if found != (answered, 2):
            raise BenchFailed(f"{answered} lines were added; carts with two lines, most lines: {found}")


class Checkouts:
    """An order of a cart with two lines, of the `same` two articles if told so. Each cart is ordered once."""

    expected: Sequence[int] = (201,)
    once = True

    def __init__(self, connection: psycopg.Connection, crowd: Crowd, *, same: bool = False) -> None:
        self._connection = connection
        self._crowd = crowd
        self._same = same

    def operations(self, count: int) -> Sequence[Operation]:
        """One for each of so many new buyers."""
        buyers = self._crowd.buyers(count, lines=2, same=self._same)
        self.carts = [buyer.cart_id for buyer in buyers]
        return [(_checkout(buyer),) for buyer in buyers]

    def verify(self, answered: int) -> None:
        """Each answer is a pending order of two lines that holds its stock, with a payment to pay."""
        found = self._connection.execute(_ORDERS_PLACED, {"carts": self.carts}).fetchone()
        if found != (answered, 2 * answered):
            raise BenchFailed(f"{answered} checkouts answered; open payments, lines held: {found}")


class Flows(Checkouts):
    """All that a buyer asks for with an empty cart: two lines, the ways to deliver, and the order."""

    expected: Sequence[int] = (201, 201, 200, 201)

    def operations(self, count: int) -> Sequence[Operation]:
        """One for each of so many new buyers."""
        buyers = self._crowd.buyers(count, lines=0)
        self.carts = [buyer.cart_id for buyer in buyers]
        return [
            (
                *(_adding(buyer, good.variant_id) for good in buyer.wanted),
                Request("GET", "/v1/shipping-methods?country=US"),
                _checkout(buyer),
            )
            for buyer in buyers
        ]


def _adding(buyer: Buyer, variant_id: UUID) -> Request:
    line = {"variant_id": str(variant_id), "quantity": 1}
    return post("/v1/cart/items", line, Authorization=f"Bearer {buyer.token}")


def _checkout(buyer: Buyer) -> Request:
    token, key = f"Bearer {buyer.token}", str(buyer.cart_id)
    return post("/v1/checkout", _WISH, Authorization=token, Idempotency_Key=key)
