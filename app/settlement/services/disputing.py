"""Disputes: a buyer's bank takes money back. One function takes what the provider says, however it came."""

from sqlalchemy.orm import Session

from app.orders import services as orders
from app.orders.states import CANCELLED
from app.payments import queries as payment_queries
from app.payments.gateway.protocol import ProviderDispute
from app.payments.services import disputes, payments
from app.settlement.services.ending import owe_what_is_left
from app.settlement.services.outcomes import Outcome
from app.settlement.services.standing import restate


def settle_dispute(session: Session, seen: ProviderDispute) -> Outcome:
    """Bring our dispute, and how the order stands, in line with the provider's. Repeating changes nothing.

    `seen` was read from the provider just now; of two that were, the later one stands, whichever comes here
    first. Locks order, payment and dispute, in this order, until the transaction ends. UNMATCHED without a
    payment of ours behind it.
    """
    known = payment_queries.of_intent(session, seen.intent_id) if seen.intent_id else None
    if known is None:
        return Outcome.UNMATCHED
    order = orders.lock(session, known.order_id)
    payment = payments.lock(session, known.id)
    if not disputes.record(session, payment, seen):
        return Outcome.UNCHANGED
    if order.status == CANCELLED and not payment_queries.is_disputed(session, order.id):
        owe_what_is_left(session, order)  # the bank had it when the order was cancelled, and gave it back
    restate(session, order)
    return Outcome.APPLIED
