"""Lines of the shop's bank statement."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Amount, Base, Currency
from app.platform.ids import new_id


class BankTransfer(Base):
    """One line of the shop's bank statement that an operator has noted: money of a payment, in or out.

    `reference` is the bank's own name for it, so that no line counts twice. With a `refund_id` it went out.
    `object_id` is what the money is called where the provider's objects have their ids; money that came in
    parts is one object.
    """

    __tablename__ = "bank_transfers"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_bank_transfers_payment_id", "payment_id"),
        Index("ix_bank_transfers_object_id", "object_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"), unique=True)
    object_id: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    booked_on: Mapped[date | None]
    noted_at: Mapped[datetime] = mapped_column(server_default=func.now())
