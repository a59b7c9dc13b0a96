"""Closing an order's payment at the provider, and then the order. Safe to repeat from its start."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Claim
from app.events.postponing import Postponed
from app.orders import services as orders
from app.orders.states import PENDING
from app.payments import queries as payment_queries
from app.payments.gateway.protocol import CANCELED, Gateway, ProviderPayment
from app.payments.services import opening
from app.payments.services.opening import LISTED_AFTER
from app.payments.workflows import find_made
from app.platform.db import now, transaction
from app.settlement import services
from app.settlement.errors import NotYet
from app.settlement.services import Holds

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment

LONGEST_WAIT = timedelta(minutes=1)
"""For a hold that is not over any more: a wish to cancel meanwhile is the same work, and waits for it."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A payment that must be closed at the provider before something else may happen."""

    payment_id: UUID
    flow: str
    object_id: str | None
    sent_at: datetime
    sent_for: timedelta


def closing_of(session: Session, payment: "Payment") -> Closing:
    """What closing this payment needs to know."""
    sent_at, sent_for = opening.sent_at(payment), opening.sent_for(session, payment)
    return Closing(payment.id, payment.flow, payment.object_id, sent_at, sent_for)


def closed_at_provider(closing: Closing, gateway: Gateway) -> ProviderPayment | None:
    """The object as the provider left it; None when it never made one.

    Raises NotYet while the call that makes it may be under way, GatewayUnavailable and GatewayRefused.
    """
    if closing.object_id is not None:
        return gateway.close(closing.object_id)
    if closing.sent_for < LISTED_AFTER:
        raise NotYet("the call that opens the payment may still be under way")
    found = find_made(gateway, closing.payment_id, flow=closing.flow, sent_at=closing.sent_at)
    return found and gateway.close(found.object_id)


def close_payment(claim: Claim, *, order_id: UUID, reason: str, gateway: Gateway, holds: Holds) -> None:
    """End an order's payment at the provider, and only then the order: its stock is free, for `reason`.

    Whatever the provider decided first stands: paid becomes paid, processing keeps the hold. A provider that
    cannot be reached is asked again, until the hold is a day over; money that comes later is late money.
    Raises Postponed when the hold was over, and by the database's clock is not any more.
    """
    with transaction() as session:
        claim.check(session)
        closing = _begin_closing(session, order_id, reason, holds)
        if closing is None:
            claim.finish(session)
            return
    seen = closed_at_provider(closing, gateway)
    with transaction() as session:
        claim.check(session)
        if seen is not None:
            services.settle(session, seen, holds=holds)
        order = orders.lock(session, order_id)
        is_over = seen is None or seen.status == CANCELED or order.payment_status == "review"
        # Asked again: what was found may have opened a review, which keeps the stock for an operator.
        if is_over and _must_end(session, order, reason):
            services.end(session, order, reason=reason)
        decided = not _must_end(session, order, reason)
        left = _left_of_hold(session, order) if decided else None
        if decided and left is None:
            claim.finish(session)
    if left is not None:
        raise Postponed(left, called=True)
    if not decided:
        raise NotYet("the provider has not decided about the payment")


def _must_end(session: Session, order: "Order", reason: str) -> bool:
    """An expiry is off when the hold was extended, unless the buyer asked for the end meanwhile."""
    asked = reason != "expired" or order.cancel_requested_at is not None
    return order.status == PENDING and (asked or order.hold_until <= now(session))


def _left_of_hold(session: Session, order: "Order") -> timedelta | None:
    """How long this work itself must wait, because nobody will ask for the order's end again.

    It was asked for when the hold was over; then the database's clock stepped back, as of a standby that took
    over. None when the order has ended, or its hold was extended: that hold's end is asked for anew.
    """
    left = order.hold_until - now(session)
    if order.status != PENDING or not orders.expiry_is_asked(order) or left <= timedelta():
        return None
    return min(left, LONGEST_WAIT)


def _begin_closing(session: Session, order_id: UUID, reason: str, holds: Holds) -> Closing | None:
    """What must be closed; None when there is nothing, because it is over, or not yet time, or ends here."""
    order = orders.lock(session, order_id)
    if not _must_end(session, order, reason):
        if left := _left_of_hold(session, order):
            raise Postponed(left, called=False)
        return None
    payment = payment_queries.closable_of_order(session, order_id)
    if payment is None or order.hold_until + holds.longest < now(session):
        services.end(session, order, reason=reason)
        return None
    return closing_of(session, payment)
