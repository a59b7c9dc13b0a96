"""The shop's bank statement, as operators note it: money that came for a payment, and refunds paid out."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.events.services import publish
from app.payments.errors import NotByTransfer, TransferKnown
from app.payments.events import TransferNoted
from app.payments.gateway import manual
from app.payments.gateway.protocol import SUCCEEDED, ProviderPayment, ProviderRefund
from app.payments.models import BankTransfer, Payment, Refund
from app.payments.services import reviews
from app.payments.states import LIVE, MANUAL, PENDING
from app.platform.ids import new_id
from app.platform.money import Money
from app.platform.pagination import Page, paged

if TYPE_CHECKING:  # for the hint
    from datetime import datetime
    from uuid import UUID

    Place = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line of the bank's statement; `reference` is the bank's own name for it."""

    reference: str
    money: Money
    booked_on: date | None = None


def note_received(session: Session, payment: Payment, line: StatementLine) -> ProviderPayment:
    """Note money that has come for a payment, which the caller has locked; the object to be settled.

    The same line again is the same object. The first money of a payment is its own object, and so is what
    comes after too little, until somebody decides about that; any more is another one. Raises NotByTransfer,
    and TransferKnown for a line that is other money already.
    """
    _check_manual(payment)
    transfer_id, own = new_id(), manual.name_of(payment.id)
    object_id = own if _is_awaited(session, payment, line, own) else manual.name_of(transfer_id)
    noted = _note(session, payment, line, transfer_id, object_id, refund=None)
    return manual.payment_seen(session, payment, noted.object_id)


def _is_awaited(session: Session, payment: Payment, line: StatementLine, own: str) -> bool:
    """Whether nothing has come so far, or too little of the same currency, which nobody has decided about."""
    come = manual.money_of(session, own)
    if come is None:
        return True
    review = reviews.behind(session, payment, manual.payment_seen(session, payment, own))
    is_short = come.amount < payment.amount and come.currency == line.money.currency == payment.currency
    return is_short and review is not None and review.decision is None


def note_paid_out(session: Session, payment: Payment, refund: Refund, line: StatementLine) -> ProviderRefund:
    """Note that a refund was paid out; all three are locked. The refund as it is to be settled.

    The same line again is the same money. Raises NotByTransfer, and TransferKnown for a refund that was paid
    out by another line, or a line that is other money already.
    """
    _check_manual(payment)
    _note(session, payment, line, new_id(), manual.name_of(refund.id), refund=refund)
    return manual.refund_seen(refund, SUCCEEDED)


def as_booked(session: Session, payment: Payment, seen: ProviderPayment) -> ProviderPayment:
    """What was seen of an object, unless money, or more of it, was noted since; the payment is locked.

    Between looking and settling somebody may have noted it: only under the lock it is certain.
    """
    if payment.provider != MANUAL:
        return seen
    booked = manual.payment_seen(session, payment, seen.object_id)
    return booked if booked.status == SUCCEEDED else seen


def awaited(session: Session, *, after: "Place | None", limit: int) -> Page[Payment]:
    """A page of the payments that wait for a transfer, oldest first."""
    # As the index of payments that are sent has it: the many that are over are not read.
    waiting = Payment.provider == MANUAL, Payment.status.in_(LIVE), Payment.waits_for_id.is_(None)
    found = select(Payment).where(*waiting)
    if after is not None:
        found = found.where(tuple_(Payment.created_at, Payment.id) > after)
    rows = session.scalars(found.order_by(Payment.created_at, Payment.id).limit(limit + 1)).all()
    return paged(rows, limit, place_of)


def to_pay_out(session: Session, *, after: "Place | None", limit: int) -> Page[Refund]:
    """A page of the refunds of transfers that a worker has handed on and nobody has paid out, oldest first.

    One that is owed still may yet be given up, and owed anew.
    """
    waiting = Refund.status == PENDING, Payment.provider == MANUAL
    found = select(Refund).join(Payment, Payment.id == Refund.payment_id).where(*waiting)
    if after is not None:
        found = found.where(tuple_(Refund.created_at, Refund.id) > after)
    rows = session.scalars(found.order_by(Refund.created_at, Refund.id).limit(limit + 1)).all()
    return paged(rows, limit, place_of)


def place_of(row: Payment | Refund) -> "Place":
    """Where a payment or a refund stands in these lists, for a cursor."""
    return row.created_at, row.id


def _check_manual(payment: Payment) -> None:
    if payment.provider != MANUAL:
        raise NotByTransfer("This payment is not made by a transfer.", provider=payment.provider)


def _note(
    session: Session,
    payment: Payment,
    line: StatementLine,
    transfer_id: "UUID",
    object_id: str,
    *,
    refund: Refund | None,
) -> BankTransfer:
    row = insert(BankTransfer).values(
        id=transfer_id,
        payment_id=payment.id,
        refund_id=refund and refund.id,
        object_id=object_id,
        reference=line.reference,
        amount=line.money.amount,
        currency=line.money.currency,
        booked_on=line.booked_on,
    )
    # The constraints decide: another request may note the same line for another payment right now.
    made = session.scalars(row.on_conflict_do_nothing().returning(BankTransfer)).one_or_none()
    if made is None:
        return _noted_before(session, payment, line, refund)
    publish(session, _fact(payment, made))
    return made


def _noted_before(
    session: Session, payment: Payment, line: StatementLine, refund: Refund | None
) -> BankTransfer:
    known = session.scalars(
        select(BankTransfer).where(BankTransfer.reference == line.reference)
    ).one_or_none()
    refund_id = refund and refund.id
    same = known is not None and (known.payment_id, known.refund_id, known.amount, known.currency) == (
        payment.id,
        refund_id,
        line.money.amount,
        line.money.currency,
    )
    if known is None or not same:
        raise TransferKnown("This line, or this refund, was noted before as other money.")
    return known


def _fact(payment: Payment, made: BankTransfer) -> TransferNoted:
    return TransferNoted(
        order_id=payment.order_id,
        payment_id=payment.id,
        refund_id=made.refund_id,
        amount=made.amount,
        currency=made.currency,
    )
