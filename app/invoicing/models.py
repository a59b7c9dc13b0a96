"""Invoices, credit notes, and how far their numbers are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.invoicing.states import KINDS
from app.platform.db import Amount, Base, Currency, Json, one_of
from app.platform.ids import new_id
from app.platform.money import Money


class Document(Base):
    """An invoice of an order, or the credit note of one of its refunds.

    `facts` is all that stands on it, frozen when it got its number; the database refuses to change anything
    but what is told of its file, which can be made anew from the facts: `sha256` and `byte_size`, once it is
    stored. `sequence` counts those of its kind and year from 1, without a gap.
    """

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("kind", "year", "sequence", name="uq_documents_kind_year_sequence"),
        CheckConstraint(one_of("kind", KINDS), name="kind_known"),
        CheckConstraint("(kind = 'credit_note') = (refund_id IS NOT NULL)", name="refund_given"),
        CheckConstraint("sequence > 0", name="sequence_positive"),
        CheckConstraint("tax_amount BETWEEN 0 AND total_amount", name="tax_within_total"),
        CheckConstraint("num_nulls(rendered_at, sha256, byte_size) IN (0, 3)", name="file_known_wholly"),
        Index(
            "uq_documents_invoiced_order", "order_id", unique=True, postgresql_where=text("kind = 'invoice'")
        ),
        Index("ix_documents_order_id", "order_id"),
        Index("ix_documents_issued_at_id", "issued_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    year: Mapped[int]
    sequence: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"), unique=True)
    currency: Mapped[Currency]
    total_amount: Mapped[Amount]
    tax_amount: Mapped[Amount]
    facts: Mapped[Json]
    issued_at: Mapped[datetime]
    rendered_at: Mapped[datetime | None]
    sha256: Mapped[str | None]
    byte_size: Mapped[int | None]

    @property
    def total(self) -> Money:
        """What is to be paid, or goes back."""
        return Money(self.total_amount, self.currency)

    @property
    def tax(self) -> Money:
        """The tax in the total."""
        return Money(self.tax_amount, self.currency)

    @property
    def is_ready(self) -> bool:
        """Whether its file can be read."""
        return self.rendered_at is not None


class DocumentNumber(Base):
    """The last number of a kind and year, and when it was given: locked by whoever takes the next one."""

    __tablename__ = "document_numbers"
    __table_args__ = (CheckConstraint(one_of("kind", KINDS), name="kind_known"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
    given_at: Mapped[datetime]
