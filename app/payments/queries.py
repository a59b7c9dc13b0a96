"""Reading payments and the inbox."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnExpressionArgument, Select, Uuid, any_, bindparam, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.payments.models import Dispute, Payment, PaymentReview, ProviderEvent, Refund, RefundLine
from app.payments.states import CANCELLED, DISPUTE_LOST, DISPUTE_OPEN, FAILED, LIVE, OWED, REVIEW
from app.platform.db import table_of
from app.platform.errors import NotFound
from app.platform.pagination import Page, paged

if TYPE_CHECKING:  # for the hint; the two do not know each other otherwise
    from app.payments.gateway.protocol import ProviderPayment, ProviderRefund


def get(session: Session, payment_id: UUID) -> Payment:
    """The payment. Raises NotFound."""
    payment = session.get(Payment, payment_id)
    if payment is None:
        raise NotFound("There is no such payment.")
    return payment


def behind(session: Session, seen: "ProviderPayment") -> Payment | None:
    """Our payment behind a provider's object: by the ids of the object, else by our id in its metadata."""
    ids = {"intent_id": seen.provider_id or None, "page_id": seen.session_id or None}
    known = session.scalars(_by_object(), ids).first()
    if known is not None or seen.payment_id is None:
        return known
    return session.get(Payment, seen.payment_id)


@cache
def _by_object() -> Select[Payment]:
    is_its = or_(Payment.provider_id == bindparam("intent_id"), Payment.session_id == bindparam("page_id"))
    return select(Payment).where(is_its).order_by(Payment.id).limit(1)


def behind_all(session: Session, page: Sequence["ProviderPayment"]) -> dict[str, Payment]:
    """The same for many objects at once, by the ids of the objects; what is none of ours is left out."""
    objects = {each for seen in page for each in (seen.provider_id, seen.session_id) if each}
    named = {seen.payment_id for seen in page if seen.payment_id}
    ours = or_(Payment.provider_id.in_(objects), Payment.session_id.in_(objects), Payment.id.in_(named))
    rows = session.scalars(select(Payment).where(ours)).all()
    known: dict[object, Payment] = {row.id: row for row in rows}
    known |= {each: row for row in rows for each in (row.provider_id, row.session_id) if each}
    found = {seen.object_id: (seen.session_id, seen.provider_id, seen.payment_id) for seen in page}
    return {
        object_id: next(known[each] for each in ids if each in known)
        for object_id, ids in found.items()
        if known.keys() & set(ids)
    }


def of_order(session: Session, order_id: UUID) -> Sequence[Payment]:
    """The order's payments, in the order in which they are locked."""
    return session.scalars(select(Payment).where(Payment.order_id == order_id).order_by(Payment.id)).all()


def kept_of_order(session: Session, order_id: UUID) -> int:
    """What the order's payments have taken and nothing gives back, in minor units."""
    kept = func.coalesce(func.sum(Payment.captured_amount - Payment.refunded_amount), 0)
    return int(session.scalars(select(kept).where(Payment.order_id == order_id)).one())


def live_of_order(session: Session, order_id: UUID) -> Payment | None:
    """The order's one payment that may still take money, if it has one."""
    live = select(Payment).where(Payment.order_id == order_id, Payment.status.in_(LIVE))
    return session.scalars(live.where(Payment.waits_for_id.is_(None))).one_or_none()


def waiting_of_order(session: Session, order_id: UUID) -> Payment | None:
    """The order's one payment that is opened as soon as the live one is closed, if it has one."""
    live = select(Payment).where(Payment.order_id == order_id, Payment.status.in_(LIVE))
    return session.scalars(live.where(Payment.waits_for_id.is_not(None))).one_or_none()


def unfinished_of_order(session: Session, order_id: UUID) -> Sequence[Payment]:
    """The order's payments whose end is still open: live ones, waiting ones and those in review."""
    return session.scalars(_unfinished(), {"order_id": order_id}).all()


@cache
def _unfinished() -> Select[Payment]:
    of_order = Payment.order_id == bindparam("order_id")
    return select(Payment).where(of_order, Payment.status.in_((*LIVE, REVIEW))).order_by(Payment.id)


