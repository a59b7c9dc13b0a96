"""Payment rows. Whoever moves one has locked its order first, then the row."""

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from sqlalchemy import false, func, or_, select, update
from sqlalchemy.orm import Session

from app.events.services import publish
from app.payments import states
from app.payments.errors import AmountTooLarge, AmountTooSmall
from app.payments.events import (
    ConfirmRequested,
    PaymentCancelled,
    PaymentDeclined,
    PaymentOpened,
    PaymentProcessing,
    PaymentSucceeded,
)
from app.payments.gateway.protocol import Charge, PaymentRequest, ProviderPayment
from app.payments.models import Payment
from app.platform.db import locked, now
from app.platform.errors import NotFound
from app.platform.ids import new_id
from app.platform.money import Money

LARGEST_AMOUNT = 99_999_999
"""Stripe's largest charge: eight digits (docs.stripe.com/api/payment_intents/create)."""
MINIMUM_AMOUNTS = {
    "USD": 50, "AED": 200, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50,
    "GBP": 30, "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300,
    "NZD": 50, "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000,
}  # fmt: skip
"""Stripe's smallest charges (docs.stripe.com/currencies, "Minimum and maximum charge amounts")."""


def create(session: Session, *, order_id: UUID, amount: int, currency: str) -> Payment:
    """Write a payment with its key and the exact parameters of the call that will open it, marked as sent.

    `amount` in minor units. Raises AmountTooSmall and AmountTooLarge beyond what the provider takes.
    """
    if amount > LARGEST_AMOUNT:
        raise AmountTooLarge(f"The total must be at most {Money(LARGEST_AMOUNT, currency)}: order less.")
    least = MINIMUM_AMOUNTS.get(currency, 1)
    if amount < least:
        raise AmountTooSmall(f"The total must be at least {Money(least, currency)}: add something.")
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
    if payment.provider_id is not None:
        return
    adopt(session, payment, seen)
    if payment.status != states.OPEN or seen.status != "requires_payment_method":
        publish(session, ConfirmRequested(order_id=payment.order_id, payment_id=payment.id))


def adopt(session: Session, payment: Payment, seen: ProviderPayment) -> None:
    """Tie the payment to the provider's object, which from now on can be paid. Repeating changes nothing."""
    if payment.provider_id is not None:
        return
    payment.provider_id = seen.provider_id
    if payment.status == states.CREATING:
        move(payment, states.OPEN)
        payment.client_secret = seen.client_secret
    publish(
        session,
        PaymentOpened(order_id=payment.order_id, payment_id=payment.id, provider_id=seen.provider_id),
    )


def move(payment: Payment, target: str) -> None:
    """The only writer of a payment's status. The caller holds the lock and publishes the fact."""
    states.check_move(payment.status, target)
    payment.status = target
    if target not in states.LIVE:
        payment.client_secret = None


def record_succeeded(session: Session, payment: Payment, seen: ProviderPayment) -> None:
    """The money was taken."""
    moment = now(session)
    move(payment, states.SUCCEEDED)
    payment.succeeded_at = moment
    payment.last_error = None
    _note_method(payment, seen)
    publish(
        session,
        PaymentSucceeded(
            order_id=payment.order_id, payment_id=payment.id, amount=payment.amount, currency=payment.currency
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
    if payment.provider_id is not None:
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


def sent_for(session: Session, payment: Payment) -> timedelta:
    """How long ago the call that opens the payment was first sent, by the database's clock."""
    return now(session) - (payment.sent_at or payment.created_at)
