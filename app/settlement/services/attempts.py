"""New attempts at paying an order: the payment that is open makes room for another."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.claims import Claim, publish_claimed
from app.events.services import publish
from app.orders import services as orders
from app.orders.states import PENDING
from app.payments import queries as payment_queries
from app.payments import states
from app.payments.events import OpenRequested, ReplaceRequested
from app.payments.services import opening, payments
from app.payments.services.opening import LISTED_AFTER, Opening, PaymentTerms
from app.payments.services.parameters import Payable, Way
from app.platform.db import now
from app.settlement.errors import OrderNotPayable

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.orders.models import Order
    from app.payments.models import Payment

REPLACE = "settlement.replace_payment"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A payment and what this process is to do for it, if that is not another's: make room, or open it."""

    payment_id: UUID
    replacing: Claim | None = None
    opening: Opening | None = None


def begin(session: Session, order: "Order", *, way: Way, terms: PaymentTerms) -> Attempt:
    """Write a new payment of a pending order that the caller has locked, and hold its stock for it.

    An open payment is closed at the provider first: until then the new one waits. An attempt of the same flow
    that is still on its way is this attempt. Raises OrderNotPayable, AmountTooSmall.
    """
    if reason := _why_not(session, order, terms, way.flow):
        raise OrderNotPayable(reason, order_status=order.status, payment_status=order.payment_status)
    live = payment_queries.live_of_order(session, order.id)
    if live is not None:  # a worker that puts another payment behind it has locked it, too, and not the order
        live = payments.lock(session, live.id)
    waiting = payment_queries.waiting_of_order(session, order.id)
    if under_way := _under_way(session, live, waiting, way.flow):
        return Attempt(under_way.id)
    if waiting is not None:
        payments.record_cancelled(session, payments.lock(session, waiting.id))
        session.flush()
    orders.hold_longer(session, order, by=terms.hold_of(way.flow))
    payable = Payable(order.id, order.number, order.email, order.total_amount, order.currency)
    in_the_way = live.id if live else None
    payment = opening.create(
        session, payable, way=way, terms=terms, moment=now(session), waits_for=in_the_way
    )
    if live is None:
        return Attempt(payment.id, opening=_open(session, payment, terms))
    wanted = ReplaceRequested(order_id=order.id, payment_id=payment.id)
    return Attempt(payment.id, publish_claimed(session, wanted, consumer=REPLACE, lease=terms.lease))


def not_payable(session: Session, order: "Order", terms: PaymentTerms, flow: str) -> OrderNotPayable:
    """What to say of an attempt that was given up: the order's state, else that another took its place."""
    reason = _why_not(session, order, terms, flow) or "Another new payment took this one's place."
    return OrderNotPayable(reason, order_status=order.status, payment_status=order.payment_status)


def _why_not(session: Session, order: "Order", terms: PaymentTerms, flow: str) -> str | None:
    moment = now(session)
    reasons = {
        f"The order is {order.status}.": order.status != PENDING,
        "The payment is being checked by an operator.": order.payment_status == "review",
        "The provider is working on a payment of this order.": order.payment_status == "processing",
        "The order is being cancelled.": order.cancel_requested_at is not None,
        "The order has expired.": order.hold_until <= moment,
        # One that waits for a transfer keeps its stock for days anyway, but no longer for another payment.
        "The order is too old: place it again.": order.placed_at + terms.longest <= moment
        and order.hold_until <= moment + terms.hold_of(flow),
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def release(
    session: Session, order: "Order", payment: "Payment", *, terms: PaymentTerms, inline: bool
) -> Opening | None:
    """Let a payment be opened that waited for another's end; order and payment are locked.

    The hold begins anew. When the order takes no payment any more, this one is cancelled. The answer is the
    right to open it at once, when `inline` asks for that.
    """
    if _why_not(session, order, terms, payment.flow):
        payments.record_cancelled(session, payment)
        return None
    orders.hold_longer(session, order, by=terms.hold_of(payment.flow))
    opening.send(payment, terms=terms, moment=now(session))
    session.flush()
    if inline:
        return _open(session, payment, terms)
    publish(session, OpenRequested(order_id=order.id, payment_id=payment.id))
    return None


def _under_way(
    session: Session, live: "Payment | None", waiting: "Payment | None", flow: str
) -> "Payment | None":
    """The payment that another request, or a worker, is making right now."""
    if waiting is not None:
        return waiting if waiting.flow == flow else None
    if live is None or live.status != states.CREATING or live.flow != flow:
        return None
    return live if opening.sent_for(session, live) < LISTED_AFTER else None


def _open(session: Session, payment: "Payment", terms: PaymentTerms) -> Opening:
    wanted = OpenRequested(order_id=payment.order_id, payment_id=payment.id)
    return opening.take(session, payment, wanted, lease=terms.lease)