def have_unfinished(session: Session, order_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the orders that have a payment whose end is still open; see `unfinished_of_order`."""
    return set(session.scalars(_having_unfinished(), {"orders": order_ids}))


@cache
def _having_unfinished() -> Select[UUID]:
    payment = table_of(Payment).c
    of_orders = payment.order_id == any_(bindparam("orders", type_=ARRAY(Uuid)))
    return select(payment.order_id).where(of_orders, payment.status.in_((*LIVE, REVIEW)))


def closable_of_order(session: Session, order_id: UUID) -> Payment | None:
    """The order's payment whose object may still take money: a live one, else one in review."""
    found = [each for each in unfinished_of_order(session, order_id) if each.waits_for_id is None]
    return min(found, key=lambda each: each.status == REVIEW, default=None)


def latest_of_order(session: Session, order_id: UUID) -> Payment | None:
    """The order's newest payment, of those that were not given up; else the newest of all."""
    statement = select(Payment).where(Payment.order_id == order_id)
    given_up = Payment.status == CANCELLED
    newest = statement.order_by(given_up, Payment.created_at.desc(), Payment.id.desc())
    return session.scalars(newest.limit(1)).first()


def taken_of_order(session: Session, order_id: UUID) -> Sequence[Payment]:
    """The order's payments that have taken money, oldest first."""
    taken = select(Payment).where(Payment.order_id == order_id, Payment.captured_amount > 0)
    return session.scalars(taken.order_by(Payment.created_at, Payment.id)).all()


def of_intent(session: Session, intent_id: str) -> Payment | None:
    """Our payment whose money the provider's intent took: its own, or another that was found to have it."""
    by_refund = select(Refund.payment_id).where(Refund.intent_id == intent_id)
    known = select(Payment).where(or_(Payment.provider_id == intent_id, Payment.id.in_(by_refund)))
    return session.scalars(known.order_by(Payment.id).limit(1)).first()


def refund(session: Session, refund_id: UUID) -> Refund:
    """The refund. Raises NotFound."""
    found = session.get(Refund, refund_id)
    if found is None:
        raise NotFound("There is no such refund.")
    return found


def standing_tries(session: Session, refund_ids: Collection[UUID]) -> Mapping[UUID, Refund]:
    """By the ids of refunds, the last try of each that has not failed, if any; without an id, no query."""
    first = select(Refund.id.label("first_id"), Refund.id).where(Refund.id.in_(refund_ids))
    tries = first.cte(recursive=True)
    tries = tries.union_all(select(tries.c.first_id, Refund.id).where(Refund.retry_of_id == tries.c.id))
    standing = select(tries.c.first_id, Refund).where(Refund.id == tries.c.id, Refund.status != FAILED)
    return dict(session.execute(standing.order_by(Refund.id)).all()) if refund_ids else {}


def refund_behind(session: Session, seen: "ProviderRefund") -> Refund | None:
    """Our row of a provider's refund: by its id, else by our id in its metadata, unless that has another."""
    known = session.scalars(select(Refund).where(Refund.provider_id == seen.provider_id)).one_or_none()
    if known is not None or seen.refund_id is None:
        return known
    named = session.get(Refund, seen.refund_id)
    return named if named is not None and named.provider_id is None else None


def refunds_behind(session: Session, page: Sequence["ProviderRefund"]) -> dict[str, Refund]:
    """The same for many refunds at once, by the provider's ids; what is none of ours is left out."""
    objects = {seen.provider_id for seen in page}
    named = {seen.refund_id for seen in page if seen.refund_id}
    ours = or_(Refund.provider_id.in_(objects), Refund.id.in_(named) & Refund.provider_id.is_(None))
    known: dict[object, Refund] = {}
    for row in session.scalars(select(Refund).where(ours)):
        known[row.provider_id or row.id] = row
    found = {seen.provider_id: known.get(seen.provider_id) or known.get(seen.refund_id) for seen in page}
    return {object_id: row for object_id, row in found.items() if row is not None}


def of_intents(session: Session, intent_ids: Sequence[str | None]) -> dict[str | None, Payment]:
    """Our payments whose money these intents took; see `of_intent`."""
    wanted = {each for each in intent_ids if each}
    by_refund = select(Refund.intent_id, Payment).join(Payment, Payment.id == Refund.payment_id)
    found = session.execute(by_refund.where(Refund.intent_id.in_(wanted)))
    known: dict[str | None, Payment] = {row[0]: row[1] for row in found}
    own = session.scalars(select(Payment).where(Payment.provider_id.in_(wanted)))
    return known | {payment.provider_id: payment for payment in own}


def disputes_named(session: Session, provider_ids: Sequence[str]) -> dict[str, Dispute]:
    """Our rows of these disputes, by the provider's ids."""
    named = session.scalars(select(Dispute).where(Dispute.provider_id.in_(provider_ids)))
    return {row.provider_id: row for row in named}


def refunds_of_order(session: Session, order_id: UUID) -> Sequence[Refund]:
    """The order's refunds, oldest first."""
    of_order = select(Refund).where(Refund.order_id == order_id)
    return session.scalars(of_order.order_by(Refund.created_at, Refund.id)).all()


def refunds(
    session: Session, *, status: str | None, before: tuple[datetime, UUID] | None, limit: int
) -> Page[Refund]:
    """Refunds with their lines, newest first, in one state or in all."""
    statement = select(Refund)
    if status is not None:
        statement = statement.where(Refund.status == status)
    if before is not None:
        statement = statement.where(tuple_(Refund.created_at, Refund.id) < before)
    newest_first = statement.order_by(Refund.created_at.desc(), Refund.id.desc())
    rows: Sequence[Refund] = session.scalars(newest_first.limit(limit + 1)).all()
    return paged(rows, limit, lambda refund: [refund.created_at, refund.id])


def unsent_refunds(session: Session) -> Sequence[Refund]:
    """Refunds, oldest first, that are owed and not known at the provider, and nothing is wrong with them."""
    unsent = (Refund.status == OWED, Refund.provider_id.is_(None), Refund.failure_reason.is_(None))
    return session.scalars(select(Refund).where(*unsent).order_by(Refund.created_at, Refund.id)).all()


def retry_of(session: Session, refund_id: UUID) -> Refund | None:
    """What takes the place of a refund that has failed, if anything does."""
    return session.scalars(select(Refund).where(Refund.retry_of_id == refund_id)).one_or_none()


def refunded_units(session: Session, order_id: UUID, *, that_came_back: bool = False) -> Mapping[UUID, int]:
    """Units of each of the order's lines that refunds are for, but those that have failed.

    Only those that had been sent and came back to the shop, if it is about these.
    """
    counts = (
        select(RefundLine.order_line_id, func.sum(RefundLine.quantity))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id == order_id, Refund.status != FAILED)
        .group_by(RefundLine.order_line_id)
    )
    if that_came_back:
        counts = counts.where(RefundLine.came_back)
    return {line_id: int(units) for line_id, units in session.execute(counts)}


