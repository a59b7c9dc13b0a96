"""Payment rows. Whoever moves one has locked its order first, then the row."""

from dataclasses import asdict
from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, false, or_, select, update
from sqlalchemy.orm import Session

from app.events.services import publish
from app.payments import states
from app.payments.events import (
    ConfirmRequested,
    PaymentCancelled,
    PaymentDeclined,
    PaymentOpened,
    PaymentProcessing,
    PaymentSucceeded,
)
from app.payments.gateway.protocol import INTENT, UNPAID, Charge, ProviderPayment
from app.payments.models import Payment
from app.payments.services.parameters import without_personal
from app.platform.db import locked, now
from app.platform.errors import NotFound


def lock(session: Session, payment_id: UUID) -> Payment:
    """The payment, locked until the transaction ends; lock its order before. Raises NotFound."""
    payment = session.scalars(_held(), {"payment_id": payment_id}).one_or_none()
    if payment is None:
        raise NotFound("There is no such payment.")
    return payment


@cache
def _held() -> Select[Payment]:
    return locked(select(Payment).where(Payment.id == bindparam("payment_id")))


def record_opened(session: Session, payment: Payment, seen: ProviderPayment) -> None:
    """Note the object that the provider made for this payment. Repeating changes nothing.

    Anything beyond a plain open object, or a payment that ended meanwhile, is left to a confirmation.
    """
    if payment.object_id == seen.object_id:
        return
    adopt(session, payment, seen)
    if payment.status != states.OPEN or seen.status != UNPAID or seen.decline is not None:
        publish(session, ConfirmRequested(order_id=payment.order_id, payment_id=payment.id))


def adopt(session: Session, payment: Payment, seen: ProviderPayment) -> None:
    """Tie the payment to the provider's object, which from now on can be paid. Repeating changes nothing.

    A hosted session gets its intent later; its secret is not for our buyer, who pays on the provider's page.
    """
    first = payment.object_id is None
    payment.provider_id = payment.provider_id or seen.provider_id
    payment.session_id = payment.session_id or seen.session_id
    if payment.status == states.CREATING:
        move(payment, states.OPEN)
        _forget_refusal(payment)
    if payment.status == states.OPEN:
        payment.redirect_url = payment.redirect_url or seen.redirect_url
    if first and payment.status == states.OPEN and payment.flow == INTENT:
        payment.client_secret = seen.client_secret
    if first:
        opened = PaymentOpened(
            order_id=payment.order_id,
            payment_id=payment.id,
            provider_id=seen.object_id,
            by_transfer=payment.provider == states.MANUAL,
        )
        publish(session, opened)


def _forget_refusal(payment: Payment) -> None:
    if payment.last_error is not None and payment.last_error["code"] == states.REFUSED_BY_PROVIDER:
        payment.last_error = None


def move(payment: Payment, target: str) -> None:
    """The only writer of a payment's status. The caller holds the lock and publishes the fact."""
    states.check_move(payment.status, target)
    if payment.status == states.CREATING:
        payment.parameters = without_personal(payment.parameters)
    payment.status = target
    if target not in states.LIVE:
        payment.client_secret = payment.redirect_url = payment.waits_for_id = None


def record_succeeded(session: Session, payment: Payment, seen: ProviderPayment) -> None:
    """The money was taken."""
    moment = now(session)
    move(payment, states.SUCCEEDED)
    payment.succeeded_at = moment
    payment.captured_amount += seen.amount_received
    payment.last_error = None
    _note_method(payment, seen)
    publish(
        session,
        PaymentSucceeded(
            order_id=payment.order_id,
            payment_id=payment.id,
            amount=seen.amount_received,
            currency=payment.currency,
        ),
    )


def reopen(payment: Payment) -> None:
    """The provider's work came to nothing; the same object can be paid again."""
    move(payment, states.OPEN)


def record_processing(session: Session, payment: Payment, seen: ProviderPayment) -> None:
    """The provider decides later."""
    move(payment, states.PROCESSING)
    _note_method(payment, seen)
    publish(session, PaymentProcessing(order_id=payment.order_id, payment_id=payment.id))


def record_declined(session: Session, payment: Payment, seen: ProviderPayment) -> None:
    """An attempt failed and another may follow. The same attempt again changes nothing."""
    if seen.decline is None or payment.last_error == asdict(seen.decline):
        return
    payment.last_error = asdict(seen.decline)
    code = seen.decline.decline_code or seen.decline.code
    publish(session, PaymentDeclined(order_id=payment.order_id, payment_id=payment.id, code=code))


def record_cancelled(session: Session, payment: Payment) -> None:
    """This payment will never take money."""
    move(payment, states.CANCELLED)
    publish(session, PaymentCancelled(order_id=payment.order_id, payment_id=payment.id))


def abandon(session: Session, payment: Payment) -> None:
    """The order is over: close its payment in our books, unless in review, and have the provider asked.

    A worker closes what can still take money there, and owes back what it has taken.
    """
    if payment.status in states.LIVE:
        record_cancelled(session, payment)
    if payment.object_id is not None:
        publish(session, ConfirmRequested(order_id=payment.order_id, payment_id=payment.id))


def note_charge(session: Session, charge: Charge) -> bool:
    """Remember what a payment was paid with; False when no payment of ours is behind the charge."""
    ours = [Payment.provider_id == charge.provider_id] if charge.provider_id else []
    ours += [Payment.id == charge.payment_id] if charge.payment_id else []
    noted = (
        update(Payment)
        .where(or_(false(), *ours))  # a charge without either id is none of ours
        .values(method_kind=charge.kind, method_brand=charge.brand, method_last4=charge.last4)
    )
    return session.scalar(noted.returning(Payment.id)) is not None


def _note_method(payment: Payment, seen: ProviderPayment) -> None:
    if seen.charge is not None:
        payment.method_kind = seen.charge.kind
        payment.method_brand = seen.charge.brand
        payment.method_last4 = seen.charge.last4
