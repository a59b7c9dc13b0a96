"""What operators of the small shop do, through the services behind their pages."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy.orm import Session

from app.fulfillment import services as fulfillment
from app.orders import services as orders
from app.payments.errors import CounterBusy, GatewayRefused, GatewayUnavailable
from app.payments.gateway.inline import InlineGateway
from app.payments.services.refunds import Units
from app.platform.db import transaction
from app.platform.errors import AppError
from app.platform.money import Money
from app.settlement import services as settlement
from app.settlement import workflows
from app.settlement.services import RefundWish
from tests.database import rows
from tests.settlement.model_gateway import Killed

NO = (AppError, GatewayRefused, GatewayUnavailable, CounterBusy, Killed)
"""How it may end when nothing comes of it: a refusal, a silent provider, the process's death."""


class Office:
    """What it is asked to do it tries once; what cannot be is left."""

    def __init__(self, counter: InlineGateway) -> None:
        self._counter = counter

    def refund(self, order_id: UUID, *, part: int) -> None:
        """Give back one of so many parts of the total as an amount; of one part all that is left."""
        with _tried() as session:
            order = orders.lock(session, order_id)
            amount = None if part == 1 else Money(order.total_amount // part, order.currency)
            settlement.give_back(session, order, RefundWish(amount, "other", None, ()))

    def refund_unit(self, order_id: UUID, *, restock: bool) -> None:
        """Give back what was paid for one unit, which comes back to the shelf or not."""
        with _tried() as session:
            order = orders.lock(session, order_id)
            units = [Units(order.lines[0].id, 1, restock)]
            settlement.give_back(session, order, RefundWish(None, "requested_by_customer", None, units))

    def refund_again(self, refund_id: UUID) -> None:
        """Try what has failed."""
        with _tried() as session:
            settlement.give_back_again(session, refund_id)

    def cancel(self, order_id: UUID, *, restock: bool) -> None:
        """Call an order off."""
        with _tried() as session:
            order = orders.lock(session, order_id)
            settlement.cancel(session, order, reason="admin", as_operator=True, restock=restock)

    def pack(self, order_id: UUID) -> None:
        """All parcels of an order are packed."""
        with _tried() as session:
            fulfillment.advance(session, order_id, "packed")

    def resolve(self, review_id: UUID, payment_id: UUID, decision: str) -> None:
        """Decide about a review; the provider is asked in between."""
        try:
            with transaction() as session:
                ready = workflows.prepare(
                    session, payment_id, review_id=review_id, decision=decision, note=None
                )
            seen = workflows.ask(ready, self._counter)
            with transaction() as session:
                workflows.carry_out(session, ready, seen)
        except NO:
            return

    @staticmethod
    def failed_refunds() -> Sequence[UUID]:
        """What can be tried again."""
        return [row[0] for row in rows("SELECT id FROM refunds WHERE status = 'failed' ORDER BY id")]

    @staticmethod
    def reviews() -> Sequence[tuple[UUID, UUID]]:
        """Reviews, decided ones among them, each with its payment."""
        found = rows("SELECT id, payment_id FROM payment_reviews ORDER BY id")
        return [(review_id, payment_id) for review_id, payment_id in found]


@contextmanager
def _tried() -> Iterator[Session]:
    try:
        with transaction() as session:
            yield session
    except NO:
        return