def has_open_dispute(session: Session, order_id: UUID) -> bool:
    """Whether a bank is asking for money of this order back, and nobody has decided yet."""
    return _any_dispute(session, Dispute.order_id == order_id, Dispute.status == DISPUTE_OPEN)


def is_disputed(session: Session, order_id: UUID) -> bool:
    """Whether a bank asks for money of this order back, or has got it."""
    return _any_dispute(
        session, Dispute.order_id == order_id, Dispute.status.in_((DISPUTE_OPEN, DISPUTE_LOST))
    )


def is_withdrawn(session: Session, payment_id: UUID) -> bool:
    """Whether a bank has taken money of this payment back: the provider refunds nothing of it then."""
    return _any_dispute(session, Dispute.payment_id == payment_id, Dispute.withdrawn)


def withdrawn(session: Session, payment_id: UUID) -> int:
    """How much of this payment a bank has taken back, in minor units."""
    taken = select(func.coalesce(func.sum(Dispute.amount), 0))
    return int(session.scalars(taken.where(Dispute.payment_id == payment_id, Dispute.withdrawn)).one())


def _any_dispute(session: Session, *conditions: ColumnExpressionArgument[bool]) -> bool:
    return session.scalars(select(Dispute.id).where(*conditions).limit(1)).first() is not None


def disputes_of_order(session: Session, order_id: UUID) -> Sequence[Dispute]:
    """The order's disputes, oldest first."""
    statement = select(Dispute).where(Dispute.order_id == order_id)
    return session.scalars(statement.order_by(Dispute.opened_at, Dispute.id)).all()


def reviews(
    session: Session, *, decided: bool, before: tuple[datetime, UUID] | None, limit: int
) -> Page[PaymentReview]:
    """The reviews that somebody has decided about, or those that wait for that, newest first."""
    over = PaymentReview.decided_at.is_not(None)
    statement = select(PaymentReview).where(over if decided else ~over)
    if before is not None:
        statement = statement.where(tuple_(PaymentReview.opened_at, PaymentReview.id) < before)
    newest_first = statement.order_by(PaymentReview.opened_at.desc(), PaymentReview.id.desc())
    rows: Sequence[PaymentReview] = session.scalars(newest_first.limit(limit + 1)).all()
    return paged(rows, limit, lambda review: [review.opened_at, review.id])


def inbox(
    session: Session, *, status: str | None, before: tuple[datetime, str] | None, limit: int
) -> Page[ProviderEvent]:
    """The provider's events as they came, newest first, in one state or in all."""
    statement = select(ProviderEvent)
    if status is not None:
        statement = statement.where(ProviderEvent.status == status)
    if before is not None:
        statement = statement.where(tuple_(ProviderEvent.received_at, ProviderEvent.id) < before)
    newest_first = statement.order_by(ProviderEvent.received_at.desc(), ProviderEvent.id.desc())
    rows: Sequence[ProviderEvent] = session.scalars(newest_first.limit(limit + 1)).all()
    return paged(rows, limit, lambda event: [event.received_at, event.id])
