"""New payments and refunds on the wire."""

from datetime import date, timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate, validates, validates_schema

from app.payments.gateway.protocol import FLOWS
from app.payments.states import ACCEPT, GIVE_BACK, REFUND_MOVES, REFUND_SOURCES
from app.platform.clock import now
from app.platform.schemas import (
    LARGEST_TOTAL,
    MoneySchema,
    PageQuery,
    StrictSchema,
    Text,
    WebAddress,
    WholeListSchema,
    whole_number,
)
from app.settlement.services.reasons import ASKED_FOR


class CancelSchema(StrictSchema):
    """What becomes of the goods of a paid order; only operators may say so."""

    may_be_absent = True

    restock = fields.Boolean(
        metadata={
            "description": "Operators only: whether sold units go back on the shelf; true when left out"
        }
    )


class NewPaymentSchema(StrictSchema):
    """How the order is to be paid now; the addresses are where a hosted page sends the buyer.

    A saved payment method of the user's is charged as soon as the payment is opened.
    """

    payment_flow = fields.String(
        required=True, validate=validate.OneOf(FLOWS), metadata={"example": "checkout_session"}
    )
    payment_method_id = fields.UUID(load_default=None, allow_none=True)
    success_url = WebAddress(load_default=None, allow_none=True)
    cancel_url = WebAddress(load_default=None, allow_none=True)


class RefundLineSchema(StrictSchema):
    """Units of an order's line that money is given back for."""

    line_id = fields.UUID(required=True)
    quantity = whole_number(1, 10_000, required=True, metadata={"example": 1})
    restock = fields.Boolean(
        load_default=False, metadata={"description": "Whether they are on the shelf again"}
    )


class NewRefundSchema(StrictSchema):
    """How much goes back and why. Without an amount: what was paid for the lines, or all that is left."""

    amount = fields.Nested(MoneySchema, load_default=None, allow_none=True)
    reason = fields.String(required=True, validate=validate.OneOf(ASKED_FOR))
    note = Text(most=500, load_default=None, allow_none=True)
    lines = fields.List(fields.Nested(RefundLineSchema), load_default=(), validate=validate.Length(max=100))

    @validates_schema
    def check_lines(self, data: dict[str, Any], **_: Any) -> None:
        """Who has chosen no units does not want all of the money back."""
        if data.get("lines") == [] and data.get("amount") is None:  # left out, it is a tuple
            raise ValidationError("Name some, or leave it out for all that is left.", "lines")


class ReceiptSchema(StrictSchema):
    """What came back; units that did not come are left out. Their money goes back, if no operator says no."""

    lines = fields.List(
        fields.Nested(RefundLineSchema), required=True, validate=validate.Length(min=1, max=100)
    )
    refund = fields.Boolean(
        load_default=True, metadata={"description": "Operators only: false where the money went otherwise"}
    )
    shipping = fields.Boolean(
        load_default=False,
        metadata={"description": "Operators only: whether what sending had cost goes back, too"},
    )

    @validates_schema
    def check_shipping(self, data: dict[str, Any], **_: Any) -> None:
        """What sending had cost goes back with the money for the goods, or not at all."""
        if data["shipping"] and not data["refund"]:
            raise ValidationError("Goes back only with a refund: leave one of the two out.", "shipping")


class RefundSchema(StrictSchema):
    """Money that goes back, for operators. `reason` may be one of the shop's own, as `surplus`."""

    id = fields.UUID()
    order_id = fields.UUID()
    payment_id = fields.UUID()
    status = fields.String(validate=validate.OneOf(list(REFUND_MOVES)))
    amount = fields.Nested(MoneySchema, attribute="money")
    shipping = fields.Nested(
        MoneySchema,
        attribute="shipping_money",
        metadata={"description": "What of it is for what sending had cost"},
    )
    reason = fields.String(metadata={"example": "requested_by_customer"})
    note = fields.String(allow_none=True)
    source = fields.String(validate=validate.OneOf(REFUND_SOURCES))
    provider_id = fields.String(allow_none=True)
    failure_reason = fields.String(allow_none=True)
    retry_of_id = fields.UUID(allow_none=True)
    lines = fields.List(fields.Nested(RefundLineSchema))
    created_at = fields.DateTime()
    sent_at = fields.DateTime(allow_none=True)
    succeeded_at = fields.DateTime(allow_none=True)
    failed_at = fields.DateTime(allow_none=True)


class RefundsOfOrderSchema(WholeListSchema):
    """All refunds of an order, oldest first."""

    items = fields.List(fields.Nested(RefundSchema))


class DisputesSchema(WholeListSchema):
    """An order's disputes, all of them, oldest first."""

    items = fields.List(fields.Nested("DisputeSchema"))


class RefundsSchema(StrictSchema):
    """A page of refunds."""

    items = fields.List(fields.Nested(RefundSchema))
    next_cursor = fields.String(allow_none=True)


class RefundsQuery(PageQuery):
    """Which refunds to list."""

    status = fields.String(load_default=None, validate=validate.OneOf(list(REFUND_MOVES)))


class _LineSchema(StrictSchema):
    """What a line of the bank's statement says of itself."""

    reference = Text(
        most=140,
        required=True,
        metadata={
            "example": "2026-11-23/0042",
            "description": "The bank's own name of the line",
        },
    )
    booked_on = fields.Date(load_default=None, allow_none=True)

    @validates("booked_on")
    def check_day(self, value: date | None, **_: Any) -> None:
        """Somewhere on earth it is tomorrow already. More than a year ago is a slip."""
        today = now().date()
        if value is not None and not today - timedelta(days=366) <= value <= today + timedelta(days=1):
            raise ValidationError("Must not be in the future, nor more than a year ago.")


class ReceivedMoneySchema(MoneySchema):
    """What a bank writes: more than nothing, and not always in the steps that a currency is charged in."""

    amount = whole_number(1, LARGEST_TOTAL, required=True, metadata={"example": 1999})

    def check_step(self, data: dict[str, Any], **_: Any) -> None:
        """Whatever has come can be noted."""


class ReceivedTransferSchema(_LineSchema):
    """Money that has come to the shop's account."""

    amount = fields.Nested(ReceivedMoneySchema, required=True)


class PaidOutSchema(_LineSchema):
    """The line by which all of a refund left the shop's account."""


class StatementQuery(PageQuery):
    """How much of what a bank's statement is compared with."""

    limit = fields.Integer(load_default=100, validate=validate.Range(1, 100))


class AwaitedQuery(StatementQuery):
    """Which payments to list that wait for a transfer."""

    reference = Text(
        most=140,
        load_default=None,
        metadata={
            "description": "What the buyer wrote: the number of an order is found in it, however spaced"
        },
    )


class AwaitedSchema(StrictSchema):
    """A page of payments that wait for a transfer, or that one may be for."""

    items = fields.List(fields.Nested("PaymentSchema"))
    next_cursor = fields.String(allow_none=True)


class ReviewVerdictSchema(StrictSchema):
    """What becomes of a payment that does not fit."""

    decision = fields.String(
        required=True,
        validate=validate.OneOf((ACCEPT, GIVE_BACK)),
        metadata={"description": "accept takes the money for the order, refund gives it back"},
    )
    note = Text(most=500, load_default=None, allow_none=True)
    review_id = fields.UUID(
        load_default=None, metadata={"description": "Which one, when several of the payment are open"}
    )
