"""Messages on the wire."""

from marshmallow import fields, validate

from app.notifications.states import BOUNCES, CHANNELS, KINDS, MOVES
from app.platform.schemas import PageQuery, StrictSchema, Text


class MessageSchema(StrictSchema):
    """One message and how far it came, for operators."""

    id = fields.UUID()
    kind = fields.String(validate=validate.OneOf(KINDS))
    order_id = fields.UUID(allow_none=True, metadata={"description": "None for a mail about an account"})
    refund_id = fields.UUID(allow_none=True, metadata={"description": "What a mail about a refund is about"})
    parcel_id = fields.UUID(
        allow_none=True, metadata={"description": "Of which a mail says that it is sent, or ready"}
    )
    return_id = fields.UUID(allow_none=True, metadata={"description": "What a mail about a return is about"})
    user_id = fields.UUID(allow_none=True, metadata={"description": "Whose account a mail is about"})
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    recipient = fields.String(metadata={"example": "buyer@example.com"})
    locale = fields.String()
    message_id = fields.String(metadata={"description": "Its Message-ID, the same at every attempt"})
    status = fields.String(validate=validate.OneOf(list(MOVES)))
    attempts = fields.Integer()
    started_at = fields.DateTime(allow_none=True)
    sent_at = fields.DateTime(allow_none=True)
    provider_answer = fields.String(allow_none=True, metadata={"example": "250 2.0.0 Ok: queued as 4F1"})
    last_error = fields.String(allow_none=True)
    created_at = fields.DateTime()


class MessagesSchema(StrictSchema):
    """A page of messages, newest first."""

    items = fields.List(fields.Nested(MessageSchema))
    next_cursor = fields.String(allow_none=True)


class MessagesQuery(PageQuery):
    """Which messages to list."""

    status = fields.String(load_default=None, validate=validate.OneOf(list(MOVES)))


class StockNoticeSchema(StrictSchema):
    """A variant that the caller waits for."""

    variant_id = fields.UUID()
    created_at = fields.DateTime()


class BounceSchema(StrictSchema):
    """What the mail provider tells of an address; only what is final."""

    email = Text(most=254, required=True, metadata={"example": "buyer@example.com"})
    kind = fields.String(
        required=True,
        validate=validate.OneOf(BOUNCES),
        metadata={"description": "bounce: no mailbox takes it; complaint: its owner called a mail spam"},
    )
    reason = Text(
        most=2000, load_default=None, allow_none=True, metadata={"example": "550 5.1.1 No such mailbox"}
    )


class UndeliverableAddressSchema(StrictSchema):
    """An address that nothing more is sent to."""

    id = fields.UUID()
    email = fields.String()
    kind = fields.String(validate=validate.OneOf(BOUNCES))
    reason = fields.String(allow_none=True)
    noted_at = fields.DateTime()


class UndeliverableAddressesSchema(StrictSchema):
    """A page of them, the one noted last first."""

    items = fields.List(fields.Nested(UndeliverableAddressSchema))
    next_cursor = fields.String(allow_none=True)
