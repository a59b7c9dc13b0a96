"""Payment and refund rows. Whoever moves one has locked its order first, then the row."""

from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.events.services import publish
from app.payments import states
from app.payments.errors import AmountTooSmall
from app.payments.events import (
    ConfirmRequested,
    PaymentCancelled,
    PaymentDeclined,
    PaymentOpened,
    PaymentProcessing,
    PaymentSucceeded,
    RefundOwed,
)
from app.payments.gateway.protocol import PaymentRequest, ProviderPayment
from app.payments.models import Payment, Refund
from app.platform.db import locked
from app.platform.errors import NotFound
from app.platform.ids import new_id
from app.platform.money import Money

MINIMUM_AMOUNTS = {
    "USD": 50, "AED": 200, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50,
    "GBP": 30, "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300,
    "NZD": 50, "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000,
}  # fmt: skip
"""Stripe's smallest charges (docs.stripe.com/currencies, "Minimum and maximum charge amounts")."""


def create(session: Session, *, order_id: UUID, amount: int, currency: str) -> Payment:
    """Write a payment with its key and the exact parameters of the call that will open it, marked as sent.

    `amount` in minor units. Raises AmountTooSmall below the provider's minimum.
    """
    least = MINIMUM_AMOUNTS.get(currency, 1)
    if amount < least:
        raise AmountTooSmall(
            f"A payment must be at least {Money(least, currency)}. Add something to the cart."
        )
    payment_id = new_id()
    payment = Payment(
        id=payment_id,
        order_id=order_id,
        provider="stripe",
        flow="payment_intent",
        status=states.CREATING,
        amount=amount,
        currency=currency,
        idempotency_key=f"payment:{payment_id}",
        parameters={
            "amount": amount,
            "currency": currency.lower(),
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"payment_id": str(payment_id), "order_id": str(order_id)},
        },
        sent_at=func.now(),
    )
    session.add(payment)
    session.flush()
    return payment


def lock(session: Session, payment_id: UUID) -> Payment:
    """The payment, locked until the transaction ends; lock its order before. Raises NotFound."""
    payment = session.scalars(locked(select(Payment).where(Payment.id == payment_id))).one_or_none()
    if payment is None:
        raise NotFound("There is no such payment.")
    return payment


def request_to_open(payment: Payment) -> PaymentRequest | None:
    """The call that opens the payment, or None when there is nothing to open any more."""
    if payment.status != states.CREATING:
        return None
    return PaymentRequest(payment.idempotency_key, payment.parameters)


def record_opened(session: Session, payment: Payment, seen: ProviderPayment) -> None:
    """Note the object that the provider made for this payment. Repeating changes nothing.

    Anything beyond a plain open object, or a payment that ended meanwhile, is left to a confirmation.
    """
    if payment.provider_id is None:
        payment.provider_id = seen.provider_id
        ids = {"order_id": payment.order_id, "payment_id": payment.id}
        publish(session, PaymentOpened(**ids, provider_id=seen.provider_id))
        if payment.status == states.CREATING:
            move(payment, states.OPEN)
        if payment.status != states.OPEN or seen.status != "requires_payment_method":
            publish(session, ConfirmRequested(**ids))
    if payment.status == states.OPEN:
        payment.client_secret = seen.client_secret


def move(payment: Payment, target: str) -> None:
    """The only writer of a payment's status. The caller holds the lock and publishes the fact."""
    states.check_move(payment.status, target)
    payment.status = target
    if target not in states.LIVE:
        payment.client_secret = None


def record_succeeded(session: Session, payment: Payment, seen: ProviderPayment) -> None:
    """The money was taken."""
    move(payment, states.SUCCEEDED)
    payment.succeeded_at = _now(session)
    payment.last_error = None
    note_method(payment, seen)
    publish(
        session,
        PaymentSucceeded(
            order_id=payment.order_id, payment_id=payment.id, amount=payment.amount, currency=payment.currency
        ),
    )


def record_processing(session: Session, payment: Payment, seen: ProviderPayment) -> None:
    """The provider decides later."""
    move(payment, states.PROCESSING)
    note_method(payment, seen)
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


def note_method(payment: Payment, seen: ProviderPayment) -> None:
    """Remember what it is paid with, as far as the provider says."""
    if seen.method_last4 is not None or payment.method_kind is None:
        payment.method_kind = seen.method_kind
        payment.method_brand = seen.method_brand
        payment.method_last4 = seen.method_last4


def owe_refund(session: Session, payment: Payment, *, reason: str) -> Refund:
    """Record that all of a payment's money must go back. `reason` is for the timeline and the books."""
    refund_id = new_id()
    refund = Refund(
        id=refund_id,
        order_id=payment.order_id,
        payment_id=payment.id,
        amount=payment.amount,
        currency=payment.currency,
        reason=reason,
        idempotency_key=f"refund:{refund_id}",
    )
    session.add(refund)
    publish(
        session,
        RefundOwed(
            order_id=payment.order_id,
            refund_id=refund_id,
            payment_id=payment.id,
            amount=refund.amount,
            currency=refund.currency,
            reason=reason,
        ),
    )
    return refund


def sent_for(session: Session, payment: Payment) -> timedelta:
    """How long ago the call that opens the payment was first sent, by the database's clock."""
    return _now(session) - (payment.sent_at or payment.created_at)


def _now(session: Session) -> datetime:
    return session.scalars(select(func.now())).one()
