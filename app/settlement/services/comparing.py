"""Which of the provider's objects do not fit our books: told without a lock, a page of them in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.payments import queries as payment_queries
from app.payments import states
from app.payments.gateway.protocol import CANCELED, PROCESSING, SUCCEEDED, Event, ProviderPayment
from app.payments.gateway.reading import read_object
from app.payments.services.asking import Unanswered
from app.platform.money import Money
from app.settlement.states import EVENTS, INTENTS, SESSIONS

if TYPE_CHECKING:  # for hints; the models stay private to their packages
    from app.payments.models import Payment

T = TypeVar("T")
ABSENT = "absent"
"""What ours is, when an object that carries our ids has no row here."""


@dataclass(frozen=True, slots=True)
class Difference(Generic[T]):
    """An object of the provider that does not fit our books; `ours` and `theirs` in a few words.

    `seen` is None where only our side is known. `money`: what it has taken, or gives back.
    """

    seen: T | None
    book: str
    object_id: str
    ours: str
    theirs: str
    payment_id: UUID | None
    order_id: UUID | None
    money: Money | None = None

    @property
    def is_orphan(self) -> bool:
        """Whether it carries our ids, and there is no such row."""
        return self.ours == ABSENT


def differing_payments(
    session: Session, page: Sequence[ProviderPayment]
) -> dict[str, Difference[ProviderPayment]]:
    """Those of a page that do not fit, by the ids of the objects. What does not carry our ids is left out."""
    ours = payment_queries.behind_all(session, page)
    found = (payment_difference(seen, ours.get(seen.object_id)) for seen in page)
    return {each.object_id: each for each in found if each is not None}


def payment_difference(
    seen: ProviderPayment, payment: "Payment | None"
) -> Difference[ProviderPayment] | None:
    """What does not fit between an object and the payment behind it; None when all does, or none is ours.

    Nobody misses the payment of an object that carries our ids when it is over without money.
    """
    if payment is None and (seen.payment_id is None or seen.status == CANCELED):
        return None
    if payment is not None and (_is_idle(seen, payment) or _fits(seen, payment)):
        return None
    return Difference(
        seen,
        SESSIONS if seen.session_id else INTENTS,
        seen.object_id,
        ours=_ours(payment) if payment else ABSENT,
        theirs=_told(seen.status, seen.amount_received, seen.amount, seen.currency),
        payment_id=payment.id if payment else seen.payment_id,
        order_id=payment.order_id if payment else seen.order_id,
        money=Money(seen.amount_received, seen.currency) if seen.amount_received else None,
    )


def _is_idle(seen: ProviderPayment, payment: "Payment") -> bool:
    """Whether nothing comes of it: over without money, in a payment that is over; or its session decides."""
    if seen.status == CANCELED and payment.status == states.CANCELLED:
        return True
    is_other = seen.provider_id is not None and payment.provider_id not in (None, seen.provider_id)
    of_session = _is_of_session(seen, payment)
    return (seen.status == CANCELED and is_other) or (seen.status != SUCCEEDED and of_session)


def _is_of_session(seen: ProviderPayment, payment: "Payment") -> bool:
    """An intent that a hosted session has made: that is compared by itself."""
    return payment.session_id is not None and seen.session_id is None


def _fits(seen: ProviderPayment, payment: "Payment") -> bool:
    return _facts_fit(seen, payment) and payment.status in _FITTING.get(seen.status, (states.OPEN,))


_FITTING = {
    SUCCEEDED: (states.SUCCEEDED,),
    CANCELED: (states.CANCELLED,),
    # When its order has ended, what comes of it is settled then.
    PROCESSING: (states.PROCESSING, states.CANCELLED),
}


def _facts_fit(seen: ProviderPayment, payment: "Payment") -> bool:
    pairs: Sequence[tuple[Any, Any]] = (
        (seen.provider_id, payment.provider_id),
        (seen.session_id, payment.session_id),
        (seen.order_id, payment.order_id),
    )
    taken = seen.status != SUCCEEDED or _taken_fits(seen.amount_received, payment)
    same_money = (seen.amount, seen.currency) == (payment.amount, payment.currency)
    return taken and same_money and all(None in pair or pair[0] == pair[1] for pair in pairs)


def _taken_fits(received: int, payment: "Payment") -> bool:
    """Whether the payment took it; by a review, what another object took may be in the books, too."""
    return received == payment.captured_amount or received == payment.amount < payment.captured_amount


def _ours(payment: "Payment") -> str:
    return _told(payment.status, payment.captured_amount, payment.amount, payment.currency)


def _told(status: str, taken: int, asked: int, currency: str) -> str:
    return f"{status}, {taken} of {asked} {currency}"


def unanswered(ours: Unanswered) -> Difference[Any]:
    """What has no end yet, as if it differed: the provider is still to be asked."""
    return Difference(None, ours.kind, ours.object_id, ours.status, "unknown", ours.payment_id, ours.order_id)


def unread(book: str, reason: str) -> Difference[Any]:
    """What is left of one of the provider's lists, which cannot be had; it goes by the name of its book."""
    return Difference(None, book, book, "not read to its end", reason[:100], None, None)


def undelivered(event: Event) -> Difference[Event]:
    """An event that never came here."""
    content = event["data"]["object"]
    about = read_object(content)
    return Difference(
        event,
        EVENTS,
        event["id"],
        ours="not received",
        theirs=event["type"],
        payment_id=about.payment_id if about else None,
        order_id=about.order_id if about else None,
    )
