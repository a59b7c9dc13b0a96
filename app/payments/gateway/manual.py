"""The shop as its own provider: buyers pay to its account, operators note what the bank's statement says.

Its books are ours, so nothing is called outside: an answer is what the rows say at that moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, func, select
from sqlalchemy.orm import Session

from app.payments.errors import GatewayRefused
from app.payments.gateway.protocol import (
    CANCELED,
    MISSING,
    SUCCEEDED,
    UNPAID,
    PaymentRequest,
    ProviderPayment,
    ProviderRefund,
    RefundRequest,
)
from app.payments.models import BankTransfer, Payment, Refund
from app.payments.states import CANCELLED, FAILED, PENDING, RETURNED
from app.platform.db import transaction
from app.platform.money import Money

PREFIX = "manual_"
"""How the ids of all objects of this provider begin."""


def name_of(row_id: UUID) -> str:
    """What this provider calls the object that belongs to a row of ours."""
    return f"{PREFIX}{row_id.hex}"


class ManualGateway:
    """Transfers to the shop's account. Each call reads in a transaction of its own; none may be open."""

    def open(self, request: PaymentRequest) -> ProviderPayment:
        """An object that waits for its money, as it follows from the request alone."""
        asked = request.parameters
        metadata: Any = asked["metadata"]
        return ProviderPayment(
            provider_id=name_of(UUID(metadata["payment_id"])),
            status=UNPAID,
            amount=int(str(asked["amount"])),
            amount_received=0,
            currency=str(asked["currency"]).upper(),
            payment_id=UUID(metadata["payment_id"]),
            order_id=UUID(metadata["order_id"]),
        )

    def find(self, object_id: str) -> ProviderPayment:
        """The object as our rows have it."""
        with transaction() as session:
            return _seen(session, object_id)

    def find_by_payment(
        self, payment_id: UUID, *, flow: str, since: datetime, until: datetime | None = None
    ) -> ProviderPayment | None:
        """The payment's object, which is there as soon as the payment is."""
        return self.find(name_of(payment_id))

    def close(self, object_id: str) -> ProviderPayment:
        """Over, unless money has come; money that is noted later is late money."""
        seen = self.find(object_id)
        return seen if seen.status == SUCCEEDED else replace(seen, status=CANCELED)

    def refund(self, request: RefundRequest) -> ProviderRefund:
        """Pending: somebody has to pay it out, and to say so."""
        metadata: Any = request.parameters["metadata"]
        return self.find_refund(name_of(UUID(metadata["refund_id"])))

    def find_refund(self, provider_id: str) -> ProviderRefund:
        """The refund as our row has it."""
        with transaction() as session:
            refund = session.get(Refund, _row_id(provider_id))
            if refund is None:
                raise GatewayRefused(MISSING)
            return refund_seen(refund)

    def refunds_of(self, intent_id: str) -> Sequence[ProviderRefund]:
        """The refunds of this money that were handed to somebody to pay out, oldest first."""
        with transaction() as session:
            handed = select(Refund).join(Payment, Payment.id == Refund.payment_id)
            ours = (
                Refund.provider_id.is_not(None),
                (Refund.intent_id == intent_id)
                | (Refund.intent_id.is_(None) & (Payment.provider_id == intent_id)),
            )
            rows = session.scalars(handed.where(*ours).order_by(Refund.created_at, Refund.id))
            return [refund_seen(each) for each in rows]


def payment_seen(session: Session, payment: Payment, object_id: str) -> ProviderPayment:
    """An object of this payment, with the money that was noted for it."""
    status = CANCELED if payment.status == CANCELLED else UNPAID
    noted = money_of(session, object_id)
    return ProviderPayment(
        provider_id=object_id,
        status=SUCCEEDED if noted else status,
        amount=payment.amount,
        amount_received=noted.amount if noted else 0,
        currency=noted.currency if noted else payment.currency,
        payment_id=payment.id,
        order_id=payment.order_id,
    )


def money_of(session: Session, object_id: str) -> Money | None:
    """All that has come as one object, in however many parts; None when nothing has."""
    parts = select(func.sum(BankTransfer.amount).cast(BigInteger), BankTransfer.currency)
    of_object = parts.where(BankTransfer.object_id == object_id).group_by(BankTransfer.currency)
    row = session.execute(of_object).one_or_none()
    return Money(row[0], row[1]) if row else None


_REFUND_WORDS: Mapping[str, str] = {RETURNED: "succeeded", FAILED: "failed"}


def refund_seen(refund: Refund, status: str | None = None) -> ProviderRefund:
    """A refund in the provider's words; `status` is one of them where it is about to change."""
    return ProviderRefund(
        provider_id=name_of(refund.id),
        status=status or _REFUND_WORDS.get(refund.status, PENDING),
        amount=refund.amount,
        currency=refund.currency,
        intent_id=refund.intent_id,
        refund_id=refund.id,
        order_id=refund.order_id,
        failure_reason=refund.failure_reason,
        created_at=refund.created_at,
    )


def _seen(session: Session, object_id: str) -> ProviderPayment:
    """By the transfer, which may be another than the payment's own object, else by the payment's name."""
    of_transfer = select(BankTransfer.payment_id).where(BankTransfer.object_id == object_id).limit(1)
    payment_id = session.scalars(of_transfer).one_or_none() or _row_id(object_id)
    payment = session.get(Payment, payment_id)
    if payment is None:
        raise GatewayRefused(MISSING)
    return payment_seen(session, payment, object_id)


def _row_id(object_id: str) -> UUID:
    return UUID(object_id.removeprefix(PREFIX))
