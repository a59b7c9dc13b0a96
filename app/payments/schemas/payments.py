"""Payments and the inbox on the wire."""

from marshmallow import fields, validate

from app.payments.gateway.protocol import FLOWS
from app.payments.models import INBOX_STATES
from app.payments.states import DISPUTE_STATES, MOVES, REVIEW_CONCERNS, REVIEW_DECISIONS
from app.platform.schemas import MoneySchema, PageQuery, StrictSchema


class PaymentMethodSchema(StrictSchema):
    """What was paid with."""

    kind = fields.String(metadata={"example": "card"})
    brand = fields.String(allow_none=True, metadata={"example": "visa"})
    last4 = fields.String(allow_none=True, metadata={"example": "4242"})


class PaymentErrorSchema(StrictSchema):
    """Why the last attempt failed."""

    code = fields.String(
        metadata={
            "example": "card_declined",
            "description": "`refused_by_provider` when it could not even be opened: ask for another payment",
        }
    )
    decline_code = fields.String(allow_none=True, metadata={"example": "insufficient_funds"})
    message = fields.String()


class InstructionsSchema(StrictSchema):
    """What to give one's bank: the reference goes into the transfer, so that the money finds its order."""

    reference = fields.String(metadata={"example": "ORD-20261121-7K3M9Q"})
    account = fields.String(metadata={"example": "Backroom Ltd, IBAN GB33BUKB20201555555555"})
    pay_until = fields.DateTime()


class PaymentSchema(StrictSchema):
    """A payment as its buyer sees it, while it can be paid with what its flow needs for that.

    `client_secret` is for the card form, `redirect_url` the hosted page, `instructions` for a bank transfer.
    """

    id = fields.UUID()
    order_id = fields.UUID()
    status = fields.String(validate=validate.OneOf(list(MOVES)))
    amount = fields.Nested(MoneySchema, attribute="money")
    flow = fields.String(validate=validate.OneOf(FLOWS))
    provider = fields.String(metadata={"example": "stripe"})
    method = fields.Nested(PaymentMethodSchema, allow_none=True)
    provider_id = fields.String(allow_none=True)
    session_id = fields.String(allow_none=True)
    client_secret = fields.String(allow_none=True)
    redirect_url = fields.String(allow_none=True)
    instructions = fields.Nested(InstructionsSchema, allow_none=True)
    last_error = fields.Nested(PaymentErrorSchema, allow_none=True)


class ReceivedSchema(StrictSchema):
    """The event is kept."""

    received = fields.Boolean()


class ProviderEventSchema(StrictSchema):
    """One event of the provider and what became of it."""

    id = fields.String()
    type = fields.String(metadata={"example": "payment_intent.succeeded"})
    object_id = fields.String(allow_none=True)
    api_version = fields.String(allow_none=True)
    status = fields.String(validate=validate.OneOf(INBOX_STATES))
    received_at = fields.DateTime()
    processed_at = fields.DateTime(allow_none=True)


class ProviderEventsSchema(StrictSchema):
    """A page of the inbox, newest first."""

    items = fields.List(fields.Nested(ProviderEventSchema))
    next_cursor = fields.String(allow_none=True)


class ProviderEventsQuery(PageQuery):
    """Which events to list."""

    status = fields.String(load_default=None, validate=validate.OneOf(INBOX_STATES))


class DisputeSchema(StrictSchema):
    """What a bank asks back; `withdrawn`: the money is gone now. Evidence is handed in at the provider."""

    id = fields.UUID()
    payment_id = fields.UUID()
    provider_id = fields.String(metadata={"example": "du_1MtJUT2eZvKYlo2CNaw2HvEv"})
    status = fields.String(validate=validate.OneOf(DISPUTE_STATES))
    reason = fields.String(metadata={"example": "product_not_received"})
    amount = fields.Nested(MoneySchema, attribute="money")
    withdrawn = fields.Boolean()
    evidence_due_at = fields.DateTime(allow_none=True)
    opened_at = fields.DateTime()
    closed_at = fields.DateTime(allow_none=True)


class PaymentReviewSchema(StrictSchema):
    """An object of the provider's that does not fit its payment."""

    id = fields.UUID()
    order_id = fields.UUID()
    payment_id = fields.UUID()
    concerns = fields.String(validate=validate.OneOf(REVIEW_CONCERNS))
    object_id = fields.String(metadata={"example": "pi_3PqR"})
    reason = fields.String(metadata={"description": "The fact that does not fit", "example": "amount"})
    amount = fields.Nested(
        MoneySchema, attribute="money", metadata={"description": "Taken, or asked for, when it was seen"}
    )
    opened_at = fields.DateTime()
    lapsed_at = fields.DateTime(allow_none=True)
    decision = fields.String(allow_none=True, validate=validate.OneOf(REVIEW_DECISIONS))
    note = fields.String(allow_none=True)
    decided_by = fields.String(allow_none=True, metadata={"example": "user:01890a5d"})
    decided_at = fields.DateTime(allow_none=True)


class PaymentReviewsSchema(StrictSchema):
    """A page of reviews, newest first."""

    items = fields.List(fields.Nested(PaymentReviewSchema))
    next_cursor = fields.String(allow_none=True)


class PaymentReviewsQuery(PageQuery):
    """Which reviews to list."""

    status = fields.String(load_default="open", validate=validate.OneOf(("open", "decided")))
