"""Which of the provider's refunds and disputes do not fit our books: without a lock, many in few queries."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.payments import queries as payment_queries
from app.payments.gateway.protocol import ProviderDispute, ProviderRefund
from app.payments.services.disputes import status_of
from app.payments.states import PENDING
from app.platform.money import Money
from app.settlement.services.comparing import ABSENT, Difference
from app.settlement.services.refunding import STATUS
from app.settlement.states import DISPUTES, REFUNDS

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.payments.models import Dispute, Payment, Refund

UNKNOWN = "unknown"
"""What ours is, when a payment of ours is behind it and nobody has told us of it."""


def differing_refunds(
    session: Session, page: Sequence[ProviderRefund]
) -> dict[str, Difference[ProviderRefund]]:
    """Those that do not fit, by their ids; made by us or of a payment of ours."""
    ours = payment_queries.refunds_behind(session, page)
    behind = payment_queries.of_intents(session, [seen.intent_id for seen in page])
    found = (_refund(seen, ours.get(seen.provider_id), behind.get(seen.intent_id)) for seen in page)
    return {each.object_id: each for each in found if each is not None}


def _refund(
    seen: ProviderRefund, refund: "Refund | None", payment: "Payment | None"
) -> Difference[ProviderRefund] | None:
    is_ours = seen.refund_id is not None or refund is not None or payment is not None
    if not is_ours or (refund is not None and _refund_fits(seen, refund)):
        return None
    absent = UNKNOWN if payment else ABSENT
    return Difference(
        seen,
        REFUNDS,
        seen.provider_id,
        ours=f"{refund.status}, {refund.amount} {refund.currency}" if refund else absent,
        theirs=f"{seen.status}, {seen.amount} {seen.currency}",
        payment_id=refund.payment_id if refund else payment.id if payment else None,
        order_id=refund.order_id if refund else payment.order_id if payment else seen.order_id,
        money=Money(seen.amount, seen.currency),
    )


def _refund_fits(seen: ProviderRefund, refund: "Refund") -> bool:
    facts = (seen.provider_id, STATUS.get(seen.status, PENDING), seen.amount, seen.currency)
    return facts == (refund.provider_id, refund.status, refund.amount, refund.currency)


def differing_disputes(
    session: Session, page: Sequence[ProviderDispute]
) -> dict[str, Difference[ProviderDispute]]:
    """Those about payments of ours that do not fit, by their ids."""
    ours = payment_queries.disputes_named(session, [seen.provider_id for seen in page])
    behind = payment_queries.of_intents(session, [seen.intent_id for seen in page])
    found = (_dispute(seen, ours.get(seen.provider_id), behind.get(seen.intent_id)) for seen in page)
    return {each.object_id: each for each in found if each is not None}


def _dispute(
    seen: ProviderDispute, dispute: "Dispute | None", payment: "Payment | None"
) -> Difference[ProviderDispute] | None:
    """A dispute carries no ids of ours: without a payment of ours it is somebody else's."""
    if payment is None or (dispute is not None and _dispute_fits(seen, dispute)):
        return None
    return Difference(
        seen,
        DISPUTES,
        seen.provider_id,
        ours=_stand(dispute.status, dispute.amount, dispute.currency, gone=dispute.withdrawn)
        if dispute
        else UNKNOWN,
        theirs=_stand(seen.status, seen.amount, seen.currency, gone=seen.withdrawn),
        payment_id=payment.id,
        order_id=payment.order_id,
        money=Money(seen.amount, seen.currency),
    )


def _dispute_fits(seen: ProviderDispute, dispute: "Dispute") -> bool:
    facts = (status_of(seen), seen.withdrawn, seen.amount)
    return facts == (dispute.status, dispute.withdrawn, dispute.amount)


def _stand(status: str, amount: int, currency: str, *, gone: bool) -> str:
    return f"{status}, {amount} {currency}{' gone' if gone else ''}"
